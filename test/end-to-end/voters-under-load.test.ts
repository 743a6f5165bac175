/**
 * Voters that change under fifty clients, from one to three, five, four and three: no operation is
 * refused, no lock is lost, tokens rise, and nobody waits for long.
 */
import { expect, it, onTestFinished } from 'vitest';
import type { TextClient } from '../transcripts/text-client.ts';
import { tokenOf } from './dev-cluster.ts';
import { FormedCluster, run } from './forming.ts';
import { longestPauseMs, tell, Witness } from './witness.ts';

const CLIENTS = 50;
const NAMES = 20;
/** Longer than any change takes, however busy the machine. */
const WAIT_S = 60;
/** What a busy machine is told now and then: peers suspect each other, or are still to meet. */
const NOT_NOW = /not connected|not agreed in time|are needed/;

/** Clients that take and give back locks that others want, too, until told to stop. */
class Load {
  readonly witness = new Witness();
  /** Answers that were neither yes nor what the client had done itself. */
  readonly refusals: string[] = [];
  /** When each lock was granted. */
  readonly grants: number[] = [];
  #isOver = false;

  async loop(client: TextClient, id: string, name: string): Promise<void> {
    while (!this.#isOver) {
      const answer = await client.ask(`lock ${name} ${WAIT_S}`);
      if (!answer?.startsWith('200')) return this.#refused(id, `lock ${name}`, answer);
      this.grants.push(performance.now());
      this.witness.granted(name, id, tokenOf(answer));
      this.witness.givenBack(name, id);
      const released = await client.ask(`unlock ${name}`);
      if (!released?.startsWith('200')) return this.#refused(id, `unlock ${name}`, released);
    }
  }

  #refused(id: string, line: string, answer: string | null): void {
    this.refusals.push(`${id}: ${line}: ${answer}`);
  }

  stop(): void {
    this.#isOver = true;
  }
}

async function change(cluster: FormedCluster, ...words: string[]): Promise<string[]> {
  for (;;) {
    const { data } = cluster.peers[0]!;
    const { status, output, log } = await run('voters', ...words, '--data', data, '--json');
    if (status === 0) return (JSON.parse(output) as { voters: string[] }).voters;
    if (!NOT_NOW.test(log)) throw new Error(`voters ${words.join(' ')}: ${log}`);
  }
}

it('voters change from 1 to 3, 5, 4 and 3 while fifty clients lock and unlock', async () => {
  const cluster = await FormedCluster.begin('--voters', '1');
  for (let joined = 0; joined < 4; joined += 1) await cluster.join();
  await cluster.met();
  const ids = cluster.peers.map(({ id }) => id);
  const holder = await cluster.client(4);
  const kept = tokenOf(await holder.ask(`lock kept ${WAIT_S}`));

  const load = new Load();
  onTestFinished(() => load.stop());
  const loops: Promise<void>[] = [];
  for (let index = 0; index < CLIENTS; index += 1) {
    const client = await cluster.client(index % ids.length);
    loops.push(load.loop(client, `client ${index}`, `lock-${index % NAMES}`));
  }
  for (const [words, voters] of [
    [
      ['add', ids[1]!, ids[2]!],
      [0, 1, 2],
    ],
    [
      ['add', ids[3]!, ids[4]!],
      [0, 1, 2, 3, 4],
    ],
    [
      ['remove', ids[4]!],
      [0, 1, 2, 3],
    ],
    [
      ['remove', ids[0]!],
      [1, 2, 3],
    ],
  ] as const) {
    const startedAt = performance.now();
    expect(await change(cluster, ...words)).toEqual(voters.map((index) => ids[index]!).toSorted());
    // Everybody gets on in the new epoch before the next change.
    const before = load.grants.length;
    await Promise.race([
      Promise.all(loops),
      (async () => {
        const probe = await cluster.client(1);
        while (load.grants.length < before + CLIENTS && load.refusals.length === 0) {
          await probe.ask(`lock probe ${WAIT_S}`);
          await probe.ask('unlock probe');
        }
      })(),
    ]);
    const pause = longestPauseMs(load.grants, startedAt);
    tell(`voters ${words[0]} to ${voters.length}, longest pause between grants`, pause);
  }
  load.stop();
  await Promise.all(loops);
  expect(load.refusals).toEqual([]);
  expect(load.witness.complaints).toEqual([]);
  expect(tokenOf(await holder.ask('lock kept'))).toBe(kept);
  expect(await (await cluster.client(2)).ask('lock kept')).toMatch(/^409/);
  expect(await holder.ask('unlock kept')).toMatch(/^200/);
  expect(tokenOf(await (await cluster.client(0)).ask(`lock kept ${WAIT_S}`))).toBe(kept + 1);
});
