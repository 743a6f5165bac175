/** The parts of the guard of a text server, each by itself. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConnectionWarden } from '../../src/adapters/connection-warden.ts';
import { Crowd } from '../../src/adapters/crowd.ts';
import { networkOf } from '../../src/adapters/network-of.ts';
import { PacedLog } from '../../src/adapters/paced-log.ts';
import { SecretGate } from '../../src/adapters/secret-gate.ts';
import { TokenBucket } from '../../src/adapters/token-bucket.ts';
import {
  REPEATED_LOG_MS,
  WRONG_SECRET_ADDRESSES_MAX,
  WRONG_SECRETS_BURST,
  WRONG_SECRETS_PER_CONNECTION,
} from '../../src/limits.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('token bucket', () => {
  it('gives its burst at once, then as many as its rate', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 3 }, 1_000);
    for (let taken = 0; taken < 3; taken += 1) bucket.take(1_000);
    expect(bucket.waitMs(1_000)).toBe(100);
    expect(bucket.waitMs(1_050)).toBe(50);
    expect(bucket.waitMs(1_100)).toBe(0);
  });

  it('holds no more than its burst, however long it is left alone', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 2 }, 0);
    bucket.take(1e9);
    bucket.take(1e9);
    expect(bucket.waitMs(1e9)).toBe(100);
  });
});

describe('an address', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::7', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s is counted to %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe('a crowd', () => {
  it('has room for so many, and for so many of one address', () => {
    const crowd = new Crowd({ connections: 3, connectionsPerAddress: 2 });
    expect(crowd.enter('a')).toBeNull();
    expect(crowd.enter('a')).toBeNull();
    expect(crowd.enter('a')).toEqual({ kind: 'connectionsPerAddress', max: 2 });
    expect(crowd.enter(null)).toBeNull();
    expect(crowd.enter(null)).toEqual({ kind: 'connections', max: 3 });
    crowd.leave('a');
    expect(crowd.enter('a')).toBeNull();
    crowd.leave(null);
    crowd.leave('a');
    crowd.leave('a');
    for (const address of ['b', 'c', null]) expect(crowd.enter(address)).toBeNull();
  });
});

describe('a gate', () => {
  it('knows its secret from every other, of any length', () => {
    const gate = new SecretGate('s\xfcsame');
    expect(gate.judge('s\xfcsame', null)).toBe('right');
    for (const wrong of ['', 's', 's\xfcsam', 's\xfcsamee', 'S\xfcsame', 'x'.repeat(4_000)]) {
      expect(gate.judge(wrong, null)).toBe('wrong');
    }
  });

  it('bars an address that was wrong too often, for the right secret too, and no other', () => {
    let now = 0;
    const gate = new SecretGate('sesame', () => now);
    for (let tries = 0; tries < WRONG_SECRETS_BURST; tries += 1) {
      expect(gate.judge('x', 'a')).toBe('wrong');
    }
    expect(gate.judge('sesame', 'a')).toBe('barred');
    expect(gate.judge('sesame', 'b')).toBe('right');
    now = 1_000;
    expect(gate.judge('sesame', 'a')).toBe('right');
    expect(gate.judge('x', 'a')).toBe('wrong');
    expect(gate.judge('x', 'a')).toBe('barred');
  });

  it('remembers a bounded number of addresses', () => {
    const gate = new SecretGate('sesame', () => 0);
    for (let tries = 0; tries < WRONG_SECRETS_BURST; tries += 1) gate.judge('x', 'first');
    for (let index = 0; index < WRONG_SECRET_ADDRESSES_MAX; index += 1) gate.judge('x', `${index}`);
    expect(gate.judge('x', 'first')).toBe('wrong');
  });
});

describe('a warden', () => {
  const options = { gate: null, address: null, commandsPerSecond: 2, admissionMs: 500 };

  function guard(given: Partial<ConstructorParameters<typeof ConnectionWarden>[0]> = {}) {
    const told: string[] = [];
    const warden = new ConnectionWarden(
      { ...options, wrong: () => told.push('wrong'), ...given },
      { allowed: () => told.push('allowed'), admissionOver: () => told.push('over') },
    );
    return { warden, told };
  }

  it('lets lines run by rate and burst, and says when more may', () => {
    const { warden, told } = guard();
    expect(warden.spend()).toBe(true);
    expect(warden.spend()).toBe(false);
    vi.advanceTimersByTime(499);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(told).toEqual(['allowed']);
    expect(warden.spend()).toBe(false);
  });

  it('ends the time for a secret unless the right one came', () => {
    const gate = new SecretGate('sesame');
    const late = guard({ gate });
    late.warden.judge('x');
    const timely = guard({ gate });
    expect(timely.warden.judge('sesame')).toBe('right');
    const gone = guard({ gate });
    gone.warden.stop();
    const free = guard();
    vi.advanceTimersByTime(60_000);
    expect(late.told).toEqual(['wrong', 'over']);
    expect([timely.told, gone.told, free.told]).toEqual([[], [], []]);
    expect(free.warden.asksSecret).toBe(false);
    expect(free.warden.judge('x')).toBe('not-asked');
  });

  it('counts the wrong secrets of its connection', () => {
    const { warden, told } = guard({ gate: new SecretGate('sesame') });
    const verdicts = Array.from({ length: WRONG_SECRETS_PER_CONNECTION }, () => warden.judge('x'));
    expect(verdicts.at(-2)).toBe('wrong');
    expect(verdicts.at(-1)).toBe('wrong-too-often');
    expect(told).toHaveLength(WRONG_SECRETS_PER_CONNECTION);
    warden.stop();
  });
});

describe('a paced log', () => {
  it('tells the first at once, and those that follow as one', () => {
    const lines: unknown[] = [];
    const logger = { log: (...line: unknown[]) => void lines.push(line) };
    const log = new PacedLog(logger, 'warn', 'refused');
    log.log({ address: 'a' });
    expect(lines).toEqual([['warn', 'refused', { address: 'a', times: 1 }]]);
    for (const address of ['b', 'c']) log.log({ address });
    expect(lines).toHaveLength(1);
    vi.advanceTimersByTime(REPEATED_LOG_MS);
    expect(lines.slice(1)).toEqual([['warn', 'refused', { address: 'c', times: 2 }]]);
    vi.advanceTimersByTime(REPEATED_LOG_MS);
    log.log({ address: 'd' });
    log.log({ address: 'e' });
    log.stop();
    expect(lines.slice(2)).toEqual([
      ['warn', 'refused', { address: 'd', times: 1 }],
      ['warn', 'refused', { address: 'e', times: 1 }],
    ]);
    vi.advanceTimersByTime(10 * REPEATED_LOG_MS);
    expect(lines).toHaveLength(4);
  });
});
