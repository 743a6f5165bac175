/**
 * By how much the beliefs of two sessions may overlap, given what a plan does to the clocks.
 *
 * The oracle of leases, for this protocol's validity (rules 12 to 14). Let L be the longest lease,
 * d the drift bound, and let a voter have heard a home's heartbeat that was sent at 0. With clock
 * rates h (home), c (client) and v (voter), in their seconds per second of the world:
 *
 *   the voter accepts *expired* no earlier than L / v;
 *   the home believes until L(1 - d) / h at the latest;
 *   its client, told at x by the home and careful once more, until
 *   x + (1 - d)(L(1 - d) - hx) / c, which is greatest at one end: L(1 - d)²/c or L(1 - d) / h.
 *
 * Every quorum that vouches meets every quorum that expires, so what the slowest home or client and
 * the fastest voter can do bounds all. To this add forward steps of voters' clocks, backward steps
 * and freezes of homes' clocks: a peer's elapsed time is that of two clocks, the larger at a home
 * and the smaller at a voter, so only what happens to both at once counts. A sleep that the
 * monotonic clock does not count is a freeze of that clock: while the other one stands, too,
 * nothing tells the peer that time passed. Offsets do not matter.
 *
 * @see Gray, Cheriton, "Leases" (1989)
 */
import { DEFAULT_SETTINGS } from '../src/core/settings.ts';
import type { Fault, Plan } from './plan.ts';

const MILLION = 1_000_000;
/** Clocks are read in whole ms: at a home, twice at a client, and at a voter. */
const READING_US = 5_000;

type ClockFault = Extract<Fault, { kind: 'step' | 'freeze' }>;

/** The longest overlap that the clocks of a plan allow (µs of the world); 0: none at all. */
export function overlapBoundUs(plan: Plan): number {
  const drift = plan.settings.driftPermille ?? DEFAULT_SETTINGS.driftPermille;
  const leaseUs = longestLeaseMs(plan) * 1_000;
  const rates = ratesOf(plan);
  const vouched = (leaseUs * (1_000 - drift)) / 1_000;
  const believedUs = Math.max(
    vouched / rates.slowestPeer,
    (vouched * (1_000 - drift)) / 1_000 / rates.slowestClient,
  );
  const byRates = Math.max(0, believedUs - leaseUs / rates.fastestPeer);
  const bound = Math.ceil(byRates) + 1_000 * tamperedMs(plan);
  return bound === 0 ? 0 : bound + READING_US;
}

function longestLeaseMs({ settings, workload, scripts = [] }: Plan): number {
  const lease = settings.minimumLeaseMs ?? DEFAULT_SETTINGS.minimumLeaseMs;
  const asked = scripts.flatMap(({ timeoutMs, steps }) => [
    timeoutMs,
    ...steps.map((step) => {
      const match = step.do === 'ask' ? /^set_timeout (\d+)$/.exec(step.line) : null;
      return Number(match?.[1] ?? 0);
    }),
  ]);
  return Math.max(lease, ...workload.timeoutsMs, ...asked);
}

/** Extremes over the whole run, in seconds of a clock per second of the world. */
function ratesOf({ gains, clientGains, faults }: Plan) {
  const changed = faults.flatMap((fault) => (fault.kind === 'rate' ? [fault.gain] : []));
  const rate = (gain: number) => (MILLION + gain) / MILLION;
  return {
    slowestPeer: rate(Math.min(0, ...gains, ...changed)),
    fastestPeer: rate(Math.max(0, ...gains, ...changed)),
    slowestClient: rate(Math.min(0, ...clientGains)),
  };
}

/** How long both clocks of one machine stood still at once, or how far both jumped. */
function tamperedMs({ faults }: Plan): number {
  const tampered = faults.flatMap(clockFaults);
  let sum = 0;
  for (const one of tampered.filter(({ clocks }) => clocks.includes('monotonic'))) {
    for (const other of tampered.filter(({ clocks }) => clocks.includes('boot'))) {
      if (one.machine === other.machine) sum += togetherMs(one, other);
    }
  }
  return sum;
}

/** What a fault does to the clocks of a machine, if anything. */
function clockFaults(fault: Fault): readonly ClockFault[] {
  if (fault.kind === 'step' || fault.kind === 'freeze') return [fault];
  if (fault.kind !== 'suspend' || fault.counted) return [];
  return [{ ...fault, kind: 'freeze', clocks: ['monotonic'] }];
}

function togetherMs(one: ClockFault, other: ClockFault): number {
  if (one.kind === 'step' || other.kind === 'step') {
    return one === other && one.kind === 'step' ? Math.abs(one.byMs) : 0;
  }
  const end = Math.min(one.at + one.for, other.at + other.for);
  return Math.max(0, end - Math.max(one.at, other.at));
}
