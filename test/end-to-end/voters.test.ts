/**
 * Voters that change while a client holds a lock: by themselves, by command, and for good.
 */
import { describe, expect, it } from 'vitest';
import { tokenOf } from './dev-cluster.ts';
import { done, FormedCluster, run } from './forming.ts';

interface Voters {
  readonly epoch: number;
  readonly voters: readonly string[];
  readonly resting: readonly string[];
  readonly removed: readonly string[];
}

/** What a busy machine is told now and then: peers suspect each other, or are still to meet. */
const NOT_NOW = /not connected|not agreed in time/;

async function voters(cluster: FormedCluster, ...words: string[]): Promise<Voters> {
  const { data } = cluster.peers[0]!;
  for (;;) {
    const { status, output, log } = await run('voters', ...words, '--data', data, '--json');
    if (status === 0) return JSON.parse(output) as Voters;
    if (!NOT_NOW.test(log)) throw new Error(`voters ${words.join(' ')}: ${log}`);
  }
}

describe('the voters of a cluster', () => {
  it('grow by themselves to the wanted number, and change by command, while a lock is held', async () => {
    const cluster = await FormedCluster.begin();
    const holder = await cluster.client(0);
    expect(tokenOf(await holder.ask('lock door'))).toBe(1);
    for (let joined = 0; joined < 3; joined += 1) await cluster.join();
    const ids = cluster.peers.map(({ id }) => id);
    await Promise.all([cluster.votersAre(3), cluster.met()]);
    const present = await voters(cluster);
    const spare = ids.find((id) => !present.voters.includes(id))!;

    const four = await voters(cluster, 'add', spare.slice(-12));
    expect(four.voters).toEqual(ids.toSorted());
    const three = await voters(cluster, 'remove', ids[3]!);
    expect(three).toMatchObject({ epoch: four.epoch + 1, resting: [ids[3]] });
    const replaced = await voters(cluster, 'replace', ids[2]!, ids[3]!);
    expect(replaced.voters).toEqual([ids[0], ids[1], ids[3]].toSorted());
    const set = await voters(cluster, 'set', ids[0]!, ids[1]!, ids[2]!);
    expect(set.voters).toEqual([ids[0], ids[1], ids[2]].toSorted());

    for (const index of ids.keys()) {
      const client = await cluster.client(index);
      expect(await client.ask('lock door')).toMatch(/^409/);
      expect(tokenOf(await client.ask(`lock own-${index} 10`))).toBeGreaterThan(0);
    }
    expect(await holder.ask('unlock door')).toMatch(/^200/);
    const next = await cluster.client(2);
    expect(tokenOf(await next.ask('lock door 10'))).toBe(2);
  });

  it('are not changed by what makes no sense, with a status of its own', async () => {
    const cluster = await FormedCluster.begin();
    const { data, id } = cluster.peers[0]!;
    for (const [words, why] of [
      [['remove', id], 'at least one voter'],
      [['replace', id], 'there is no spare'],
      [['want', '0'], '1 to 31'],
    ] as const) {
      const refused = await run('voters', ...words, '--data', data);
      expect(refused).toMatchObject({ status: 1, log: expect.stringContaining(why) });
    }
    const unknown = await run('voters', 'add', 'nobody', '--data', data);
    expect(unknown).toMatchObject({ status: 64, log: expect.stringContaining('elock status') });
    const none = await run('voters', 'add', '--data', data);
    expect(none.status).toBe(64);
    expect((await run('remove', id, '--data', data)).status).toBe(1);
  });
});

describe('a peer', () => {
  it('that leaves votes no more, and one that is removed is shut out at once', async () => {
    const cluster = await FormedCluster.begin('--voters', '1');
    const [left, removed] = [await cluster.join(), await cluster.join()];
    await cluster.met();
    await voters(cluster, 'add', left.id, removed.id);
    const gone = await done('leave', '--data', left.data);
    expect(gone.output).toContain('votes no more');
    expect(await voters(cluster)).toMatchObject({ resting: [left.id] });

    const client = await cluster.client(2);
    expect(await client.ask('set_timeout 500')).toMatch(/^200/);
    expect(tokenOf(await client.ask('lock door'))).toBe(1);
    const { data } = cluster.peers[0]!;
    const shut = await done('remove', removed.id, '--data', data);
    expect(shut.output).toContain('elock secret rotate');
    expect((await voters(cluster)).removed).toEqual([removed.id]);
    await removed.elock.logged('was removed from the cluster');
    const status = await run('status', '--data', removed.data);
    expect(status).toMatchObject({ status: 69, output: expect.stringContaining('new directory') });
    await removed.elock.stop();
    const back = await cluster.start(removed.data);
    await back.elock.logged('removed from');
    expect(await (await cluster.client(3)).ask('lock other')).toMatch(/^503/);
    const other = await cluster.client(0);
    expect(tokenOf(await other.ask('lock door 40'))).toBe(2);
  });
});
