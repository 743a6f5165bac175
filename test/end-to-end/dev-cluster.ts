/**
 * A real cluster for tests: `elock dev` with ports of the system's choice, in a directory that
 * vanishes. Nothing outlives the test, or the tests of a file, that asked for it, however they end.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { beforeAll, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../adapters/temporary-directory.ts';
import { BUNDLED } from '../bundled.ts';
import { TextClient } from '../transcripts/text-client.ts';

/** How a process ended. */
export interface Ending {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One peer, as the line of JSON tells it. */
export interface PeerProcess {
  readonly id: string;
  readonly pid: number;
  readonly port: number;
  readonly address: string;
}

/**
 * `elock` with arguments; its standard error is a stream of log lines.
 *
 * `limits` is shell that runs before it, such as `ulimit -f 100;`; `main` another script of Node.
 */
export class ElockProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ending>;
  readonly #output: Interface;
  readonly #log: string[] = [];
  readonly #logged: (() => void)[] = [];
  /** Everything on standard output so far. */
  output = '';

  constructor(
    args: readonly string[],
    environment: NodeJS.ProcessEnv = {},
    limits = '',
    main = BUNDLED,
    atEnd: AtEnd = onTestFinished,
  ) {
    const command = `${limits} exec "$0" "$@"`;
    this.child = spawn('bash', ['-c', command, process.execPath, main, ...args], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
    });
    this.#output = createInterface({ input: this.child.stderr! });
    this.#output.on('line', (line) => {
      this.#log.push(line);
      for (const wake of this.#logged.splice(0)) wake();
    });
    this.ended = once(this.child, 'close').then(([status, signal]) => ({ status, signal }));
    atEnd(() => this.kill());
  }

  /** The log so far, a line each. */
  get log(): readonly string[] {
    return this.#log;
  }

  /** The first line of the log, old or new, that contains a text. */
  async logged(text: string): Promise<string> {
    for (;;) {
      const line = this.#log.find((each) => each.includes(text));
      if (line !== undefined) return line;
      const heard = new Promise<'line'>((resolve) => this.#logged.push(() => resolve('line')));
      const first = await Promise.race([heard, this.ended]);
      if (first !== 'line' && !this.#log.some((each) => each.includes(text))) {
        throw new Error(`ended without logging '${text}':\n${this.#log.join('\n')}`);
      }
    }
  }

  /** Asks it to stop, and says how it ended. */
  stop(): Promise<Ending> {
    this.child.kill('SIGTERM');
    return this.ended;
  }

  /** Ends it without a word. */
  kill(): void {
    this.child.kill('SIGKILL');
  }
}

/** Takes what is to be done at the end; the last that was given comes first. */
export type AtEnd = (end: () => void) => void;

/** What a cluster is started with. */
export interface ClusterOptions {
  readonly peers?: number;
  /** Default: a new one. */
  readonly data?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** The script of Node that is `elock`. */
  readonly main?: string;
}

/** A cluster that is ready. */
export class TestCluster {
  readonly data: string;
  readonly dev: ElockProcess;
  readonly peers: readonly PeerProcess[];

  private constructor(data: string, dev: ElockProcess, peers: readonly PeerProcess[]) {
    this.data = data;
    this.dev = dev;
    this.peers = peers;
  }

  /** Starts `elock dev`, and waits until it says that it is ready. */
  static async start(
    options: ClusterOptions = {},
    atEnd: AtEnd = onTestFinished,
  ): Promise<TestCluster> {
    const data = options.data ?? temporaryDirectory(atEnd);
    const args = ['dev', '--json', '--port', '0', '--data', data];
    if (options.peers !== undefined) args.push('--peers', String(options.peers));
    const dev = new ElockProcess(args, options.environment, '', options.main, atEnd);
    const line = await firstLine(dev);
    const { ready, peers } = JSON.parse(line) as { ready: boolean; peers: PeerProcess[] };
    if (!ready) throw new Error(`not ready: ${line}`);
    atEnd(() => {
      for (const { pid } of peers) killIfRunning(pid);
    });
    return new TestCluster(data, dev, peers);
  }

  /** A client of the peer of that index. */
  async client(index: number): Promise<TextClient> {
    const client = await TextClient.connect(this.peers[index]!.port);
    onTestFinished(() => void client.socket.destroy());
    return client;
  }

  /** Sends a signal to the peer of that index. */
  signal(index: number, signal: NodeJS.Signals): void {
    process.kill(this.peers[index]!.pid, signal);
  }

  /** Stops a peer, as SIGSTOP does, until the test is over at the latest. */
  pause(index: number): void {
    this.signal(index, 'SIGSTOP');
    onTestFinished(() => this.resume(index));
  }

  /** Lets a peer that was stopped go on. */
  resume(index: number): void {
    const { pid } = this.peers[index]!;
    if (isRunning(pid)) process.kill(pid, 'SIGCONT');
  }
}

/** One thing for all tests of a file, or of a `describe`, that ends with the last of them. */
export function share<Thing>(start: (atEnd: AtEnd) => Promise<Thing>): () => Thing {
  let thing: Thing;
  beforeAll(async () => {
    const ends: (() => void)[] = [];
    try {
      thing = await start((end) => ends.unshift(end));
    } catch (error) {
      for (const end of ends) end();
      throw error;
    }
    return () => {
      for (const end of ends) end();
    };
  });
  return () => thing;
}

/** One cluster for all tests of a file, or of a `describe`; none of them may harm it for others. */
export function shareCluster(options: ClusterOptions = {}): () => TestCluster {
  return share((atEnd) => TestCluster.start(options, atEnd));
}

/**
 * Takes a lock that nobody holds for long, and gives its token. With patience: a busy machine may
 * lose its majority for a moment, or be slow to give back what was granted after a `503`.
 */
export async function acquire(client: TextClient, name: string): Promise<number> {
  return tokenOf(await client.ask(`lock ${name} 300`));
}

/** Asks until there is a yes or a no: `503` is neither, and a busy machine is cause enough for it. */
export async function decided(client: TextClient, line: string): Promise<string | null> {
  for (;;) {
    const answer = await client.ask(line);
    if (!answer?.startsWith('503 ')) return answer;
  }
}

/** The token of `200 Acquired TOKEN MS`; fails on any other answer. */
export function tokenOf(answer: string | null): number {
  const token = /^200 Acquired (\d+) \d+$/.exec(answer ?? '')?.[1];
  if (token === undefined) throw new Error(`not acquired: ${answer}`);
  return Number(token);
}

/** Whether a process with that id exists. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Kills a process, if there is one with that id. */
export function killIfRunning(pid: number): void {
  if (isRunning(pid)) process.kill(pid, 'SIGKILL');
}

async function firstLine(dev: ElockProcess): Promise<string> {
  const lines = createInterface({ input: dev.child.stdout! });
  const line = once(lines, 'line').then(([text]) => text as string);
  const ended = dev.ended.then((ending): never => {
    throw new Error(`ended before it was ready: ${JSON.stringify(ending)}\n${dev.log.join('\n')}`);
  });
  return Promise.race([line, ended]);
}
