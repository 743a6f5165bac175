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
 * and the smaller at a voter, so only what happens to both between two readings counts. A process
 * that is paused or asleep reads nothing: what both clocks lost meanwhile, at once or in turn, it
 * cannot know. A sleep that the monotonic clock does not count is a freeze of that clock. Offsets
 * do not matter.
 *
 * @see Gray, Cheriton, "Leases" (1989)
 */
import { DEFAULT_SETTINGS } from '../src/core/settings.ts';
import type { ClockName } from './clock.ts';
import type { Fault, Plan } from './plan.ts';

const MILLION = 1_000_000;
/** Clocks are read in whole ms: at a home, twice at a client, and at a voter. */
const READING_US = 5_000;

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

/** How long both clocks of a machine stood still unseen, or how far both jumped. */
function tamperedMs(plan: Plan): number {
  let sum = 0;
  for (const fault of plan.faults) {
    const { kind } = fault;
    if (kind === 'step' && tampersBoth(fault.clocks)) sum += Math.abs(fault.byMs);
  }
  for (let machine = 0; machine < plan.machines; machine++) {
    const monotonic = stretchesOf(plan, machine, (fault) => stops(fault, 'monotonic'));
    const boot = stretchesOf(plan, machine, (fault) => stops(fault, 'boot'));
    for (const unread of unreadStretches(plan, machine)) {
      sum += Math.min(lostMs(unread, monotonic), lostMs(unread, boot));
    }
  }
  return sum;
}

/** From when until when (ms of the world). */
interface Stretch {
  readonly from: number;
  readonly until: number;
}

function tampersBoth(clocks: readonly ClockName[]): boolean {
  return clocks.includes('monotonic') && clocks.includes('boot');
}

/** Whether a clock stands still during a fault. */
function stops(fault: Fault, clock: ClockName): boolean {
  if (fault.kind === 'freeze') return fault.clocks.includes(clock);
  return fault.kind === 'suspend' && !fault.counted && clock === 'monotonic';
}

/** In which a process may read no clock: its alarms stand with the monotonic one. */
function unreadStretches(plan: Plan, machine: number): Stretch[] {
  const alarmMs = plan.settings.heartbeatMs ?? DEFAULT_SETTINGS.heartbeatMs;
  const still = stretchesOf(
    plan,
    machine,
    (fault) => fault.kind === 'pause' || fault.kind === 'suspend',
  );
  const withoutAlarm = stretchesOf(plan, machine, (fault) => stops(fault, 'monotonic'));
  const late = withoutAlarm.map(({ from, until }) => ({ from, until: until + alarmMs }));
  return joined([...still, ...late]);
}

/** When a machine suffers some fault, without overlaps and in order. */
function stretchesOf(
  { faults }: Plan,
  machine: number,
  isMeant: (fault: Fault) => boolean,
): Stretch[] {
  const stretches: Stretch[] = [];
  for (const fault of faults) {
    if (!('for' in fault && 'machine' in fault) || fault.machine !== machine) continue;
    if (isMeant(fault)) stretches.push({ from: fault.at, until: fault.at + fault.for });
  }
  return joined(stretches);
}

function joined(stretches: readonly Stretch[]): Stretch[] {
  const all: Stretch[] = [];
  for (const next of [...stretches].sort((one, other) => one.from - other.from)) {
    const last = all.at(-1);
    if (last === undefined || last.until < next.from) all.push(next);
    else all[all.length - 1] = { from: last.from, until: Math.max(last.until, next.until) };
  }
  return all;
}

/** For how long of a stretch a clock stood. */
function lostMs({ from, until }: Stretch, stood: readonly Stretch[]): number {
  let sum = 0;
  for (const one of stood) {
    sum += Math.max(0, Math.min(until, one.until) - Math.max(from, one.from));
  }
  return sum;
}
