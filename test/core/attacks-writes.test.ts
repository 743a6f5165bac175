/**
 * The attacks on writers and keepers: R2, R13, R21, R26, R27 and R28 of the list in the issue.
 * Attacks on changing the voters (R5, R19, R20: rules 17 and 18) are out of scope here.
 */
import { describe, expect, test } from 'vitest';
import type { LockName, PeerId } from '../../src/core/types.ts';
import { Cluster } from './cluster.ts';
import { Parts, VOTERS } from './parts.ts';
import { ballot, holder, lockNamed, lockRecord, Solo, said } from './solo.ts';

const door = lockNamed('door');

/** The records that each ballot of the lock's register was sent with. */
function recordsByBallot(cluster: Cluster): string[][] {
  const records = new Map<string, Set<string>>();
  for (const { message } of cluster.said('accept')) {
    const key = JSON.stringify([message.register, message.ballot]);
    records.set(key, (records.get(key) ?? new Set()).add(JSON.stringify(message.record)));
  }
  return [...records.values()].map((set) => [...set]);
}

describe('R2', () => {
  test('R2: a grant under way is not changed when the heir withdraws', () => {
    const cluster = new Cluster();
    const [a, b, c] = [cluster.client(0), cluster.client(1), cluster.client(2)];
    a.lock('door');
    b.wait('door', 300);
    cluster.run(20);
    c.wait('door', 60_000);
    cluster.run(20);
    cluster.hold(0, 1);
    cluster.hold(0, 2);
    a.send({ kind: 'unlock', name: door.lock });
    expect(cluster.runUntil(() => b.heard.length > 0, 1_000)).toBe(true);
    cluster.run(100);
    cluster.flow(0, 1);
    cluster.flow(0, 2);
    expect(cluster.runUntil(() => c.token !== null, 10_000)).toBe(true);
    for (const records of recordsByBallot(cluster)) expect(records).toHaveLength(1);
  });

  test('R2: an heir without a vote that hears of its lock again, later, does not use it twice', () => {
    const cluster = new Cluster({ peers: 5, voters: 3 });
    const [a, b, c] = [cluster.client(0), cluster.client(3), cluster.client(4)];
    a.lock('door');
    b.wait('door', 60_000);
    c.wait('door', 60_000);
    cluster.run(20);
    cluster.hold(2, 3);
    a.unlock('door');
    expect(cluster.runUntil(() => b.token === 2, 2_000)).toBe(true);
    b.unlock('door');
    expect(cluster.runUntil(() => c.token === 3, 2_000)).toBe(true);
    cluster.run(1_500);
    cluster.flow(2, 3);
    cluster.run(2_000);
    for (const records of recordsByBallot(cluster)) expect(records).toHaveLength(1);
    expect(c.unlock('door')).toEqual({ kind: 'released' });
    expect(cluster.client(1).lock('door', 10_000)).toMatchObject({ token: 4 });
  });
});

describe('R13', () => {
  test('R13: a keeper that read an uncertain holder writes it before it says held', () => {
    const parts = new Parts();
    for (const voter of VOTERS) parts.links.alive(voter, 1);
    parts.keeper.takeOn(door.lock);
    const { request = 0 } = said(parts.take(), 'prepare')[0] ?? {};
    const held = lockRecord(1, holder('s', 'p'));
    parts.writer.onPromise('x' as PeerId, promise(request, held));
    parts.writer.onPromise('y' as PeerId, promise(request, null));
    const claim = holder('t', 'z');
    const message = { kind: 'claim', lock: door.lock, claim, waits: false } as const;
    parts.keeper.onClaim('z' as PeerId, message);
    const effects = parts.take();
    expect(said(effects, 'held')).toEqual([]);
    const [sent] = said(effects, 'accept');
    expect(sent).toMatchObject({ record: held });
    for (const from of ['x', 'y'] as PeerId[]) {
      parts.writer.onAccepted(from, { kind: 'accepted', request: sent?.request ?? 0 });
    }
    expect(said(parts.take(), 'held')).toMatchObject([{ to: 'z', stamp: claim.stamp }]);
  });
});

function promise(request: number, record: ReturnType<typeof lockRecord> | null, round = 1) {
  const accepted = record === null ? null : { ballot: ballot(round, 'b'), record };
  return { kind: 'promise', request, accepted, floorToken: 0, leaseLeftMs: 0 } as const;
}

/** A try of a session at home `from`, which the peer is made to keep the lock for. */
function tryOf(solo: Solo, from: string, counter: number): void {
  const { session, attachment, stamp } = holder('s', from, 1, counter);
  const claim = { session, attachment, stamp };
  solo.hear(solo.self, { kind: 'release', lock: door.lock, stamp: { ...stamp, counter: 0 } });
  solo.hear(from, { kind: 'claim', lock: door.lock, claim, waits: false });
}

describe('R21', () => {
  test('R21: an heir that was never told asks the voters, though its own names it as owner', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.client(0), cluster.client(1)];
    a.lock('door');
    b.wait('door', 60_000);
    cluster.run(50);
    cluster.lose = ({ to, message }) =>
      to === 1 && ['handover', 'inherit', 'granted', 'ask'].includes(message.kind);
    a.send({ kind: 'unlock', name: door.lock });
    expect(cluster.runUntil(() => cluster.storedLock(1, 'door')?.token === 2, 100)).toBe(true);
    cluster.crash(0);
    cluster.lose = () => false;
    expect(cluster.runUntil(() => b.token !== null, 4_000)).toBe(true);
    expect(b.token).toBe(2);
  });
});

describe('R26', () => {
  test('R26: no prepare is sent twice, however often channels break', () => {
    const cluster = new Cluster();
    const clients = [0, 1, 2].map((index) => cluster.client(index));
    for (const client of clients) client.wait('door', 20_000);
    for (let round = 0; round < 30; round++) {
      cluster.breakChannel(round % 3, (round + 1) % 3);
      cluster.run(2);
    }
    expect(cluster.runUntil(() => clients.some(({ token }) => token !== null), 20_000)).toBe(true);
    const sent = cluster
      .said('prepare')
      .map(({ to, message }) => JSON.stringify([to, message.register, message.ballot]));
    expect(new Set(sent).size).toBe(sent.length);
  });

  test('R26: a late refusal of the prepare does not count against the accept', () => {
    const solo = new Solo();
    solo.wait(400, ['b', 'c']);
    tryOf(solo, 'b', 7);
    const asked = solo.said('prepare').at(-1);
    const request = asked?.request ?? 0;
    solo.hear('b', promise(request, null));
    const written = solo.said('accept').at(-1);
    expect(written?.request).not.toBe(request);
    const refused = {
      kind: 'refused',
      request,
      promised: ballot(50, 'c'),
      leaseLeftMs: 0,
    } as const;
    expect(said(solo.hear('c', refused), 'ask')).toEqual([]);
    const chosen = solo.hear('b', { kind: 'accepted', request: written?.request ?? 0 });
    expect(chosen[0]).toMatchObject({ kind: 'observe', observation: { kind: 'chosen' } });
  });

  test('R26: a late promise of an earlier ballot does not count for a later one', () => {
    const solo = new Solo({ voters: ['a', 'b', 'c', 'd', 'e'] });
    solo.wait(400, ['b', 'c', 'd', 'e']);
    tryOf(solo, 'b', 7);
    const first = solo.said('prepare').at(-1)?.request ?? 0;
    solo.meet('c', 1);
    solo.wait(100, ['b', 'c', 'd', 'e']);
    const second = solo.said('prepare').at(-1)?.request ?? 0;
    expect(second).not.toBe(first);
    for (const from of ['c', 'd', 'e']) solo.hear(from, promise(first, null));
    expect(solo.said('accept')).toEqual([]);
    for (const from of ['d', 'e']) solo.hear(from, promise(second, null));
    expect(solo.said('accept').length).toBeGreaterThan(0);
  });
});

describe('R27', () => {
  test.each([
    ['certainly', 2, false],
    ['perhaps', 1, true],
  ])(
    'R27: a keeper that reads that its own waiter %s holds the lock grants it',
    (_, same, writes) => {
      const solo = new Solo({ self: 'e', voters: ['x', 'y', 'z'] });
      solo.wait(400, ['x', 'y', 'z']);
      solo.command(1, { kind: 'lock', name: 'door' as LockName, waitMs: 100_000 });
      answerAccepts(solo);
      const asked = solo.said('claim').at(-1);
      solo.wait(600, ['x', 'y', 'z']);
      const prepared = solo.said('prepare').at(-1);
      expect(prepared?.register).toBe(door.register);
      const stamp = asked?.claim.stamp ?? holder('s', 'e').stamp;
      const mine = lockRecord(4, { ...holder('s', 'e'), stamp });
      const request = prepared?.request ?? 0;
      solo.hear('x', promise(request, mine, 3));
      solo.hear('y', promise(request, same === 2 ? mine : null, 3));
      expect(solo.said('accept').some(({ register }) => register === door.register)).toBe(writes);
      if (writes) answerAccepts(solo);
      expect(solo.responses.at(-1)).toMatchObject({ kind: 'acquired', token: 4 });
    },
  );
});

function answerAccepts(solo: Solo): void {
  const request = solo.said('accept').at(-1)?.request ?? 0;
  for (const from of ['x', 'y', 'z']) solo.hear(from, { kind: 'accepted', request });
}

describe('R28', () => {
  test('R28: a keeper with nothing to change writes nothing, however often it is asked', () => {
    const cluster = new Cluster();
    cluster.client(0).lock('door');
    const waiter = cluster.client(1);
    cluster.client(2).lock('other');
    waiter.wait('door', 20_000);
    cluster.run(50);
    const before = cluster.said('accept').length;
    for (let round = 0; round < 5; round++) {
      expect(cluster.client(2).lock('door')).toMatchObject({ reason: 'held' });
    }
    cluster.run(10_000);
    const after = cluster.said('accept').slice(before);
    expect(after.filter(({ message }) => message.register === door.register)).toEqual([]);
  });
});
