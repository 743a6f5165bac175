import { describe, expect, test } from 'vitest';
import type { LockName } from '../../src/core/types.ts';
import { Cluster } from './cluster.ts';

const info = (name: string) => ({ kind: 'info', name: name as LockName }) as const;

describe('info', () => {
  test('tells how a lock stands, by its keeper, from every peer', () => {
    const cluster = new Cluster();
    cluster.client(0).lock('door');
    cluster.client(1).wait('door', 60_000);
    cluster.run(1_000);
    for (const index of [0, 1, 2]) {
      const response = cluster.client(index).ask(info('door'));
      expect(response).toMatchObject({
        kind: 'info',
        lock: { token: 1, home: cluster.id(0), waiters: 1, source: 'keeper' },
      });
      expect(response.kind === 'info' && response.lock.heldMs).toBeGreaterThanOrEqual(1_000);
    }
  });

  test('shows a free lock with its last token, and one that nobody ever had', () => {
    const cluster = new Cluster();
    const client = cluster.client(0);
    client.lock('door');
    client.unlock('door');
    const free = { home: null, heldMs: 0, waiters: 0 };
    expect(client.ask(info('door'))).toMatchObject({ lock: { ...free, token: 1 } });
    expect(client.ask(info('never'))).toMatchObject({ lock: { ...free, source: 'vote' } });
  });

  test('falls back on what was stored here, soon, when the keeper is silent', () => {
    const cluster = new Cluster();
    cluster.client(0).lock('door');
    cluster.hold(1, 0);
    const before = cluster.now;
    expect(cluster.client(1).ask(info('door'))).toMatchObject({
      lock: { token: 1, home: cluster.id(0), source: 'vote' },
    });
    expect(cluster.now - before).toBeLessThan(500);
    cluster.crash(0);
    cluster.run(10);
    expect(cluster.client(1).ask(info('door'))).toMatchObject({ lock: { source: 'vote' } });
  });

  test('tells it from a peer without a vote, too, which has stored nothing', () => {
    const cluster = new Cluster({ peers: 4, voters: 3 });
    const holder = cluster.client(1);
    holder.lock('door');
    cluster.client(0).wait('door', 60_000);
    cluster.run(1_000);
    const ask = () => cluster.client(3).ask(info('door'));
    expect(ask()).toMatchObject({
      lock: { token: 1, home: cluster.id(1), waiters: 1, source: 'keeper' },
    });
    cluster.hold(1, 3);
    expect(ask()).toMatchObject({ lock: { token: 1, home: cluster.id(1), source: 'vote' } });
    cluster.flow(1, 3);
    cluster.client(3).wait('door', 60_000);
    cluster.run(20);
    expect(ask()).toMatchObject({ lock: { home: cluster.id(1), waiters: 2 } });
    holder.unlock('door');
    cluster.run(100);
    expect(ask()).toMatchObject({ lock: { token: 2, home: cluster.id(0), source: 'keeper' } });
    cluster.isolate(3);
    expect(ask()).toMatchObject({ kind: 'indeterminate', needed: 2 });
  });
});

describe('locks', () => {
  test('lists the held ones of a prefix, a bounded number', () => {
    const cluster = new Cluster({ settings: { locksListed: 2 } });
    const client = cluster.client(0);
    for (const name of ['a1', 'a2', 'b1']) client.lock(name);
    client.lock('a3');
    client.unlock('a3');
    const list = (prefix: string) => cluster.client(1).ask({ kind: 'locks', prefix });
    expect(list('a')).toMatchObject({
      locks: [
        { name: 'a1', token: 1, source: 'vote' },
        { name: 'a2', token: 1 },
      ],
      complete: true,
    });
    expect(list('')).toMatchObject({ locks: [{}, {}], complete: false });
    expect(list('c')).toEqual({ kind: 'locks', locks: [], complete: true });
    expect(cluster.client(0).ask({ kind: 'locks', prefix: 'b' })).toMatchObject({
      locks: [{ name: 'b1', source: 'keeper', home: cluster.id(0) }],
    });
  });
});

describe('peers', () => {
  test('shows voters and others, heard or not', () => {
    const cluster = new Cluster({ peers: 4, voters: 3 });
    cluster.crash(2);
    cluster.run(2_000);
    const response = cluster.client(0).ask({ kind: 'peers' });
    expect(response).toMatchObject({ kind: 'peers', epoch: 1, quorum: 2 });
    expect(response.kind === 'peers' && response.peers).toMatchObject([
      { peer: 'peer-1', voter: true, self: true, reachable: true, lastHeardMs: 0 },
      { peer: 'peer-2', voter: true, self: false, reachable: true },
      { peer: 'peer-3', voter: true, self: false, reachable: false },
      { peer: 'peer-4', voter: false, self: false, reachable: true },
    ]);
  });

  test('shows a voter that was never met', () => {
    const cluster = new Cluster({ peers: 3 });
    const lone = new Cluster({ peers: 1 });
    expect(lone.client(0).ask({ kind: 'peers' })).toMatchObject({ quorum: 1 });
    cluster.cut(0, 2);
    cluster.restart(0);
    cluster.run(10);
    const response = cluster.client(0).ask({ kind: 'peers' });
    expect(response.kind === 'peers' && response.peers[2]).toMatchObject({
      reachable: false,
      lastHeardMs: null,
    });
  });
});

test('stats count clients, locks, waiters and what is kept', () => {
  const cluster = new Cluster();
  const client = cluster.client(0);
  client.lock('door');
  cluster.client(1).lock('gate');
  cluster.client(0).wait('gate', 60_000);
  const gone = cluster.client(0);
  gone.lock('wall');
  gone.disconnect();
  cluster.run(500);
  expect(client.ask({ kind: 'stats' })).toEqual({
    kind: 'stats',
    statistics: {
      clients: 2,
      sessions: 3,
      locks: 2,
      waiting: 1,
      kept: 2,
      registers: 7,
      peers: 3,
      votersReached: 3,
      quorum: 2,
      epoch: 1,
    },
  });
});
