/**
 * Sessions with more locks than are written at a time: they are let go of, and taken along, so many
 * at a time, and in the end all of them.
 */
import { describe, expect, test } from 'vitest';
import { Cluster } from './cluster.ts';
import type { TestClient } from './test-client.ts';

const AT_ONCE = 3;
const LOCKS = 10;

/** Peers 1 to 3 vote; the fourth serves clients, and asks the others for everything. */
function clusterOf(): Cluster {
  return new Cluster({ peers: 4, voters: 3, settings: { pageSize: AT_ONCE } });
}

function takeAll(client: TestClient): void {
  for (let lock = 0; lock < LOCKS; lock++) client.lock(`door-${lock}`);
}

/** Of which locks the home without a vote has asked for a change since `from`. */
function asked(cluster: Cluster, kind: 'accept' | 'prepare', from = 0): Set<string> {
  const said = cluster.said(kind).slice(from);
  const ofHome = said.filter((sent) => sent.from === 3 && sent.message.register.startsWith('L'));
  return new Set(ofHome.map(({ message }) => message.register));
}

function isFree(cluster: Cluster, lock: number): boolean {
  return cluster.storedLock(1, `door-${lock}`)?.holder === null;
}

function freeCount(cluster: Cluster): number {
  return Array.from({ length: LOCKS }, (_, lock) => lock).filter((lock) => isFree(cluster, lock))
    .length;
}

describe('a session with many locks', () => {
  test('lets go of so many at a time, and answers when all are free', () => {
    const cluster = clusterOf();
    const client = cluster.client(3);
    takeAll(client);
    const before = cluster.said('accept').length;
    cluster.lose = ({ message }) => message.kind === 'accept';
    client.send({ kind: 'unlock-all' });
    cluster.run(50);
    expect(asked(cluster, 'accept', before).size).toBe(AT_ONCE);
    cluster.lose = () => false;
    for (const voter of [0, 1, 2]) cluster.breakChannel(3, voter);
    cluster.run(1_000);
    expect(client.last).toMatchObject({ response: { kind: 'released-all', count: LOCKS } });
    expect(freeCount(cluster)).toBe(LOCKS);
  });

  test('does not keep another that lets go of one waiting', () => {
    const cluster = clusterOf();
    const [many, one] = [cluster.client(3), cluster.client(3)];
    takeAll(many);
    one.lock('gate');
    cluster.lose = ({ message }) =>
      message.kind === 'accept' && message.register.startsWith('Ldoor');
    many.send({ kind: 'unlock-all' });
    expect(one.unlock('gate')).toEqual({ kind: 'released' });
    expect(cluster.storedLock(1, 'gate')?.holder).toBe(null);
    expect(freeCount(cluster)).toBe(0);
  });

  test('vouches for none of them once it lets go of all', () => {
    const cluster = clusterOf();
    const client = cluster.client(3);
    takeAll(client);
    cluster.lose = ({ message }) => message.kind === 'accept';
    client.send({ kind: 'unlock-all' });
    cluster.run(3_000);
    for (let lock = 0; lock < LOCKS; lock++) {
      const name = `door-${lock}`;
      expect(client.unlock(name), name).toEqual({ kind: 'refused', reason: 'not-owner' });
    }
  });

  test('lets go of all when it ends, and leaves none when it leaves meanwhile', () => {
    const cluster = clusterOf();
    const client = cluster.client(3);
    client.setTimeout(3_000);
    takeAll(client);
    client.send({ kind: 'unlock-all' });
    client.disconnect();
    cluster.run(3_000 + 1_000);
    expect(freeCount(cluster)).toBe(LOCKS);
  });

  test('gives all its waits up, so many at a time, when its client leaves', () => {
    const cluster = clusterOf();
    const [holder, waiter] = [cluster.client(1), cluster.client(3)];
    takeAll(holder);
    for (let lock = 0; lock < LOCKS; lock++) waiter.queue(`door-${lock}`, 60_000);
    cluster.run(100);
    cluster.lose = ({ message }) => message.kind === 'released';
    const before = cluster.said('release').length;
    waiter.disconnect();
    cluster.run(50);
    expect(cluster.said('release').length - before).toBe(AT_ONCE);
    cluster.lose = () => false;
    cluster.run(10_000);
    expect(cluster.said('release').length - before).toBeGreaterThanOrEqual(LOCKS);
    holder.ask({ kind: 'unlock-all' });
    cluster.run(1_000);
    expect(freeCount(cluster)).toBe(LOCKS);
  });

  test('takes so many along at a time when it moves, and in the end all', () => {
    const cluster = clusterOf();
    const first = cluster.client(1);
    const session = first.session();
    takeAll(first);
    first.disconnect();
    cluster.lose = ({ message }) => message.kind === 'prepare' && message.register.startsWith('L');
    const second = cluster.client(3);
    second.send({ kind: 'resume', session });
    cluster.run(50);
    expect(asked(cluster, 'prepare').size).toBe(AT_ONCE);
    cluster.lose = () => false;
    for (const voter of [0, 1, 2]) cluster.breakChannel(3, voter);
    cluster.run(2_000);
    expect(second.last).toMatchObject({ response: { kind: 'resumed', locks: LOCKS } });
  });
});
