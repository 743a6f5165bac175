/**
 * Changes of the voters that a seed makes: how many vote at first, and who wishes for what, when.
 *
 * Has a random stream of its own: the plan of a seed that draws none is as it would be without.
 * Leaves a cluster that can go on: where a directory is lost, never fewer than three vote, and the
 * world is made whole in the end, for nobody can say beforehand who will vote then.
 */
import type { Fault, Plan, PlannedChange, PlannedWish } from './plan.ts';
import { RandomStream } from './random.ts';

/** Seeds in which the voters change. */
const CHANGED_PER_MILLION = 350_000;
/** Of those, the ones in which a silent voter is replaced by itself, after so long (ms). */
const REPLACING_PER_MILLION = 300_000;
const REPLACE_AFTER_MS = [2_000, 9_000] as const;
/** Wishes that come with the one before, from somebody else. */
const TOGETHER_PER_MILLION = 300_000;
const WISHES = [1, 7] as const;
/** Wishes about which a peer crashes: from so long before, or just when it is merging (ms). */
const CRASHING_PER_MILLION = 400_000;
const CRASH_FROM_MS: readonly [number, number] = [-4_000, 0];
const CRASH_DURING_MS: readonly [number, number] = [0, 40];
const CRASH_FOR_MS = [50, 6_000] as const;

/** The same plan, with changes of the voters if its seed draws any. */
export function withChanges(plan: Plan): Plan {
  const random = new RandomStream(plan.seed, 'plan:changes');
  return random.chance(CHANGED_PER_MILLION) ? changing(plan, random) : plan;
}

/** The same plan, with changes of the voters. */
export function changing(plan: Plan, random: RandomStream): Plan {
  const { machines } = plan;
  const loses = plan.faults.some(({ kind }) => kind === 'lose-directory');
  const least = loses ? 3 : 1;
  const voters = random.between(Math.min(least, machines), machines);
  const replaces = random.chance(REPLACING_PER_MILLION);
  const settings = replaces ? { replaceAfterMs: random.between(...REPLACE_AFTER_MS) } : {};
  const wishes = wishesOf({ ...plan, voters }, least, random);
  const faults = [...onceLost(plan.faults), ...crashesAbout(wishes, plan.machines, random)];
  return {
    ...plan,
    voters,
    faults: faults.sort((a, b) => a.at - b.at),
    wishes,
    heal: { kind: 'all' },
    settings: { ...plan.settings, ...settings },
  };
}

/** Of three voters one may lose its votes, whoever votes with it then. */
function onceLost(faults: Plan['faults']): Plan['faults'] {
  const first = faults.find(({ kind }) => kind === 'lose-directory');
  return faults.filter((fault) => fault.kind !== 'lose-directory' || fault === first);
}

/** Of peers that miss a change, or are in the middle of one. */
function crashesAbout(wishes: readonly PlannedWish[], machines: number, random: RandomStream) {
  const about = wishes.filter(() => random.chance(CRASHING_PER_MILLION));
  return about.map(
    ({ at }): Fault => ({
      kind: 'crash',
      at: Math.max(0, at + random.between(...random.pick([CRASH_FROM_MS, CRASH_DURING_MS]))),
      for: random.between(...CRASH_FOR_MS),
      machine: random.below(machines),
      kept: random.pick(['all', 'some', 'none']),
      power: false,
    }),
  );
}

function wishesOf(plan: Plan, least: number, random: RandomStream): PlannedWish[] {
  const wishes: PlannedWish[] = [];
  const count = random.between(...WISHES);
  let at = 0;
  for (let number = 0; number < count; number++) {
    const together = number > 0 && random.chance(TOGETHER_PER_MILLION);
    at = together ? at + random.below(60) : random.between(500, plan.faultsMs);
    const machine = random.below(plan.machines);
    wishes.push({ at, machine, change: drawChange(plan.machines, least, random) });
  }
  return wishes.sort((a, b) => a.at - b.at);
}

function drawChange(machines: number, least: number, random: RandomStream): PlannedChange {
  const all = Array.from({ length: machines }, (_, index) => index);
  const [one, other] = random.sample(all, 2) as [number, number];
  const few = () => random.sample(all, random.between(1, 2)).sort((a, b) => a - b);
  const some = () => {
    const size = random.between(Math.min(least, machines), machines);
    return random.sample(all, size).sort((a, b) => a - b);
  };
  const dice = random.below(10);
  if (dice < 3) return { kind: 'set', voters: some() };
  if (dice < 6) return { kind: 'replace', peer: one, by: other, rests: random.chance(500_000) };
  if (dice < 8) return { kind: 'add', peers: few() };
  if (dice < 9 && least === 1) return { kind: 'remove', peers: few() };
  return { kind: 'want', voters: random.between(least, machines) };
}
