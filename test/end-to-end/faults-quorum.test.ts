/**
 * No majority: a peer alone says so and gives up its locks; all killed and started again, the
 * cluster goes on where it was.
 */
import { expect, it } from 'vitest';
import { acquire, decided, shareCluster, TestCluster, tokenOf } from './dev-cluster.ts';
import { answered, safeUntil, tell } from './witness.ts';

const MINIMUM_LEASE_MS = 3_000;
/** The last test kills it. */
const shared = shareCluster();

it('a peer whose others are stopped answers 503, and tells and closes its holders', async () => {
  const cluster = shared();
  const holder = await cluster.client(0);
  expect(await holder.ask('set_timeout 1000')).toMatch(/^200 /);
  const token = await acquire(holder, 'mine');
  const waiter = await cluster.client(1);
  expect(await decided(waiter, 'lock mine')).toMatch(/^409 /);
  waiter.send('lock mine 300\n');

  for (const other of [1, 2]) cluster.pause(other);
  const stoppedAt = performance.now();
  const alone = await cluster.client(0);
  alone.send('lock another\n');
  const tried = await answered(alone);
  expect(tried.line).toMatch(/^503 No quorum/);
  tell('a try at a peer alone, to its 503', tried.at - stoppedAt);

  const lost = await answered(holder);
  expect(lost.line).toMatch(new RegExp(`^410 mine ${token} `));
  expect(await holder.rest()).toBe('');
  tell('the last majority to 410', lost.at - stoppedAt);

  for (const other of [1, 2]) cluster.resume(other);
  expect(tokenOf(await waiter.line())).toBeGreaterThan(token);
});

it('a cluster whose peers were all killed goes on: tokens rise, and held locks end', async () => {
  const first = shared();
  const holder = await first.client(0);
  expect(await holder.ask('set_timeout 1000')).toMatch(/^200 /);
  const held = await acquire(holder, 'held');
  let released = 0;
  for (let turn = 0; turn < 5; turn += 1) {
    released = await acquire(holder, 'released');
    expect(await holder.ask('unlock released')).toMatch(/^200 /);
  }
  const until = await safeUntil(holder);
  for (const index of first.peers.keys()) first.signal(index, 'SIGKILL');
  await first.dev.ended;

  const startedAt = performance.now();
  const second = await TestCluster.start({ data: first.data });
  const waiter = await second.client(1);
  waiter.send('lock held 300\n');
  const client = await second.client(2);
  expect(tokenOf(await client.ask('lock released 300'))).toBeGreaterThan(released);
  const { line, at } = await answered(waiter);
  expect(tokenOf(line)).toBeGreaterThan(held);
  expect(at).toBeGreaterThanOrEqual(until);
  // A voter that starts counts as having heard everybody.
  expect(at - startedAt).toBeGreaterThanOrEqual(MINIMUM_LEASE_MS);
  tell('all killed, from their start to the grant of a held lock', at - startedAt);
});
