/**
 * Peers of a cluster that is formed by hand: `elock init`, `invite`, `join` and `start`, each in a
 * process of its own, with ports of the system's choice.
 */
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryDirectory } from '../adapters/temporary-directory.ts';
import { TextClient } from '../transcripts/text-client.ts';
import { ElockProcess } from './dev-cluster.ts';

const LISTEN = ['--listen', '/ip4/127.0.0.1/tcp/0'];

/** What a command came to. */
export interface Outcome {
  readonly status: number | null;
  readonly output: string;
  readonly log: string;
}

/** Runs `elock` to its end. */
export async function run(...args: string[]): Promise<Outcome> {
  const elock = new ElockProcess(args);
  const { status } = await elock.ended;
  return { status, output: elock.output, log: elock.log.join('\n') };
}

/** A peer that serves clients. */
export interface FormedPeer {
  readonly data: string;
  readonly id: string;
  readonly elock: ElockProcess;
  readonly port: number;
}

/** A cluster that grows. */
export class FormedCluster {
  readonly #directory = temporaryDirectory();
  readonly peers: FormedPeer[] = [];
  /** The cluster id. */
  id = '';
  #made = 0;

  /** A directory of a new peer. */
  newData(): string {
    this.#made += 1;
    return join(this.#directory, `peer-${this.#made}`);
  }

  /** A cluster of one. */
  static async begin(...args: string[]): Promise<FormedCluster> {
    const cluster = new FormedCluster();
    const data = cluster.newData();
    const made = await done('init', '--data', data, ...LISTEN, '--json', ...args);
    cluster.id = (JSON.parse(made.output) as { cluster: string }).cluster;
    await cluster.start(data);
    return cluster;
  }

  /** The line of the peer of that index. */
  async invite(index = 0): Promise<string> {
    const { output } = await done('invite', '--data', this.peers[index]!.data);
    return output.trim();
  }

  /** Brings in one more peer, and starts it. */
  async join(): Promise<FormedPeer> {
    const data = this.newData();
    await done('join', await this.invite(), '--data', data, ...LISTEN);
    return this.start(data);
  }

  /** Starts the peer of a directory; resolves when it serves clients. */
  async start(data: string, flags: readonly string[] = ['--no-mdns']): Promise<FormedPeer> {
    const elock = new ElockProcess(['start', '--data', data, '--port', '0', ...flags]);
    const line = await elock.logged('"message":"started"');
    const { port, peer: id } = JSON.parse(line) as { port: number; peer: string };
    const peer = { data, id, elock, port };
    this.peers.push(peer);
    return peer;
  }

  /** What a peer says of the cluster. */
  async status(index = 0): Promise<Record<string, unknown>> {
    const { output } = await run('status', '--json', '--data', this.peers[index]!.data);
    return JSON.parse(output) as Record<string, unknown>;
  }

  /** A client of the peer of that index. */
  async client(index: number): Promise<TextClient> {
    const client = await TextClient.connect(this.peers[index]!.port);
    onTestFinished(() => void client.socket.destroy());
    return client;
  }
}

/** Runs `elock`, which must succeed. */
export async function done(...args: string[]): Promise<Outcome> {
  const outcome = await run(...args);
  if (outcome.status !== 0) throw new Error(`elock ${args.join(' ')}: ${outcome.log}`);
  return outcome;
}
