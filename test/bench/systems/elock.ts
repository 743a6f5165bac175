/**
 * Three durable elock peers as `elock dev` starts them, and clients that speak plain lines.
 *
 * Also says which port each peer answers on, for cells that hold a conversation of their own.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LineConnection } from '../../../src/client/index.ts';
import { LineClient } from '../line-client.ts';
import { type LockClient, type LockSystem, SERVERS } from '../lock-system.ts';
import { firstLine, type Server, startServer, stopServer, untilReady } from '../servers.ts';

/** Compiled, this file is `dist/test/bench/systems/elock.js`. */
const COMMAND = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));

/** The line that `elock dev --json` writes once every peer sees a quorum. */
interface Ready {
  readonly peers: readonly { readonly pid: number; readonly port: number }[];
}

/** Elock itself. */
export class ElockSystem implements LockSystem {
  readonly name = 'elock';
  readonly setting = `${SERVERS} peers of elock dev, every vote on disk before it is spoken`;
  #launcher: Server | null = null;
  #peers: Ready['peers'] = [];
  #directory = '';
  /** Peers that were started again by themselves. */
  readonly #revived = new Map<number, Server>();

  get pids(): readonly number[] {
    return this.#peers.map((peer, index) => this.#revived.get(index)?.pid ?? peer.pid);
  }

  /** The text port of peer `index` modulo the number of peers. */
  port(index: number): number {
    return this.#peers[index % this.#peers.length]!.port;
  }

  missing(): string | null {
    return existsSync(COMMAND) ? null : `there is no ${COMMAND}`;
  }

  async start(directory: string): Promise<void> {
    const flags = ['--peers', String(SERVERS), '--port', '0', '--json', '--data', directory];
    const log = join(directory, 'dev.log');
    this.#directory = directory;
    this.#launcher = await startServer(process.execPath, [COMMAND, 'dev', ...flags], log, 'pipe');
    this.#peers = (JSON.parse(await firstLine(this.#launcher)) as Ready).peers;
  }

  connect(index: number): Promise<LockClient> {
    return connectElock(this.port(index));
  }

  /** `kill -9` of peer `index`. */
  kill(index: number): void {
    process.kill(this.pids[index]!, 'SIGKILL');
  }

  /** Starts a killed peer again from its disk, and resolves when it reaches all others. */
  async revive(index: number): Promise<void> {
    const data = join(this.#directory, `peer-${index + 1}`);
    const log = join(this.#directory, `revived-${index + 1}.log`);
    const peer = await startServer(process.execPath, [COMMAND, 'start', '--data', data], log);
    this.#revived.set(index, peer);
    await untilReady(peer, () => isWhole(this.port(index)));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#revived.values()].map(stopServer));
    this.#revived.clear();
    if (this.#launcher !== null) await stopServer(this.#launcher);
    this.#launcher = null;
    this.#peers = [];
  }
}

/** Whether the peer at that port reaches all voters. */
async function isWhole(port: number): Promise<boolean> {
  const connection = await LineConnection.open({ host: '127.0.0.1', port });
  const { rows } = await connection.request('stats', { list: true });
  connection.destroy();
  return rows.includes(`STAT voters_reached ${SERVERS}`);
}

/** A client of the peer, or whatever speaks its protocol, at a port of this machine. */
export async function connectElock(port: number): Promise<LockClient> {
  return new ElockClient(await LineClient.connect(port));
}

class ElockClient implements LockClient {
  readonly #lines: LineClient;

  constructor(lines: LineClient) {
    this.#lines = lines;
  }

  async acquire(name: string, waitMs: number): Promise<boolean> {
    const line = waitMs === 0 ? `lock ${name}` : `lock ${name} ${Math.ceil(waitMs / 1_000)}`;
    const reply = await this.#lines.request(line);
    if (reply.startsWith('200')) return true;
    if (reply.startsWith('409')) return false;
    throw new Error(`${line}: expected 200 or 409, got ${reply}`);
  }

  async release(name: string): Promise<void> {
    const reply = await this.#lines.request(`unlock ${name}`);
    if (!reply.startsWith('200')) throw new Error(`unlock ${name}: expected 200, got ${reply}`);
  }

  close(): Promise<void> {
    return this.#lines.close();
  }
}
