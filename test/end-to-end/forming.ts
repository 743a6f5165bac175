/**
 * Peers of a cluster that is formed by hand: `elock init` and `start`, each in a process of its own,
 * with ports of the system's choice.
 *
 * What `elock invite` and `join` do is done here, if no test is about those: two processes fewer for
 * each peer, of nearly half of all its work.
 */
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { DataDirectory } from '../../src/adapters/data-directory.ts';
import type { InviteResult } from '../../src/admin/invite.ts';
import { askPeer } from '../../src/cli/ask-peer.ts';
import { writeFirstFile } from '../../src/cli/config-file.ts';
import { createConfig } from '../../src/config.ts';
import { comeIn } from '../../src/membership.ts';
import { temporaryDirectory } from '../adapters/temporary-directory.ts';
import { BUNDLED } from '../bundled.ts';
import { TextClient } from '../transcripts/text-client.ts';
import { type AtEnd, ElockProcess, share } from './dev-cluster.ts';

const ADDRESS = '/ip4/127.0.0.1/tcp/0';
/** Between two questions: a peer that is asked without a pause has less time for what is awaited. */
const PACE_MS = 20;

/** What a command came to. */
export interface Outcome {
  readonly status: number | null;
  readonly output: string;
  readonly log: string;
}

/** Runs `elock` to its end. */
export function run(...args: string[]): Promise<Outcome> {
  return outcomeOf(processOf(args, onTestFinished));
}

function processOf(args: readonly string[], atEnd: AtEnd): ElockProcess {
  return new ElockProcess(args, {}, '', BUNDLED, atEnd);
}

async function outcomeOf(elock: ElockProcess): Promise<Outcome> {
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
  readonly peers: FormedPeer[] = [];
  /** The cluster id. */
  id = '';
  readonly #directory: string;
  readonly #atEnd: AtEnd;
  #made = 0;

  constructor(atEnd: AtEnd = onTestFinished) {
    this.#atEnd = atEnd;
    this.#directory = temporaryDirectory(atEnd);
  }

  /** A directory of a new peer. */
  newData(): string {
    this.#made += 1;
    return join(this.#directory, `peer-${this.#made}`);
  }

  /** A cluster of one. */
  static async begin(...args: string[]): Promise<FormedCluster> {
    const cluster = new FormedCluster();
    await cluster.#begin(args);
    return cluster;
  }

  /** A cluster of so many for all tests of a file; those that come in later end with it, too. */
  static share(peers: number, ...args: string[]): () => FormedCluster {
    return share(async (atEnd) => {
      const cluster = new FormedCluster(atEnd);
      await cluster.#begin(args);
      while (cluster.peers.length < peers) await cluster.join();
      return cluster;
    });
  }

  async #begin(args: readonly string[]): Promise<void> {
    const data = this.newData();
    const made = await this.#done('init', '--data', data, '--listen', ADDRESS, '--json', ...args);
    this.id = (JSON.parse(made.output) as { cluster: string }).cluster;
    await this.start(data);
  }

  async #done(...args: string[]): Promise<Outcome> {
    return succeeded(args, await outcomeOf(processOf(args, this.#atEnd)));
  }

  /** The line of the peer of that index. */
  async invite(index = 0): Promise<string> {
    return (await askPeer<InviteResult>(this.peers[index]!.data, 'invite')).invite;
  }

  /** Brings in one more peer, and starts it. */
  async join(invite?: string): Promise<FormedPeer> {
    const data = this.newData();
    const directory = await DataDirectory.open(data);
    try {
      comeIn(directory, invite ?? (await this.invite()), createConfig({}));
      await writeFirstFile(data, [ADDRESS]);
    } finally {
      await directory.close();
    }
    return this.start(data);
  }

  /** Starts the peer of a directory; resolves when it serves clients. */
  async start(data: string, flags: readonly string[] = ['--no-mdns']): Promise<FormedPeer> {
    const elock = processOf(['start', '--data', data, '--port', '0', ...flags], this.#atEnd);
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

  /** Until the first peer has a channel to each of the others. */
  async met(): Promise<void> {
    const [first, ...others] = this.peers as [FormedPeer, ...FormedPeer[]];
    const heard = others.map(({ id }) => first.elock.logged(`"channel opened","peer":"${id}"`));
    await Promise.all(heard);
  }

  /** Until the peer of that index says that so many vote. */
  async votersAre(count: number, index = 0): Promise<void> {
    const client = await this.client(index);
    for (;;) {
      client.send('peers\n');
      let voters = 0;
      for (let line = ''; line !== 'END'; line = (await client.line()) ?? 'END') {
        if (line.includes(' voter yes ')) voters += 1;
      }
      if (voters === count) return;
      await setTimeout(PACE_MS);
    }
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
  return succeeded(args, await run(...args));
}

function succeeded(args: readonly string[], outcome: Outcome): Outcome {
  if (outcome.status !== 0) throw new Error(`elock ${args.join(' ')}: ${outcome.log}`);
  return outcome;
}
