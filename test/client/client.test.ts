/** The client library against scripted peers: what it says, and what it does without an answer. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { Client, type ClientError, type ClientOptions } from '../../src/client/index.ts';
import { FakePeer, type Script } from './fake-peer.ts';

const STATS = '200 STATS\r\nSTAT voters_reached 3\r\nSTAT quorum 2\r\nEND';
const SETUP = ['stats', 'keepalive 15000', 'conn_id', 'set_timeout 30000'];

/** Greets every session, and leaves the rest to `then`. */
function greeting(then: Script): Script {
  return (line, socket) => {
    if (line === 'stats') return STATS;
    if (line === 'conn_id') return '200 secret';
    if (line.startsWith('keepalive')) return '200 Keepalive';
    if (line.startsWith('set_timeout')) return '200 Timeout';
    if (line === 'quit') return '200 Bye';
    return then(line, socket);
  };
}

function make(peers: readonly FakePeer[], options: Omit<ClientOptions, 'peers'> = {}): Client {
  const client = new Client({ peers: peers.map(({ at }) => at), ...options });
  onTestFinished(() => {
    for (const peer of peers) peer.stop();
    return client.close();
  });
  return client;
}

/** The clocks of a machine that may have slept. */
class SleepyMachine {
  sleptMs = 0;

  readonly readClocks = () => {
    const now = performance.now();
    return { monotonicMs: now, bootMs: now + this.sleptMs };
  };
}

function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'no error',
    (error: ClientError) => error.code,
  );
}

describe('a client', () => {
  it('spends one round trip on a try, and one line on a release', async () => {
    const peer = await FakePeer.start(greeting(() => '200 Acquired 7 29000'));
    const client = await make([peer]).connect();
    expect(peer.lines).toEqual(SETUP);
    const lock = await client.acquire('door', { ifAvailable: true });
    expect(peer.lines.slice(SETUP.length)).toEqual(['lock door']);
    expect(lock.token).toBe(7);
    expect(lock.validForMs()).toBeLessThanOrEqual(29_000 * 0.98);
    expect(lock.validForMs()).toBeGreaterThan(20_000);
    await lock.release();
    expect(peer.lines.slice(SETUP.length)).toEqual(['lock door', 'unlock door']);
    expect(lock.validForMs()).toBe(0);
  });

  it('keeps a hundred locks with one ping at a time', async () => {
    const peer = await FakePeer.start(
      greeting((line) => (line === 'ping' ? '200 PONG 6000' : '200 Acquired 1 6000')),
    );
    const client = make([peer], { timeoutMs: 6_000 });
    const names = Array.from({ length: 100 }, (_, index) => `lock-${index}`);
    await Promise.all(names.map((name) => client.acquire(name, { ifAvailable: true })));
    const pings = () => peer.lines.filter((line) => line === 'ping').length;
    await peer.until(() => pings() === 2);
    expect(peer.lines.filter((line) => line.startsWith('lock')).length).toBe(100);
  });

  it('asks for very many locks at once, and for all again where its session goes on', async () => {
    const peer = await FakePeer.start(
      greeting((line) => (line === 'conn_id secret' ? '200 Resumed' : '200 Acquired 7 29000')),
    );
    const client = make([peer]);
    const resumed = new Promise<number>((resolve) =>
      client.on('resumed', ({ detail }) => resolve(detail.survived.length)),
    );
    const names = Array.from({ length: 10_100 }, (_, index) => `lock-${index}`);
    await Promise.all(names.map((name) => client.acquire(name, { ifAvailable: true })));
    expect(peer.sockets).toHaveLength(1);
    peer.sockets.at(-1)?.destroy();
    expect(await resumed).toBe(names.length);
    expect(peer.sockets).toHaveLength(2);
  });

  it('asks again in the same session when the answer was lost, and holds the lock once', async () => {
    let isFirst = true;
    const peer = await FakePeer.start(
      greeting((line, socket) => {
        if (line === 'conn_id secret') return '200 Resumed 1';
        if (line.startsWith('unlock')) return '200 Released';
        if (isFirst) {
          isFirst = false;
          socket.destroy();
          return null;
        }
        return '200 Acquired 7 29000';
      }),
    );
    const client = make([peer]);
    const lock = await client.acquire('door', { ifAvailable: true });
    expect(lock.token).toBe(7);
    const behind = peer.lines.slice(SETUP.length);
    expect(behind).toEqual([
      'lock door',
      'stats',
      'keepalive 15000',
      'conn_id secret',
      'lock door',
    ]);
  });

  it('asks a peer again that could not decide in time, as long as that reaches a quorum', async () => {
    const answers = ['503 Not decided', '503 Not decided', '200 Resumed 1'];
    let isFirst = true;
    const peer = await FakePeer.start(
      greeting((line, socket) => {
        if (line === 'conn_id secret') return answers.shift() ?? null;
        if (!isFirst) return '200 Acquired 7 29000';
        isFirst = false;
        socket.destroy();
        return null;
      }),
    );
    const client = make([peer]);
    expect((await client.acquire('door', { ifAvailable: true })).token).toBe(7);
    const again = ['conn_id secret', 'stats', 'conn_id secret', 'stats', 'conn_id secret'];
    expect(peer.lines.slice(peer.lines.indexOf('conn_id secret'))).toEqual([...again, 'lock door']);
    expect(peer.sockets).toHaveLength(2);
  });

  it('repeats no unlock in a session that it was not sent in', async () => {
    let unlocks = 0;
    const peer = await FakePeer.start(
      greeting((line, socket) => {
        if (line === 'conn_id secret') return '403 No such session: never issued, or expired';
        if (!line.startsWith('unlock door')) return '200 Acquired 7 29000';
        unlocks += 1;
        socket.destroy();
        return null;
      }),
    );
    const client = make([peer]);
    const lock = await client.acquire('door', { ifAvailable: true });
    await lock.release();
    expect(unlocks).toBe(1);
    expect(lock.signal.aborted).toBe(false);
  });

  it('gives back a lock that was granted after it was given up', async () => {
    const peer = await FakePeer.start(
      greeting((line) => (line.startsWith('unlock') ? '200 R' : null)),
    );
    const client = make([peer]);
    const stop = new AbortController();
    const wait = client.acquire('door', { signal: stop.signal }).catch((error) => error);
    await peer.until(() => peer.lines.some((line) => line.startsWith('queue door ')));
    peer.say('202 Waiting\r\n');
    stop.abort('enough');
    peer.say('210 door 200 Acquired 7 29000\r\n');
    expect(await wait).toBe('enough');
    await peer.until(() => peer.lines.includes('unlock door'));
  });

  it('says lost when it is told, with the reason, and once', async () => {
    const peer = await FakePeer.start(greeting(() => '200 Acquired 7 29000'));
    const client = make([peer]);
    const lock = await client.acquire('door', { ifAvailable: true });
    const told: unknown[] = [];
    client.on('lost', ({ detail }) => told.push(detail.error));
    const aborted = new Promise((resolve) => lock.signal.addEventListener('abort', resolve));
    peer.say('410 door 7 gone\r\n');
    await aborted;
    expect(lock.signal.reason).toMatchObject({ code: 'LOCK_LOST', why: 'told', token: 7 });
    expect(told).toEqual([lock.signal.reason]);
    expect(await lock.release()).toBe(false);
  });

  it('says lost at its own deadline while a machine that slept counts by the boot clock', async () => {
    const peer = await FakePeer.start(greeting(() => '200 Acquired 7 29000'));
    const machine = new SleepyMachine();
    const client = make([peer], { readClocks: machine.readClocks });
    const lock = await client.acquire('door', { ifAvailable: true });
    machine.sleptMs = 25_000;
    expect(lock.validForMs()).toBeGreaterThan(0);
    machine.sleptMs = 28_420;
    expect(lock.validForMs()).toBe(0);
    expect(lock.signal.reason).toMatchObject({ code: 'LOCK_LOST', why: 'silence' });
  });

  it('does not repair in silence what it said is lost', async () => {
    const peer = await FakePeer.start(
      greeting((line) => {
        if (line === 'conn_id secret') return '200 Resumed 1';
        return line.startsWith('unlock') ? '200 Released 1' : '200 Acquired 7 29000';
      }),
    );
    const machine = new SleepyMachine();
    const client = make([peer], { readClocks: machine.readClocks });
    const lock = await client.acquire('door', { ifAvailable: true });
    machine.sleptMs = 60_000;
    expect(lock.isHeld).toBe(false);
    await client.acquire('gate', { ifAvailable: true });
    const resumedAt = peer.lines.indexOf('conn_id secret');
    expect(peer.lines.slice(resumedAt + 1)).toEqual(['unlock_all', 'lock gate']);
  });

  it('gives back once more, where its session goes on, what it gave back before', async () => {
    const peer = await FakePeer.start(
      greeting((line) => {
        if (line === 'conn_id secret') return '200 Resumed 2';
        return line.startsWith('unlock') ? '200 Released' : '200 Acquired 7 29000';
      }),
    );
    const client = make([peer]);
    const take = (name: string) => client.acquire(name, { ifAvailable: true });
    await take('gate');
    const door = await take('door');
    await door.release();
    const shed = await take('shed');
    await shed.release();
    await take('shed');
    peer.sockets.at(-1)?.destroy();
    await peer.until(() => peer.lines.includes('conn_id secret'));
    await peer.until(() => peer.lines.at(-1) === 'lock shed');
    const resumedAt = peer.lines.indexOf('conn_id secret');
    expect(peer.lines.slice(resumedAt + 1)).toEqual(['unlock door', 'lock gate', 'lock shed']);
  });

  it('gives back until a peer says that it is not held: what it had lost, for one', async () => {
    let answer = '200 Released';
    const peer = await FakePeer.start(
      greeting((line) => {
        if (line === 'conn_id secret') return '200 Resumed 2';
        return line.startsWith('unlock') ? answer : '200 Acquired 7 29000';
      }),
    );
    const machine = new SleepyMachine();
    const client = make([peer], { readClocks: machine.readClocks });
    const lock = await client.acquire('door', { ifAvailable: true });
    machine.sleptMs = 60_000;
    expect(lock.isHeld).toBe(false);
    await client.acquire('gate', { ifAvailable: true });
    for (const said of ['200 Released', '403 Not held', '403 Not held']) {
      answer = said;
      const before = peer.lines.length;
      peer.sockets.at(-1)?.destroy();
      await peer.until(() => peer.lines.slice(before).includes('lock gate'));
    }
    const returns = peer.lines.filter((line) => line.startsWith('unlock'));
    expect(returns).toEqual(['unlock_all', 'unlock door', 'unlock door']);
  });

  it('gives back once more what it was granted in the place of a lock that was missing', async () => {
    let token = 7;
    const peer = await FakePeer.start(
      greeting((line, socket) => {
        if (line === 'conn_id secret') return '200 Resumed 1';
        if (!line.startsWith('unlock'))
          return `200 Acquired ${line === 'lock door' ? token : 1} 9999`;
        socket.destroy();
        return null;
      }),
    );
    const client = make([peer]);
    await client.acquire('gate', { ifAvailable: true });
    const lock = await client.acquire('door', { ifAvailable: true });
    token = 8;
    peer.sockets.at(-1)?.destroy();
    const isGivenBack = () => peer.lines.filter((line) => line === 'unlock door').length === 2;
    await peer.until(isGivenBack);
    expect(lock.signal.reason).toMatchObject({ code: 'LOCK_LOST', why: 'missing' });
  });

  it('says what led to the loss of a lock whose session has expired', async () => {
    const peer = await FakePeer.start(
      greeting((line) => {
        if (line === 'conn_id secret') return '403 No such session: never issued, or expired';
        return '200 Acquired 7 29000';
      }),
    );
    const lock = await make([peer]).acquire('door', { ifAvailable: true });
    const aborted = new Promise((resolve) => lock.signal.addEventListener('abort', resolve));
    peer.sockets.at(-1)?.destroy();
    await aborted;
    const cause = expect.objectContaining({ code: 'SESSION_EXPIRED' });
    expect(lock.signal.reason).toMatchObject({ code: 'LOCK_LOST', why: 'expired', cause });
  });

  it.each([
    ['can vouch for its locks for long no more', 'ping', '200 PONG 500'],
    ['answers 503', 'lock gate', '503 No quorum'],
  ])('leaves a peer that %s, for one with a quorum', async (_what, line, answer) => {
    let reached = 3;
    const near = await FakePeer.start((said, socket) => {
      if (said === 'stats') return STATS.replace('reached 3', `reached ${reached}`);
      if (said === line) reached = 1;
      return said === line ? answer : greeting(() => '200 Acquired 7 1000')(said, socket);
    });
    const far = await FakePeer.start((said, socket) => {
      if (said === 'stats' && reached === 3) return null;
      return greeting(() => (said === 'conn_id secret' ? '200 Resumed 1' : '200 Acquired 7 1000'))(
        said,
        socket,
      );
    });
    const client = make([near, far], { timeoutMs: 1_000 });
    const left = new Promise((resolve) =>
      client.on('disconnected', ({ detail }) => resolve(detail.error)),
    );
    const lock = await client.acquire('door', { ifAvailable: true });
    if (line !== 'ping') {
      expect(await codeOf(client.acquire('gate', { ifAvailable: true }))).toBe('NO_QUORUM');
    }
    expect(await left).toMatchObject({ code: 'NO_QUORUM' });
    await far.until(() => far.lines.includes('lock door'));
    expect(far.lines).toContain('conn_id secret');
    expect(lock.signal.aborted).toBe(false);
  });

  it('stays with a peer that may reach no quorum where no other does', async () => {
    const none = STATS.replace('reached 3', 'reached 1');
    const near = await FakePeer.start(
      greeting((line) => (line === 'ping' ? '200 PONG 500' : '200 Acquired 7 1000')),
    );
    const far = await FakePeer.start((line) => (line === 'stats' ? none : null));
    const client = make([near, far], { timeoutMs: 1_000 });
    const lock = await client.acquire('door', { ifAvailable: true });
    await far.until(() => far.lines.filter((line) => line === 'stats').length > 2);
    expect(client.peer).toBe(near.at);
    expect(near.sockets).toHaveLength(1);
    expect(lock.signal.aborted).toBe(false);
  });

  it.each([
    ['LOCK_HELD', '409 Held'],
    ['NO_QUORUM', '503 No quorum'],
    ['LIMIT_REACHED', '429 Too many'],
    ['INVALID_ARGUMENT', '400 What'],
  ])('rejects a try with %s', async (code, answer) => {
    const client = make([await FakePeer.start(greeting(() => answer))]);
    expect(await codeOf(client.acquire('door', { ifAvailable: true }))).toBe(code);
  });

  it.each([
    ['nobody listens', 'NO_CONNECTION', null],
    ['nobody answers', 'PEER_SILENT', (() => null) as Script],
    ['an HTTP server answers', 'NOT_ELOCK', (() => 'HTTP/1.1 400 Bad Request') as Script],
    ['the original answers', 'NOT_ELOCK', (() => '200 STATS\r\nSTAT clients 1\r\nEND') as Script],
  ])('says UNREACHABLE, and why, where %s', async (_what, cause, script) => {
    const peer = await FakePeer.start(script ?? undefined);
    const client = make([peer], cause === 'PEER_SILENT' ? { answerMs: 50 } : {});
    if (script === null) peer.stop();
    const error = await client.connect().catch((reason) => reason);
    expect(error).toMatchObject({ code: 'UNREACHABLE', failures: [{ error: { code: cause } }] });
  });

  it('takes a peer that answers beside one that never does, and one with a quorum first', async () => {
    const silent = await FakePeer.start();
    const cutOff = await FakePeer.start(() => STATS.replace('reached 3', 'reached 1'));
    const good = await FakePeer.start(greeting(() => '200 Acquired 1 29000'));
    const client = await make([silent, cutOff, good]).connect();
    expect(client.peer).toBe(good.at);
  });

  it.each([
    '',
    'a b',
    'a\nb',
    'a\r',
    '\0',
    '\ud800',
    'x'.repeat(4_001),
    'é'.repeat(2_001),
    7 as never,
  ])('refuses the name %j at once', async (name) => {
    const client = new Client({ peers: ['localhost'] });
    expect(await codeOf(client.acquire(name))).toBe('INVALID_ARGUMENT');
  });

  it.each<Partial<ClientOptions>>([
    { peers: [] },
    { peers: Array.from({ length: 65 }, (_, index) => `h${index}`) },
    { peers: ['localhost:0'] },
    { peers: ['localhost:65536'] },
    { peers: ['http://localhost'] },
    { peers: ['x'.repeat(300)] },
    { peers: ['a b'] },
    { timeoutMs: 999 },
    { timeoutMs: Number.NaN },
    { answerMs: 0 },
    { driftPermille: 201 },
  ])('refuses the options %j', (options) => {
    expect(() => new Client({ peers: ['localhost'], ...options })).toThrow(/expected/);
  });
});
