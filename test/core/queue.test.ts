/** `queue`: a claim that waits beside the other commands of its connection (rules 10 and 11). */
import { describe, expect, test } from 'vitest';
import { Cluster } from './cluster.ts';
import type { Heard, TestClient } from './test-client.ts';

const QUEUED = { kind: 'queued' };
const HELD = { kind: 'refused', reason: 'held' };

function told(client: TestClient): Heard[] {
  return client.heard.filter(({ kind }) => kind === 'told');
}

function grant(lock: string, token: number) {
  return { kind: 'told', lock, response: { kind: 'acquired', token } };
}

describe('queue', () => {
  test('is answered at once, and told of the grant while other commands go on', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.client(0), cluster.client(1)];
    a.lock('door');
    expect(b.queue('door', 60_000)).toEqual(QUEUED);
    expect(b.lock('gate')).toMatchObject({ kind: 'acquired' });
    expect(b.validityMs()).toBeGreaterThan(28_000);
    expect(told(b)).toEqual([]);
    a.unlock('door');
    cluster.run(20);
    expect(told(b)).toMatchObject([grant('door', 2)]);
    expect(b.lock('door')).toMatchObject({ kind: 'acquired', token: 2 });
    expect(b.unlock('door')).toEqual({ kind: 'released' });
  });

  test('of a free lock is told right behind its answer', () => {
    const cluster = new Cluster();
    const a = cluster.client(0);
    expect(a.queue('door', 60_000)).toEqual(QUEUED);
    cluster.run(20);
    expect(told(a)).toMatchObject([grant('door', 1)]);
  });

  test('stands in the one line with those whose connections wait', () => {
    const cluster = new Cluster();
    const [a, b, c, d] = [0, 1, 2, 1].map((peer) => cluster.client(peer)) as [
      TestClient,
      TestClient,
      TestClient,
      TestClient,
    ];
    a.lock('door');
    b.wait('door', 60_000);
    cluster.run(20);
    c.queue('door', 60_000);
    cluster.run(20);
    d.wait('door', 60_000);
    cluster.run(20);
    a.unlock('door');
    cluster.run(20);
    expect([b.token, told(c), d.token]).toEqual([2, [], null]);
    b.unlock('door');
    cluster.run(20);
    expect(told(c)).toMatchObject([grant('door', 3)]);
    c.unlock('door');
    cluster.run(20);
    expect(d.token).toBe(4);
  });

  test('of a lock that is not granted in time is told so, once', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.client(0), cluster.client(1)];
    a.lock('door');
    b.queue('door', 3_000);
    cluster.run(2_900);
    expect(told(b)).toEqual([]);
    cluster.run(200);
    expect(told(b)).toEqual([{ kind: 'told', lock: 'door', response: HELD }]);
    a.unlock('door');
    cluster.run(60_000);
    expect(told(b)).toHaveLength(1);
    expect(cluster.client(2).lock('door')).toMatchObject({ token: 2 });
  });

  test('that a keeper may have granted meanwhile is no no: it is in doubt, told once', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.client(0), cluster.client(1)];
    a.lock('door');
    b.queue('door', 3_000);
    cluster.run(2_990);
    for (const other of [0, 2]) cluster.hold(1, other);
    cluster.run(1_100);
    expect(told(b)).toEqual([]);
    cluster.run(200);
    expect(told(b)).toMatchObject([{ lock: 'door', response: { kind: 'indeterminate' } }]);
    for (const other of [0, 2]) cluster.flow(1, other);
    cluster.run(1_000);
    expect(told(b)).toHaveLength(1);
  });

  test('that is over and in doubt is ended by an unlock, and nothing is told of it', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.client(0), cluster.client(1)];
    a.lock('door');
    b.queue('door', 3_000);
    cluster.run(3_000);
    expect(b.unlock('door')).toEqual({ kind: 'released' });
    cluster.run(3_000);
    expect(told(b)).toEqual([]);
  });

  test('for no time is a try', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.client(0), cluster.client(1)];
    a.lock('door');
    b.queue('door', 0);
    cluster.run(20);
    expect(told(b)).toEqual([{ kind: 'told', lock: 'door', response: HELD }]);
  });

  test('for a while waits so long, also where it was a try a moment ago', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.client(0), cluster.client(1)];
    a.lock('door');
    b.queue('door', 0);
    b.queue('door', 60_000);
    cluster.run(5_000);
    expect(told(b)).toEqual([]);
    a.unlock('door');
    cluster.run(20);
    expect(told(b)).toMatchObject([grant('door', 2)]);
    b.unlock('door');
    cluster.run(20);
    expect(a.lock('door')).toMatchObject({ token: 3 });
  });

  test('without a quorum is told that when its time is over', () => {
    const cluster = new Cluster();
    const a = cluster.client(0);
    a.session();
    cluster.isolate(0);
    cluster.run(1_200);
    expect(a.queue('door', 2_000)).toEqual(QUEUED);
    cluster.run(2_100);
    const response = { kind: 'indeterminate', reached: 1, needed: 2 };
    expect(told(a)).toEqual([{ kind: 'told', lock: 'door', response }]);
  });

  test('of a lock that the session holds is told its token', () => {
    const cluster = new Cluster();
    const a = cluster.client(0);
    a.lock('door');
    expect(a.queue('door', 60_000)).toEqual(QUEUED);
    expect(told(a)).toMatchObject([grant('door', 1)]);
  });

  test('a second time sets its time anew, and is told of once', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.client(0), cluster.client(1)];
    a.lock('door');
    b.queue('door', 2_000);
    b.queue('door', 60_000);
    cluster.run(10_000);
    expect(told(b)).toEqual([]);
    a.unlock('door');
    cluster.run(20);
    expect(told(b)).toMatchObject([grant('door', 2)]);
  });

  test('is not ended by a lock of the same name, which is refused', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.client(0), cluster.client(1)];
    a.lock('door');
    b.queue('door', 60_000);
    expect(b.lock('door')).toEqual(HELD);
    expect(b.lock('door', 5_000)).toEqual(HELD);
    a.unlock('door');
    cluster.run(20);
    expect(told(b)).toMatchObject([grant('door', 2)]);
  });

  test.each([
    ['unlock', (b: TestClient) => expect(b.unlock('door')).toEqual({ kind: 'released' })],
    [
      'unlock_all',
      (b: TestClient) =>
        expect(b.ask({ kind: 'unlock-all' })).toEqual({ kind: 'released-all', count: 0 }),
    ],
    ['quit', (b: TestClient) => expect(b.ask({ kind: 'quit' })).toEqual({ kind: 'bye' })],
    ['the end of its connection', (b: TestClient) => b.disconnect()],
  ])('is ended by %s: nothing is told, and the next in line gets the lock', (_what, end) => {
    const cluster = new Cluster();
    const [a, b, c] = [cluster.client(0), cluster.client(1), cluster.client(2)];
    a.lock('door');
    b.queue('door', 60_000);
    cluster.run(20);
    c.queue('door', 60_000);
    cluster.run(20);
    end(b);
    cluster.run(20);
    a.unlock('door');
    cluster.run(20);
    expect(told(b)).toEqual([]);
    expect(told(c)).toMatchObject([grant('door', 2)]);
    cluster.run(60_000);
    expect(told(b)).toEqual([]);
  });

  test('whose grant crosses its end leaves nothing held', () => {
    for (let crossing = 0; crossing < 12; crossing += 1) {
      const cluster = new Cluster();
      const [a, b] = [cluster.client(0), cluster.client(1)];
      a.lock('door');
      b.queue('door', 60_000);
      cluster.run(20);
      a.send({ kind: 'unlock', name: 'door' as never });
      cluster.run(crossing);
      expect(b.unlock('door')).toEqual({ kind: 'released' });
      cluster.run(50);
      expect(cluster.client(2).lock('door')).toMatchObject({ kind: 'acquired' });
    }
  });

  test('is refused above the number of locks of a session, and begins no session for nothing', () => {
    const cluster = new Cluster({ settings: { locksPerSession: 2 } });
    const a = cluster.client(0);
    a.lock('a');
    a.queue('b', 60_000);
    expect(a.queue('c', 60_000)).toEqual({ kind: 'refused', reason: 'too-many-locks' });
    cluster.run(20);
    expect(told(a)).toMatchObject([grant('b', 1)]);
  });

  test('is told of a full queue', () => {
    const cluster = new Cluster({ settings: { waitersPerLock: 1 } });
    const [a, b, c] = [cluster.client(0), cluster.client(1), cluster.client(2)];
    a.lock('door');
    b.queue('door', 60_000);
    cluster.run(20);
    c.queue('door', 60_000);
    cluster.run(20);
    const response = { kind: 'refused', reason: 'too-many-waiters' };
    expect(told(c)).toEqual([{ kind: 'told', lock: 'door', response }]);
  });

  test('ends with a session that is lost, untold', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.client(0), cluster.client(1)];
    b.lock('door');
    a.setTimeout(3_000);
    a.lock('gate');
    a.queue('door', 60_000);
    cluster.isolate(0);
    cluster.run(10_000);
    expect(told(a)).toEqual([]);
    expect(a.last).toEqual({ kind: 'lost', locks: [{ name: 'gate', token: 1 }] });
    cluster.rejoin(0);
    b.unlock('door');
    cluster.run(10_000);
    expect(told(a)).toEqual([]);
    expect(cluster.client(2).lock('door')).toMatchObject({ kind: 'acquired' });
  });

  test('gives a lock back that was told to a client that had shut its sending side, and is gone', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.client(0), cluster.client(1)];
    a.lock('door');
    b.queue('door', 60_000);
    b.endInput();
    a.unlock('door');
    cluster.run(20);
    expect(told(b)).toMatchObject([grant('door', 2)]);
    b.disconnect(true);
    cluster.run(20);
    expect(cluster.client(2).lock('door')).toMatchObject({ token: 3 });
  });
});
