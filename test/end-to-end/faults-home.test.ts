/**
 * The peer of a holder is killed or stopped: its locks are free one lease later and no sooner, its
 * sessions live on elsewhere, and what it held it never claims again.
 */
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { TextClient } from '../transcripts/text-client.ts';
import { acquire, decided, shareCluster, TestCluster, tokenOf } from './dev-cluster.ts';
import { type Answer, answered, safeUntil, tell } from './witness.ts';

/** The default of the option `minimumLeaseMs`. */
const MINIMUM_LEASE_MS = 3_000;
/** A time-out of sessions that live on: what a busy machine may take to see to that. */
const RESUMED_WITHIN_MS = 60_000;
/** Between two pairs of a client that is to be served all the time, and no load. */
const PACE_MS = 10;

interface Holder {
  readonly client: TextClient;
  readonly token: number;
}

async function hold(client: TextClient, name: string, timeoutMs: number): Promise<Holder> {
  expect(await client.ask(`set_timeout ${timeoutMs}`)).toMatch(/^200 /);
  // A try that a busy peer could not decide may be in its own way for a moment.
  return { client, token: tokenOf(await client.ask(`lock ${name} 300`)) };
}

async function idOf(client: TextClient): Promise<string | undefined> {
  return (await client.ask('conn_id'))?.slice('200 '.length);
}

/** Waits in line for a lock that is held; its answer comes by `answered`. */
async function wait(client: TextClient, name: string): Promise<TextClient> {
  expect(await decided(client, `lock ${name}`)).toMatch(/^409 /);
  client.send(`lock ${name} 300\n`);
  return client;
}

describe('when the peer of a holder is killed', () => {
  it('a waiter elsewhere gets the lock after the lease, and all else is untouched', async () => {
    const cluster = await TestCluster.start();
    const brief = await hold(await cluster.client(0), 'brief', 1_000);
    const minimal = await hold(await cluster.client(0), 'minimal', MINIMUM_LEASE_MS);
    const long = await hold(await cluster.client(0), 'long', 5_000);
    const bystander = await hold(await cluster.client(1), 'bystander', 1_000);
    const waiters = [
      await wait(await cluster.client(1), 'brief'),
      await wait(await cluster.client(2), 'long'),
    ] as const;
    const busy = await cluster.client(2);
    // A session with a shorter time-out lives for the minimum lease all the same.
    const briefUntil = await safeUntil(minimal.client);
    const longUntil = await safeUntil(long.client);

    cluster.signal(0, 'SIGKILL');
    const killedAt = performance.now();
    let isWaiting = true;
    const grants = Promise.all(waiters.map(answered)).finally(() => {
      isWaiting = false;
    });
    let pairs = 0;
    for (; isWaiting; pairs += 1) {
      await acquire(busy, 'busy');
      expect(await busy.ask('unlock busy')).toMatch(/^200 /);
      await setTimeout(PACE_MS);
    }
    const [first, second] = (await grants) as [Answer, Answer];

    tell('kill -9 to grant, a session of the minimum lease (3,000 ms)', first.at - killedAt);
    tell('kill -9 to grant, a session of 5,000 ms', second.at - killedAt);
    expect(first.at).toBeGreaterThanOrEqual(briefUntil);
    expect(second.at).toBeGreaterThanOrEqual(longUntil);
    expect(tokenOf(first.line)).toBeGreaterThan(brief.token);
    expect(tokenOf(second.line)).toBeGreaterThan(long.token);
    expect(pairs).toBeGreaterThan(0);
    expect(await acquire(bystander.client, 'bystander')).toBe(bystander.token);
  });

  it('its sessions go on at other peers with their locks and tokens, each at one taker', async () => {
    const cluster = await TestCluster.start();
    const kept = await hold(await cluster.client(0), 'kept', RESUMED_WITHIN_MS);
    const other = await acquire(kept.client, 'kept-too');
    const wanted = await hold(await cluster.client(0), 'wanted', RESUMED_WITHIN_MS);
    const ids = [await idOf(kept.client), await idOf(wanted.client)] as const;
    const takers = [await cluster.client(1), await cluster.client(2)] as const;
    cluster.signal(0, 'SIGKILL');
    await Promise.all([kept.client.ended, wanted.client.ended]);

    const taking = takers.map((taker) => decided(taker, `conn_id ${ids[1]}`));
    const resumed = await cluster.client(1);
    expect(await decided(resumed, `conn_id ${ids[0]}`)).toBe('200 Resumed 2');
    expect(await acquire(resumed, 'kept')).toBe(kept.token);
    expect(await acquire(resumed, 'kept-too')).toBe(other);
    const waiter = await wait(await cluster.client(2), 'kept');
    expect(await resumed.ask('unlock kept')).toMatch(/^200 /);
    expect(tokenOf(await waiter.line())).toBeGreaterThan(kept.token);
    expect(await decided(await cluster.client(2), `conn_id ${ids[0]}`)).toMatch(/^403 /);

    const answers = await Promise.all(taking);
    const winners = takers.filter((_taker, index) => answers[index] === '200 Resumed 1');
    expect(winners, answers.join(' / ')).toHaveLength(1);
    for (const answer of answers) expect(answer).toMatch(/^(200 Resumed 1$|403 )/);
    expect(await acquire(winners[0]!, 'wanted')).toBe(wanted.token);
  });
});

describe('when the peer of a session lives', () => {
  const shared = shareCluster();

  it('another peer is refused the session while its client is attached, not once it has left', async () => {
    const cluster = shared();
    const { client, token } = await hold(await cluster.client(0), 'attached', 20_000);
    const id = await idOf(client);
    const taker = await cluster.client(1);
    expect(await decided(taker, `conn_id ${id}`)).toMatch(/^403 /);
    expect(await acquire(client, 'attached')).toBe(token);

    client.socket.end();
    await client.ended;
    expect(await decided(taker, `conn_id ${id}`)).toBe('200 Resumed 1');
    expect(await acquire(taker, 'attached')).toBe(token);
  });

  it('but was stopped for longer than the lease, the holder is told first, and not believed', async () => {
    const cluster = shared();
    const { client, token } = await hold(await cluster.client(0), 'stopped', 1_000);
    const waiter = await wait(await cluster.client(1), 'stopped');
    cluster.signal(0, 'SIGSTOP');
    const stoppedAt = performance.now();
    client.send('lock stopped\nping\n');
    const { line, at } = await answered(waiter);
    const next = tokenOf(line);
    expect(next).toBeGreaterThan(token);
    tell('SIGSTOP to grant elsewhere', at - stoppedAt);

    cluster.signal(0, 'SIGCONT');
    expect(await client.rest()).toMatch(new RegExp(`^410 stopped ${token} [^\n]*\r\n$`));
    const late = await cluster.client(0);
    expect(await late.ask('lock stopped')).toMatch(/^(409|503) /);
    expect(await waiter.ask('unlock stopped')).toMatch(/^200 /);
    expect(tokenOf(await late.ask('lock stopped 300'))).toBeGreaterThan(next);
  });

  it('but stood still while its session went on elsewhere, it tells, and ends the old one', async () => {
    const cluster = shared();
    const { client, token } = await hold(await cluster.client(0), 'moved', 120_000);
    const id = await idOf(client);
    const taker = await cluster.client(1);
    cluster.signal(0, 'SIGSTOP');
    expect(await decided(taker, `conn_id ${id}`)).toBe('200 Resumed 1');
    expect(await acquire(taker, 'moved')).toBe(token);
    const next = await wait(await cluster.client(2), 'moved');
    expect(await taker.ask('unlock moved')).toMatch(/^200 /);
    const handedOn = tokenOf(await next.line());
    expect(handedOn).toBeGreaterThan(token);

    cluster.signal(0, 'SIGCONT');
    expect(await client.rest()).toMatch(new RegExp(`^410 moved ${token} [^\n]*\r\n$`));
    const late = await cluster.client(0);
    expect(await decided(late, 'lock moved')).toMatch(/^409 /);
    expect(await acquire(next, 'moved')).toBe(handedOn);
    expect(await decided(taker, 'unlock moved')).toMatch(/^403 /);
  });
});
