import { describe, expect, test } from 'vitest';
import { Cluster } from './cluster.ts';

const RELEASED = { kind: 'released' };
const HELD = { kind: 'refused', reason: 'held' };

describe('an answer', () => {
  test('to a try without a quorum comes in time, and is neither yes nor no', () => {
    const cluster = new Cluster();
    const client = cluster.client(0);
    cluster.isolate(0);
    cluster.run(1_500);
    const before = cluster.now;
    expect(client.lock('door')).toEqual({ kind: 'indeterminate', reached: 1, needed: 2 });
    expect(cluster.now - before).toBeLessThan(1_300);
    expect(client.lock('door', 5_000)).toMatchObject({ kind: 'indeterminate' });
    expect(cluster.now - before).toBeLessThan(6_500);
  });

  test('to an unlock without a quorum comes in time, and the lock is released later', () => {
    const cluster = new Cluster();
    const client = cluster.client(0);
    client.lock('door');
    cluster.isolate(0);
    const before = cluster.now;
    expect(client.unlock('door')).toEqual(RELEASED);
    expect(cluster.now - before).toBeLessThan(1_300);
    cluster.rejoin(0);
    cluster.run(3_000);
    expect(cluster.client(1).lock('door')).toMatchObject({ token: 2 });
  });

  test('to what is not held is 403, and changes nothing', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.client(0), cluster.client(1)];
    a.lock('door');
    expect(b.unlock('door')).toEqual({ kind: 'refused', reason: 'not-owner' });
    expect(b.unlock('nothing')).toEqual({ kind: 'refused', reason: 'not-owner' });
    expect(a.lock('door')).toMatchObject({ token: 1 });
  });

  test('to unlock_all says how many were freed, none included', () => {
    const cluster = new Cluster();
    const client = cluster.client(0);
    expect(client.ask({ kind: 'unlock-all' })).toEqual({ kind: 'released-all', count: 0 });
    client.lock('door');
    client.lock('gate');
    expect(client.ask({ kind: 'unlock-all' })).toEqual({ kind: 'released-all', count: 2 });
    expect(cluster.client(1).lock('door')).toMatchObject({ token: 2 });
    expect(cluster.client(1).lock('gate')).toMatchObject({ token: 2 });
  });

  test('to a ping is the validity of all locks, 0 without a session', () => {
    const cluster = new Cluster();
    const client = cluster.client(0);
    expect(client.validityMs()).toBe(0);
    client.lock('door');
    expect(client.validityMs()).toBeGreaterThan(28_000);
    cluster.isolate(0);
    cluster.run(10_000);
    expect(client.validityMs()).toBeLessThan(20_000);
  });
});

describe('a limit', () => {
  test('of locks a session is told as 429', () => {
    const cluster = new Cluster({ settings: { locksPerSession: 2 } });
    const client = cluster.client(0);
    client.lock('a');
    client.lock('b');
    expect(client.lock('c')).toEqual({ kind: 'refused', reason: 'too-many-locks' });
    client.unlock('a');
    expect(client.lock('c')).toMatchObject({ kind: 'acquired' });
  });

  test('of waiters a lock is told as 429', () => {
    const cluster = new Cluster({ settings: { waitersPerLock: 1 } });
    cluster.client(0).lock('door');
    cluster.client(1).wait('door', 60_000);
    cluster.run(20);
    expect(cluster.client(2).lock('door', 5_000)).toEqual({
      kind: 'refused',
      reason: 'too-many-waiters',
    });
  });

  test('of sessions a peer is told as 429, to those that would begin or bring one', () => {
    const cluster = new Cluster({ settings: { sessionsPerPeer: 1 } });
    const there = cluster.client(1);
    const session = there.session();
    there.lock('door');
    there.disconnect();
    cluster.client(0).session();
    const refused = { kind: 'refused', reason: 'too-many-sessions' };
    expect(cluster.client(0).lock('gate')).toEqual(refused);
    expect(cluster.client(0).resume(session)).toEqual(refused);
    expect(cluster.client(1).resume(session)).toEqual({ kind: 'resumed', locks: 1 });
  });
});

describe('a time-out', () => {
  test('that is made shorter counts at once', () => {
    const cluster = new Cluster();
    const client = cluster.client(0);
    client.lock('door');
    expect(client.setTimeout(4_000)).toEqual({ kind: 'timeout-set', timeoutMs: 4_000 });
    expect(client.validityMs()).toBeLessThanOrEqual(4_000);
    client.disconnect();
    cluster.run(4_100);
    expect(cluster.client(1).lock('door')).toMatchObject({ token: 2 });
  });

  test('that is made longer counts when it is chosen, and is answered then', () => {
    const cluster = new Cluster();
    const client = cluster.client(0);
    client.setTimeout(4_000);
    client.lock('door');
    expect(client.setTimeout(60_000)).toEqual({ kind: 'timeout-set', timeoutMs: 60_000 });
    expect(client.validityMs()).toBeGreaterThan(50_000);
    cluster.isolate(0);
    cluster.run(1_200);
    expect(client.setTimeout(90_000)).toMatchObject({ kind: 'indeterminate' });
    expect(client.validityMs()).toBeLessThan(58_000);
  });

  test('of nothing frees the locks at once', () => {
    const cluster = new Cluster();
    const client = cluster.client(0);
    client.setTimeout(0);
    client.lock('door');
    client.disconnect();
    cluster.run(20);
    expect(cluster.client(1).lock('door')).toMatchObject({ token: 2 });
  });

  test('begins again with each disconnect, and stops with a resume', () => {
    const cluster = new Cluster();
    const client = cluster.client(0);
    client.setTimeout(4_000);
    const session = client.session();
    client.lock('door');
    client.disconnect();
    cluster.run(3_000);
    const back = cluster.client(0);
    expect(back.resume(session)).toMatchObject({ kind: 'resumed' });
    cluster.run(10_000);
    expect(cluster.client(1).lock('door')).toEqual(HELD);
  });
});

describe('quit', () => {
  test('is answered, and leaves the locks for the time-out', () => {
    const cluster = new Cluster();
    const client = cluster.client(0);
    const session = client.session();
    client.lock('door');
    expect(client.ask({ kind: 'quit' })).toEqual({ kind: 'bye' });
    expect(cluster.client(1).lock('door')).toEqual(HELD);
    expect(cluster.client(2).resume(session)).toEqual({ kind: 'resumed', locks: 1 });
  });

  test('of a client without a session leaves nothing', () => {
    const cluster = new Cluster();
    const client = cluster.client(0);
    expect(client.ask({ kind: 'quit' })).toEqual({ kind: 'bye' });
    client.disconnect();
    expect(client.heard).toHaveLength(1);
  });
});

describe('a client that shut its sending side', () => {
  test('gives a lock back at once if the answer could not be delivered', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.client(0), cluster.client(1)];
    a.lock('door');
    b.wait('door', 60_000);
    cluster.run(20);
    b.endInput();
    a.unlock('door');
    cluster.run(20);
    expect(b.token).toBe(2);
    b.disconnect(true);
    cluster.run(20);
    expect(cluster.client(2).lock('door')).toMatchObject({ token: 3 });
  });

  test('keeps it for its time-out if it heard the answer', () => {
    const cluster = new Cluster();
    const b = cluster.client(1);
    b.wait('door', 60_000);
    b.endInput();
    cluster.run(20);
    expect(b.token).toBe(1);
    b.disconnect(false);
    cluster.run(20);
    expect(cluster.client(2).lock('door')).toEqual(HELD);
  });
});

describe('keepalive', () => {
  test('closes a connection that was silent for so long, as a disconnect', () => {
    const cluster = new Cluster();
    const client = cluster.client(0);
    client.setTimeout(0);
    client.lock('door');
    expect(client.ask({ kind: 'keepalive', silenceMs: 1_000 })).toEqual({
      kind: 'keepalive-set',
      silenceMs: 1_000,
    });
    for (let round = 0; round < 5; round++) {
      cluster.run(900);
      cluster.happen(0, { kind: 'input', connection: client.connection });
    }
    expect(client.last).toMatchObject({ kind: 'response' });
    cluster.run(1_001);
    expect(client.last).toEqual({ kind: 'closed' });
    expect(cluster.client(1).lock('door')).toMatchObject({ token: 2 });
  });

  test('of 0 waits for ever', () => {
    const cluster = new Cluster();
    const client = cluster.client(0);
    client.ask({ kind: 'keepalive', silenceMs: 1_000 });
    client.ask({ kind: 'keepalive', silenceMs: 0 });
    cluster.run(60_000);
    expect(client.heard).toHaveLength(2);
    cluster.happen(0, { kind: 'input', connection: 999 as never });
    cluster.happen(0, { kind: 'input-ended', connection: 999 as never });
  });
});

describe('conn_id', () => {
  test('is refused on a connection that has a session', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.client(0), cluster.client(0)];
    const session = a.session();
    expect(a.session()).toBe(session);
    b.session();
    expect(b.resume(session)).toEqual({ kind: 'refused', reason: 'has-session' });
  });

  test('on the same peer without a quorum is neither yes nor no, and may be tried again', () => {
    const cluster = new Cluster();
    const client = cluster.client(0);
    const session = client.session();
    client.lock('door');
    client.disconnect();
    cluster.isolate(0);
    cluster.run(1_200);
    const back = cluster.client(0);
    expect(back.resume(session)).toMatchObject({ kind: 'indeterminate' });
    cluster.rejoin(0);
    cluster.run(1_000);
    expect(back.resume(session)).toEqual({ kind: 'resumed', locks: 1 });
  });
});
