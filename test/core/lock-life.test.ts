import { describe, expect, test } from 'vitest';
import { Cluster } from './cluster.ts';

describe('a lock', () => {
  test('is granted with token 1 and a validity', () => {
    const cluster = new Cluster();
    const response = cluster.client(0).lock('door');
    expect(response).toMatchObject({ kind: 'acquired', token: 1 });
    expect(response.kind === 'acquired' && response.validityMs).toBeGreaterThan(29_000 - 600 - 400);
  });

  test('is refused to another session, on the same and on another peer', () => {
    const cluster = new Cluster();
    cluster.client(0).lock('door');
    expect(cluster.client(0).lock('door')).toEqual({ kind: 'refused', reason: 'held' });
    expect(cluster.client(1).lock('door')).toEqual({ kind: 'refused', reason: 'held' });
    expect(cluster.client(2).lock('door')).toEqual({ kind: 'refused', reason: 'held' });
  });

  test('is had again by its own holder, with the same token', () => {
    const cluster = new Cluster();
    const client = cluster.client(0);
    client.lock('door');
    expect(client.lock('door')).toMatchObject({ kind: 'acquired', token: 1 });
    expect(client.unlock('door')).toEqual({ kind: 'released' });
    expect(client.unlock('door')).toEqual({ kind: 'refused', reason: 'not-owner' });
  });

  test('goes to the oldest waiter on any peer, with a higher token', () => {
    const cluster = new Cluster();
    const [a, b, c] = [cluster.client(0), cluster.client(1), cluster.client(2)];
    a.lock('door');
    b.wait('door', 10_000);
    cluster.run(20);
    c.wait('door', 10_000);
    cluster.run(20);
    expect(a.unlock('door')).toEqual({ kind: 'released' });
    cluster.run(20);
    expect(b.token).toBe(2);
    expect(c.heard).toEqual([]);
    b.unlock('door');
    cluster.run(20);
    expect(c.token).toBe(3);
  });

  test('is not granted to a waiter whose time is over', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.client(0), cluster.client(1)];
    a.lock('door');
    expect(b.lock('door', 500)).toEqual({ kind: 'refused', reason: 'held' });
    cluster.run(10);
    a.unlock('door');
    expect(b.lock('door')).toMatchObject({ kind: 'acquired', token: 2 });
  });

  test('granted to a claim that was just withdrawn is released at once', () => {
    const cluster = new Cluster();
    const [a, b, c] = [cluster.client(0), cluster.client(1), cluster.client(1)];
    a.lock('door');
    b.wait('door', 500);
    cluster.run(500);
    // The withdrawal is still on its way.
    expect(a.unlock('door')).toEqual({ kind: 'released' });
    expect(c.lock('door')).toMatchObject({ kind: 'acquired', token: 3 });
    expect(b.heard).toEqual([{ kind: 'response', response: { kind: 'refused', reason: 'held' } }]);
  });

  test('stays with a session that was left, for its time-out, and is free then', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.client(0), cluster.client(1)];
    a.setTimeout(5_000);
    a.lock('door');
    a.disconnect();
    cluster.run(4_900);
    expect(b.lock('door')).toEqual({ kind: 'refused', reason: 'held' });
    cluster.run(200);
    expect(b.lock('door')).toMatchObject({ kind: 'acquired', token: 2 });
  });

  test('of a dead peer goes to a waiter after the lease, not before', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.client(0), cluster.client(1)];
    a.setTimeout(5_000);
    a.lock('door');
    b.wait('door', 60_000);
    cluster.run(100);
    cluster.crash(0);
    const died = cluster.now;
    expect(cluster.runUntil(() => b.token !== null, 20_000)).toBe(true);
    expect(cluster.now - died).toBeGreaterThanOrEqual(5_000 - 250);
    expect(cluster.now - died).toBeLessThan(7_000);
    expect(b.token).toBe(2);
  });

  test('of a peer that is cut off is lost there before another gets it', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.client(0), cluster.client(1)];
    a.setTimeout(4_000);
    a.lock('door');
    b.wait('door', 60_000);
    cluster.run(100);
    cluster.isolate(0);
    expect(cluster.runUntil(() => a.last?.kind === 'lost', 20_000)).toBe(true);
    const lostAt = cluster.now;
    expect(a.last).toEqual({ kind: 'lost', locks: [{ name: 'door', token: 1 }] });
    expect(b.token).toBe(null);
    expect(cluster.runUntil(() => b.token !== null, 20_000)).toBe(true);
    expect(cluster.now).toBeGreaterThan(lostAt);
    cluster.rejoin(0);
    cluster.run(3_000);
    b.unlock('door');
    expect(cluster.client(0).lock('door')).toMatchObject({ kind: 'acquired', token: 3 });
  });

  test('cannot be had without a quorum', () => {
    const cluster = new Cluster();
    cluster.client(0).lock('door');
    cluster.isolate(0);
    cluster.run(1_100);
    const before = cluster.now;
    expect(cluster.client(0).lock('door')).toMatchObject({ kind: 'indeterminate', needed: 2 });
    expect(cluster.client(0).lock('other')).toMatchObject({ kind: 'indeterminate', reached: 1 });
    expect(cluster.now - before).toBeLessThan(4_000);
  });

  test('is not waited for at a keeper that is heard and reaches no quorum itself', () => {
    const cluster = new Cluster({ peers: 5 });
    const [former, waiter] = [cluster.client(1), cluster.client(0)];
    former.setTimeout(3_000);
    former.lock('door');
    for (let one = 1; one < 5; one++) for (let two = one + 1; two < 5; two++) cluster.cut(one, two);
    cluster.run(1_500);
    waiter.wait('door', 60_000);
    expect(cluster.runUntil(() => waiter.token === 2, 20_000)).toBe(true);
  });

  test('keeps its tokens through a restart of all peers', () => {
    const cluster = new Cluster();
    const a = cluster.client(0);
    a.setTimeout(0);
    a.lock('door');
    a.unlock('door');
    a.lock('door');
    for (let index = 0; index < 3; index++) cluster.crash(index);
    for (let index = 0; index < 3; index++) cluster.start(index);
    const b = cluster.client(1);
    expect(b.lock('door', 20_000)).toMatchObject({ kind: 'acquired', token: 3 });
  });
});

describe('a session', () => {
  test('is resumed on another peer when its own has died, with locks and tokens', () => {
    const cluster = new Cluster();
    const a = cluster.client(0);
    const session = a.session();
    a.lock('door');
    a.lock('gate');
    cluster.crash(0);
    cluster.run(500);
    const b = cluster.client(1);
    expect(b.resume(session)).toEqual({ kind: 'resumed', locks: 2 });
    expect(b.lock('door')).toMatchObject({ kind: 'acquired', token: 1 });
    expect(cluster.client(2).lock('door')).toEqual({ kind: 'refused', reason: 'held' });
    expect(b.unlock('door')).toEqual({ kind: 'released' });
    expect(cluster.client(2).lock('door')).toMatchObject({ kind: 'acquired', token: 2 });
  });

  test('is resumed where it was left, and elsewhere, but not while it is attached', () => {
    const cluster = new Cluster();
    const a = cluster.client(0);
    const session = a.session();
    a.lock('door');
    expect(cluster.client(1).resume(session)).toEqual({ kind: 'refused', reason: 'attached' });
    expect(cluster.client(0).resume(session)).toEqual({ kind: 'refused', reason: 'attached' });
    a.disconnect();
    const b = cluster.client(0);
    expect(b.resume(session)).toEqual({ kind: 'resumed', locks: 1 });
    b.disconnect();
    const c = cluster.client(2);
    expect(c.resume(session)).toEqual({ kind: 'resumed', locks: 1 });
    expect(c.lock('door')).toMatchObject({ token: 1 });
    c.disconnect();
    expect(cluster.client(0).resume(session)).toEqual({ kind: 'resumed', locks: 1 });
  });

  test('that was never issued is unknown', () => {
    const cluster = new Cluster();
    const unknown = 'peer-1-1-0123' as ReturnType<typeof cluster.members.at> & never;
    expect(cluster.client(0).resume(unknown)).toEqual({
      kind: 'refused',
      reason: 'unknown-session',
    });
  });
});
