/**
 * The attacks on sessions that move: R12, R14, R15, R16, R23, R24 and R29 of the list in the issue.
 * Attacks on changing the voters (R5, R19, R20: rules 17 and 18) are out of scope here.
 */
import { describe, expect, test } from 'vitest';
import type { LockName, SessionId } from '../../src/core/types.ts';
import { Cluster } from './cluster.ts';
import type { TestClient } from './test-client.ts';

const HELD = { kind: 'refused', reason: 'held' };

/** A client of that peer that has a session and holds some locks. */
function holderOf(cluster: Cluster, index: number, ...names: string[]): [TestClient, SessionId] {
  const client = cluster.client(index);
  const session = client.session();
  for (const name of names) client.lock(name);
  return [client, session];
}

describe('R12', () => {
  test("R12: a former home's late release does not free the lock that a session took along", () => {
    const cluster = new Cluster();
    const [a, session] = holderOf(cluster, 0, 'door');
    cluster.isolate(0);
    cluster.run(1_200);
    expect(a.unlock('door')).toEqual({ kind: 'released' });
    const b = cluster.client(1);
    expect(b.resume(session)).toEqual({ kind: 'resumed', locks: 1 });
    cluster.rejoin(0);
    const released = () => cluster.said('release').some(({ from, to }) => from === 0 && to !== 0);
    cluster.runUntil(released, 5_000);
    cluster.run(2_000);
    expect(cluster.client(2).lock('door')).toEqual(HELD);
    expect(b.lock('door')).toMatchObject({ kind: 'acquired', token: 1 });
  });

  test('R12: the lock that moved is written under a claim of its new home', () => {
    const cluster = new Cluster();
    const [, session] = holderOf(cluster, 0, 'door');
    cluster.crash(0);
    cluster.run(1_200);
    cluster.client(1).resume(session);
    expect(cluster.storedLock(1, 'door')).toMatchObject({
      token: 1,
      holder: { session, attachment: 2, stamp: { home: cluster.id(1) } },
    });
  });
});

describe('R14', () => {
  test('R14: a client that comes back to a former home is not told of locks it has released', () => {
    const cluster = new Cluster();
    const [a, session] = holderOf(cluster, 0, 'door', 'gate');
    a.disconnect();
    cluster.isolate(0);
    cluster.run(1_200);
    const b = cluster.client(1);
    expect(b.resume(session)).toEqual({ kind: 'resumed', locks: 2 });
    b.unlock('door');
    b.disconnect();
    cluster.rejoin(0);
    const back = cluster.client(0);
    expect(back.resume(session)).toEqual({ kind: 'resumed', locks: 1 });
    expect(back.lock('gate')).toMatchObject({ token: 1 });
    expect(cluster.client(2).lock('door')).toMatchObject({ token: 2 });
    expect(cluster.client(2).lock('gate')).toEqual(HELD);
  });

  test('R14: coming back to the same home writes a higher attachment', () => {
    const cluster = new Cluster();
    const [a, session] = holderOf(cluster, 0, 'door');
    a.disconnect();
    expect(cluster.client(0).resume(session)).toEqual({ kind: 'resumed', locks: 1 });
    const written = cluster.said('accept').map(({ message: { record } }) => record);
    expect(written.at(-1)).toMatchObject({ kind: 'session', attachment: 2 });
  });
});

describe('R15', () => {
  test('R15: a session whose take-over was given up, yet chosen, expires all the same', () => {
    const cluster = new Cluster();
    const a = cluster.client(0);
    a.setTimeout(3_000);
    const session = a.session();
    a.lock('door');
    cluster.crash(0);
    cluster.run(1_200);
    const b = cluster.client(1);
    const taken = () =>
      cluster.said('accept').some(({ from, message }) => from === 1 && message.ballot.round > 0);
    b.send({ kind: 'resume', session });
    expect(cluster.runUntil(taken, 1_000)).toBe(true);
    cluster.hold(2, 1);
    cluster.run(1_300);
    expect(b.last).toMatchObject({ response: { kind: 'indeterminate' } });
    cluster.flow(2, 1);
    cluster.run(100);
    const c = cluster.client(2);
    expect(c.lock('door', 20_000)).toMatchObject({ kind: 'acquired', token: 2 });
  });
});

describe('R16', () => {
  test("R16: once its locks are listed, no voter grants one to a session's old claim", () => {
    const cluster = new Cluster({ peers: 4, voters: 3 });
    const [a, session] = holderOf(cluster, 3, 'gate');
    const c = cluster.client(2);
    c.lock('door');
    a.wait('door', 60_000);
    cluster.run(20);
    cluster.cut(3, 1);
    cluster.cut(3, 0);
    cluster.run(1_200);
    cluster.hold(2, 3);
    expect(cluster.client(1).resume(session)).toEqual({ kind: 'resumed', locks: 1 });
    c.unlock('door');
    cluster.run(50);
    expect(cluster.storedLock(1, 'door')).toMatchObject({ token: 1, holder: null });
    const d = cluster.client(0);
    expect(d.lock('door', 10_000)).toMatchObject({ kind: 'acquired', token: 2 });
    expect(d.lock('gate')).toEqual(HELD);
  });
});

/** A session of a dead peer 0 that peer 3, no voter, has taken, its locks not yet listed. */
function halfResumed(held: readonly [number, number]): {
  cluster: Cluster;
  back: TestClient;
} {
  const cluster = new Cluster({ peers: 4, voters: 3 });
  const [, session] = holderOf(cluster, 0, 'door');
  cluster.crash(0);
  cluster.run(1_200);
  const back = cluster.client(3);
  back.send({ kind: 'resume', session });
  const taken = () => cluster.said('accept').some(({ from }) => from === 3);
  expect(cluster.runUntil(taken, 1_000)).toBe(true);
  cluster.hold(...held);
  cluster.run(2);
  return { cluster, back };
}

describe('R23', () => {
  test('R23: a home that has not yet written all locks again says that each claim lives', () => {
    const { cluster, back } = halfResumed([99, 98]);
    const listed = () => cluster.said('holdings').length > 0;
    expect(cluster.runUntil(listed, 1_000)).toBe(true);
    cluster.hold(1, 3);
    const waiter = cluster.client(2);
    waiter.wait('door', 60_000);
    cluster.run(500);
    expect(cluster.said('inquire').some(({ to }) => to === 3)).toBe(true);
    cluster.flow(1, 3);
    expect(cluster.runUntil(() => back.heard.length > 0, 5_000)).toBe(true);
    expect(back.last).toMatchObject({ response: { kind: 'resumed', locks: 1 } });
    cluster.run(5_000);
    expect(waiter.token).toBe(null);
    expect(back.lock('door')).toMatchObject({ token: 1 });
  });

  test('R23: so does one that does not know yet that its take-over was chosen', () => {
    const { cluster, back } = halfResumed([1, 3]);
    const waiter = cluster.client(2);
    waiter.wait('door', 60_000);
    cluster.run(700);
    expect(cluster.said('inquire').some(({ to }) => to === 3)).toBe(true);
    expect(cluster.said('lives').some(({ from }) => from === 3)).toBe(true);
    expect(cluster.said('holdings')).toEqual([]);
    cluster.flow(1, 3);
    expect(cluster.runUntil(() => back.heard.length > 0, 5_000)).toBe(true);
    expect(back.last).toMatchObject({ response: { kind: 'resumed', locks: 1 } });
    expect(waiter.token).toBe(null);
  });

  test('R23: a lock is taken along though its keeper here was writing it when it was wanted', () => {
    const cluster = new Cluster();
    const [, session] = holderOf(cluster, 0, 'door');
    // The grant stays with the dead keeper's vote and one other: whoever reads it must write it.
    cluster.crash(0);
    cluster.run(1_200);
    const waiter = cluster.client(1);
    cluster.lose = ({ from, to, message }) =>
      from === 2 && to === 1 && message.kind === 'accepted' && message.request > 0;
    waiter.wait('door', 60_000);
    cluster.run(100);
    cluster.lose = () => false;
    const back = cluster.client(1);
    expect(back.resume(session)).toEqual({ kind: 'resumed', locks: 1 });
    expect(waiter.token).toBe(null);
  });
});

describe('R24', () => {
  test('R24: a slow former home does not write a lock again that a later home has', () => {
    const cluster = new Cluster({ peers: 5, voters: 3 });
    const [, session] = holderOf(cluster, 0, 'door');
    cluster.crash(0);
    cluster.run(1_200);
    // Peer 3 takes the session, and has not yet heard which locks it had.
    const slow = cluster.client(3);
    slow.send({ kind: 'resume', session });
    expect(cluster.runUntil(() => cluster.said('holdings').length > 0, 1_000)).toBe(true);
    cluster.hold(1, 3);
    cluster.hold(2, 3);
    cluster.cut(3, 4);
    cluster.run(1_200);
    const newest = cluster.client(4);
    expect(newest.resume(session)).toEqual({ kind: 'resumed', locks: 1 });
    const stamp = cluster.storedLock(1, 'door')?.holder;
    expect(stamp).toMatchObject({ attachment: 3, stamp: { home: cluster.id(4) } });
    // Its list arrives before it is told that the session has moved on.
    cluster.lose = ({ to, message }) => to === 3 && message.kind === 'moved';
    cluster.flow(1, 3);
    cluster.flow(2, 3);
    cluster.run(3_000);
    expect(cluster.storedLock(1, 'door')?.holder).toEqual(stamp);
    const waiter = cluster.client(2);
    waiter.wait('door', 60_000);
    cluster.run(6_000);
    expect(waiter.token).toBe(null);
    expect(newest.lock('door' as LockName)).toMatchObject({ token: 1 });
  });
});

describe('R29', () => {
  test('R29: a session that moves is answered, and claims anew, only once all is written', () => {
    const { cluster, back } = halfResumed([99, 98]);
    expect(cluster.runUntil(() => cluster.said('holdings').length > 0, 1_000)).toBe(true);
    cluster.hold(1, 3);
    cluster.run(800);
    expect(back.heard).toEqual([]);
    expect(cluster.said('claim').some(({ from }) => from === 3)).toBe(false);
    cluster.flow(1, 3);
    expect(cluster.runUntil(() => back.heard.length > 0, 5_000)).toBe(true);
    const rewritten = [1, 2].map((index) => cluster.storedLock(index, 'door')?.holder?.stamp.home);
    expect(rewritten).toEqual([cluster.id(3), cluster.id(3)]);
    expect(back.lock('gate')).toMatchObject({ token: 1 });
    expect(cluster.storedLock(1, 'gate')).toMatchObject({ holder: { attachment: 2 } });
  });
});
