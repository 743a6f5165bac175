/**
 * Many clients and names for a few seconds, beside connections that nobody should have to serve: no
 * client meets an error, and no peer grows. The long run of more clients is in the bench.
 */
import { expect, it, onTestFinished } from 'vitest';
import { closedLoop, type Outcome } from '../bench/closed-loop.ts';
import { largestResidentMb } from '../bench/process-usage.ts';
import { percentile } from '../bench/statistics.ts';
import { connectElock } from '../bench/systems/elock.ts';
import { acquire, TestCluster } from './dev-cluster.ts';
import { Hostility } from './hostile.ts';
import { tell } from './witness.ts';

const CLIENTS = 200;
const NAMES = 2_000;
const WARM_UP_MS = 500;
const MEASURE_MS = 2_500;
/** Longer than any queue here, however busy the machine. */
const WAIT_MS = 60_000;
/** Some times what a peer takes that was never troubled. */
const RESIDENT_MB_MAX = 512;

it('200 clients and 2,000 names meet no error beside hostile connections', async () => {
  const cluster = await TestCluster.start();
  const ports = cluster.peers.map(({ port }) => port);
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, (_, index) => connectElock(ports[index % ports.length]!)),
  );
  const bystander = await cluster.client(0);
  const token = await acquire(bystander, 'bystander');
  const hostility = new Hostility(ports);
  onTestFinished(() => hostility.stop());
  const troubled = hostility.run();

  const load = () =>
    closedLoop(clients, {
      nameOf: (client, turn) => `any-${(client * 31 + turn * 7) % NAMES}`,
      waitMs: WAIT_MS,
      holdMs: 0,
      warmUpMs: WARM_UP_MS,
      measureMs: MEASURE_MS,
      pids: [],
    });
  // A machine that stands still for so long has measured nothing.
  let outcome = await load();
  for (let left = 4; left > 0 && isNothing(outcome); left--) outcome = await load();
  const residentMb = Math.round(largestResidentMb(cluster.peers.map(({ pid }) => pid)));
  hostility.stop();
  await troubled;

  expect(outcome.errors).toEqual([]);
  expect(outcome.timedOut).toBe(0);
  expect(residentMb).toBeLessThan(RESIDENT_MB_MAX);
  expect(await acquire(bystander, 'bystander')).toBe(token);
  const pairs = pairsOf(outcome);
  expect(pairs).toBeGreaterThan(0);
  expect(hostility.connections).toBeGreaterThan(0);
  const figures = `${pairs} pairs, ${hostility.connections} hostile connections, ${residentMb} MB`;
  tell(`load (${figures}), p50 of an acquire`, percentile(outcome.waits, 0.5));
  await Promise.all(clients.map((client) => client.close()));
});

function pairsOf({ pairs }: Outcome): number {
  return pairs.reduce((total, count) => total + count, 0);
}

function isNothing(outcome: Outcome): boolean {
  const { errors, timedOut } = outcome;
  return pairsOf(outcome) === 0 && errors.length === 0 && timedOut === 0;
}
