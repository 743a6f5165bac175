/** The client library against real peers. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { Client, type ClientError, type ClientOptions, type Lock } from '../../src/client/index.ts';
import { killIfRunning, shareCluster, type TestCluster } from '../end-to-end/dev-cluster.ts';
import type { TextClient } from '../transcripts/text-client.ts';
import { SwallowingRelay } from './swallowing-relay.ts';

function peersOf(cluster: TestCluster, ...indices: number[]): string[] {
  const all = cluster.peers.map(({ port }) => `127.0.0.1:${port}`);
  return indices.length === 0 ? all : indices.map((index) => all[index]!);
}

function make(peers: readonly string[], options: Omit<ClientOptions, 'peers'> = {}): Client {
  const client = new Client({ peers, ...options });
  onTestFinished(() => client.close());
  return client;
}

function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'no error',
    (error: ClientError) => error.code,
  );
}

/** The same of a call that is made again for as long as a busy machine reaches no quorum in time. */
async function decidedCodeOf(call: () => Promise<unknown>): Promise<string> {
  for (;;) {
    const code = await codeOf(call());
    if (code !== 'NO_QUORUM') return code;
  }
}

/** Until the signal of a lock is aborted. */
function lossOf(lock: Lock): Promise<unknown> {
  return new Promise((resolve) => {
    if (lock.signal.aborted) resolve(lock.signal.reason);
    lock.signal.addEventListener('abort', () => resolve(lock.signal.reason));
  });
}

/** How many wait for a lock: known to its keeper only, which any peer may come to be. */
async function waitersOf(lookers: readonly Client[], name: string): Promise<number> {
  const looks = await Promise.all(lookers.map((looker) => looker.query(name)));
  return Math.max(0, ...looks.flatMap(({ held }) => held.map(({ waiters }) => waiters)));
}

/** Until the lock's keeper knows of a wait. */
async function untilWaiting(cluster: TestCluster, name: string): Promise<void> {
  const lookers = cluster.peers.map((_, index) => make(peersOf(cluster, index)));
  while ((await waitersOf(lookers, name)) === 0);
}

/** Until the lock's keeper has heard that nobody waits for it any more. */
async function untilNobodyWaits(cluster: TestCluster, name: string): Promise<void> {
  const lookers = cluster.peers.map((_, index) => make(peersOf(cluster, index)));
  while ((await waitersOf(lookers, name)) > 0);
}

/** How many sessions a peer has. */
async function sessionsOf(client: TextClient): Promise<number> {
  client.send('stats\n');
  let sessions = Number.NaN;
  for (let line = ''; line !== 'END'; line = (await client.line()) ?? 'END') {
    if (line.startsWith('STAT sessions ')) sessions = Number(line.split(' ')[2]);
  }
  return sessions;
}

describe('a client of a real cluster', () => {
  const shared = shareCluster();

  it('acquires, holds, waits, hands over and releases', async () => {
    const cluster = shared();
    const [a, b] = [make(peersOf(cluster, 0)), make(peersOf(cluster, 1))] as const;
    const first = await a.acquire('door');
    expect(first.validForMs()).toBeGreaterThan(25_000);
    expect(await decidedCodeOf(() => b.acquire('door', { ifAvailable: true }))).toBe('LOCK_HELD');
    expect(await decidedCodeOf(() => a.acquire('door', { ifAvailable: true }))).toBe('LOCK_HELD');
    expect(await decidedCodeOf(() => b.acquire('door', { waitMs: 1_000 }))).toBe('TIMEOUT');
    expect(await b.locks.request('door', { ifAvailable: true }, (lock) => lock)).toBeNull();

    const second = b.acquire('door');
    await untilWaiting(cluster, 'door');
    expect(await first.release()).toBe(true);
    expect(await first.release()).toBe(false);
    const { token } = await second;
    expect(token).toBeGreaterThan(first.token);
    expect(first.signal.aborted).toBe(false);
    expect(await b.query('do')).toMatchObject({
      held: [{ name: 'door', token, waiters: 0 }],
      pending: [],
      complete: true,
    });
    await (await second).release();
    const third = await a.locks.request('door', async (lock) => lock.token);
    expect(third).toBeGreaterThan(token);
    {
      await using lock = await a.acquire('door');
      expect(lock.token).toBeGreaterThan(third);
    }
    expect((await b.acquire('door')).token).toBeGreaterThan(third);
  });

  it('takes turns with itself and others, one round at a time', async () => {
    const cluster = shared();
    const [a, b] = [make(peersOf(cluster, 0)), make(peersOf(cluster, 1))] as const;
    let inside = 0;
    const tokens: number[] = [];
    const turn = (client: Client) =>
      client.locks.request('turns', async (lock) => {
        inside += 1;
        expect(inside).toBe(1);
        tokens.push(lock.token);
        await new Promise(setImmediate);
        inside -= 1;
      });
    await Promise.all([a, b, a, a, b, b, a, b].map(turn));
    expect(tokens).toEqual(tokens.toSorted((x, y) => x - y));
    expect(new Set(tokens).size).toBe(8);
  });

  it('leaves nothing behind of waits that were cancelled, by whoever', async () => {
    const cluster = shared();
    const [a, b] = [make(peersOf(cluster, 0)), make(peersOf(cluster, 1))] as const;
    const held = await a.acquire('gate');
    const stop = new AbortController();
    const reasons = [1, 2].map(() =>
      b.acquire('gate', { signal: stop.signal }).catch((error) => error),
    );
    await untilWaiting(cluster, 'gate');
    stop.abort('enough');
    expect(await Promise.all(reasons)).toEqual(['enough', 'enough']);
    expect((await b.query('gate')).pending).toEqual([]);
    await untilNobodyWaits(cluster, 'gate');
    await held.release();
    expect((await a.acquire('gate', { ifAvailable: true })).token).toBe(held.token + 1);
  });

  it('a wait that is cancelled as it is granted leaves the lock free', async () => {
    const cluster = shared();
    const [a, b] = [make(peersOf(cluster, 0)), make(peersOf(cluster, 1))] as const;
    for (let round = 0; round < 20; round += 1) {
      const held = await a.acquire('hatch');
      const stop = new AbortController();
      const waits = b.acquire('hatch', { signal: stop.signal }).catch(() => null);
      await untilWaiting(cluster, 'hatch');
      const released = held.release();
      if (round % 2 === 0) await released;
      stop.abort();
      await (await waits)?.release();
    }
    expect((await a.acquire('hatch', { waitMs: 5_000 })).token).toBeGreaterThan(20);
  });

  it.each([
    ['requests', { requests: true, answers: false }],
    ['answers', { requests: false, answers: true }],
    ['both', { requests: true, answers: true }],
  ])(
    'says lost by itself before others can hold, where a relay swallows %s',
    async (which, what) => {
      const cluster = shared();
      const name = `behind-${which}`;
      const relay = await SwallowingRelay.start(cluster.peers[0]!.port);
      const [behind, other] = [
        make([relay.at], { timeoutMs: 3_000 }),
        make(peersOf(cluster, 1)),
      ] as const;
      const lock = await behind.acquire(name);
      const lost = lossOf(lock);
      const next = other.acquire(name).then(async ({ token }) => {
        // A grant may be read before timers are served that were due sooner.
        await new Promise((resolve) => setTimeout(resolve));
        return { token, isLost: lock.signal.aborted };
      });
      await untilWaiting(cluster, name);
      Object.assign(relay.swallows, what);
      const { token, isLost } = await next;
      expect(token).toBeGreaterThan(lock.token);
      expect(isLost).toBe(true);
      expect(await lost).toMatchObject({ code: 'LOCK_LOST', why: 'silence' });
    },
  );

  it('leaves nothing behind when it is closed', async () => {
    const cluster = shared();
    const client = make(peersOf(cluster, 0));
    const { token } = await client.acquire('closet');
    const waits = codeOf(client.acquire('closet'));
    await client.close();
    expect(await waits).toBe('CLOSED');
    expect(await codeOf(client.acquire('other'))).toBe('CLOSED');
    const next = await make(peersOf(cluster, 1)).acquire('closet', { waitMs: 5_000 });
    expect(next.token).toBe(token + 1);
  });
});

/** In this order: each leaves enough of the cluster to the next. */
describe('a client whose peers are harmed', () => {
  const shared = shareCluster();

  it('goes on at another peer when its own stands still, and is not disturbed when that wakes', async () => {
    const cluster = shared();
    const moving = await make(peersOf(cluster), { timeoutMs: 9_000 }).connect();
    const home = peersOf(cluster).indexOf(moving.peer!);
    const lock = await moving.acquire('door');
    const resumed = new Promise((resolve) => moving.on('resumed', ({ detail }) => resolve(detail)));
    const old = await cluster.client(home);
    cluster.pause(home);
    expect(await resumed).toMatchObject({ survived: ['door'], lost: [] });
    cluster.resume(home);
    // Whatever its old home does on waking, it has done by then.
    while ((await sessionsOf(old)) > 0);
    const next = make(peersOf(cluster, home));
    expect(await decidedCodeOf(() => next.acquire('door', { ifAvailable: true }))).toBe(
      'LOCK_HELD',
    );
    expect(lock.isHeld).toBe(true);
    expect(moving.peer).not.toBe(peersOf(cluster, home)[0]);
    expect(await lock.release()).toBe(true);
    expect((await next.acquire('door')).token).toBe(lock.token + 1);
  });

  it('goes on at another peer when its own is killed, with its locks and waits', async () => {
    const cluster = shared();
    const moving = make(peersOf(cluster));
    await moving.connect();
    const home = peersOf(cluster).indexOf(moving.peer!);
    const other = make(peersOf(cluster, (home + 1) % 3));
    const contested = await other.acquire('contested');
    const locks = await Promise.all(['a', 'b', 'c'].map((name) => moving.acquire(name)));
    const waits = moving.acquire('contested');
    await untilWaiting(cluster, 'contested');
    const resumed = new Promise((resolve) => moving.on('resumed', ({ detail }) => resolve(detail)));
    cluster.signal(home, 'SIGKILL');
    expect(await resumed).toMatchObject({ survived: ['a', 'b', 'c'], lost: [] });
    expect(locks.map(({ isHeld }) => isHeld)).toEqual([true, true, true]);
    expect(await decidedCodeOf(() => other.acquire('a', { ifAvailable: true }))).toBe('LOCK_HELD');
    await contested.release();
    expect((await waits).token).toBeGreaterThan(contested.token);
    for (const lock of locks) expect(await lock.release()).toBe(true);
    expect((await other.acquire('a', { ifAvailable: true })).token).toBe(locks[0]!.token + 1);
  });

  it('is told that its locks are lost when no peer is left', async () => {
    const cluster = shared();
    const client = make(peersOf(cluster), { timeoutMs: 1_000 });
    const lock = await client.acquire('last');
    for (const { pid } of cluster.peers) killIfRunning(pid);
    expect(await lossOf(lock)).toMatchObject({ code: 'LOCK_LOST', lock: 'last', why: 'silence' });
    expect(lock.validForMs()).toBe(0);
    expect(await codeOf(client.acquire('door', { waitMs: 10 }))).toBe('UNREACHABLE');
  });
});
