/**
 * `kill -9` of the peer of many sessions under load, again and again: every session comes back at
 * another peer with its locks, none is held twice, and tokens rise.
 *
 * `KILL_ROUNDS=100` runs the long loop; one suffices for the suite.
 */
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Client, LineConnection, type Lock } from '../../src/client/index.ts';
import { percentile } from '../bench/statistics.ts';
import { ElockProcess, TestCluster } from '../end-to-end/dev-cluster.ts';
import { Witness } from '../end-to-end/witness.ts';

const ROUNDS = Number(process.env['KILL_ROUNDS'] ?? 1);
const CLIENTS = 50;
const CONTESTED = 10;

interface Member {
  readonly name: string;
  readonly client: Client;
  readonly own: Lock;
  /** When it noticed that its peer is gone, and has not been attached since. */
  noticedAt: number | null;
}

/** Sessions, each with a lock of its own, that take turns at some others. */
class Crowd {
  readonly members: Member[] = [];
  readonly witness = new Witness();
  /** From noticing the loss of a peer to the next attachment (ms). */
  readonly returns: number[] = [];
  readonly losses: string[] = [];
  turns = 0;
  #isOver = false;
  #wake: () => void = () => {};

  async join(index: number, peers: readonly string[]): Promise<void> {
    const name = `client-${index}`;
    const client = new Client({ peers });
    onTestFinished(() => client.close());
    const own = await client.acquire(`own-${index}`);
    const member: Member = { name, client, own, noticedAt: null };
    client.on('disconnected', () => {
      member.noticedAt ??= performance.now();
    });
    client.on('connected', () => this.#returned(member));
    client.on('lost', ({ detail }) => this.losses.push(detail.error.message));
    this.members.push(member);
  }

  #returned(member: Member): void {
    if (member.noticedAt !== null) this.returns.push(performance.now() - member.noticedAt);
    member.noticedAt = null;
    this.#wake();
  }

  /** Takes turns until told to stop. */
  async work(index: number): Promise<void> {
    const { client, name } = this.members[index]!;
    for (let turn = index; !this.#isOver; turn += 1) {
      const contested = `contested-${turn % CONTESTED}`;
      await client.locks.request(contested, async (lock) => {
        this.witness.granted(contested, name, lock.token);
        await new Promise(setImmediate);
        if (lock.isHeld) this.witness.givenBack(contested, name);
      });
      this.turns += 1;
    }
  }

  stop(): void {
    this.#isOver = true;
  }

  /** Until so many more have come back. */
  async untilReturned(count: number): Promise<void> {
    while (this.returns.length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** Until the peer at that port reaches all others. */
async function untilWhole(port: number, voters: number): Promise<void> {
  for (;;) {
    const peer = { host: '127.0.0.1', port };
    const rows = await LineConnection.open(peer)
      .then(async (connection) => {
        const reply = await connection.request('stats', { list: true });
        connection.destroy();
        return reply.rows;
      })
      .catch((): readonly string[] => []);
    if (rows.includes(`STAT voters_reached ${voters}`)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

it(
  `${CLIENTS} sessions move with their locks each time their peer is killed`,
  async () => {
    const cluster = await TestCluster.start();
    const ports = cluster.peers.map(({ port }) => port);
    const pids = cluster.peers.map(({ pid }) => pid);
    const peers = ports.map((port) => `127.0.0.1:${port}`);
    const crowd = new Crowd();
    await Promise.all(Array.from({ length: CLIENTS }, (_, index) => crowd.join(index, peers)));
    const work = Promise.all(crowd.members.map((_, index) => crowd.work(index)));
    let moved = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const counts = peers.map((at) => crowd.members.filter(({ client }) => client.peer === at));
      const victim = counts.findIndex(
        (on) => on.length === Math.max(...counts.map((c) => c.length)),
      );
      moved += counts[victim]!.length;
      process.kill(pids[victim]!, 'SIGKILL');
      await Promise.race([crowd.untilReturned(moved), work]);
      const data = join(cluster.data, `peer-${victim + 1}`);
      pids[victim] = new ElockProcess(['start', '--data', data]).child.pid!;
      await Promise.race([untilWhole(ports[victim]!, peers.length), work]);
    }
    crowd.stop();
    await work;
    expect(crowd.losses).toEqual([]);
    expect(crowd.witness.complaints).toEqual([]);
    for (const { own } of crowd.members) expect(own.isHeld).toBe(true);
    const [p50, max] = [percentile(crowd.returns, 0.5), Math.max(...crowd.returns)].map(Math.round);
    console.info(
      `${ROUNDS} kills, ${crowd.returns.length} sessions moved, ${crowd.turns} turns; ` +
        `from noticing to attached: p50 ${p50} ms, longest ${max} ms`,
    );
  },
  120_000 + ROUNDS * 60_000,
);
