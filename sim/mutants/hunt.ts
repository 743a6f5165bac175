/**
 * Hunts one mutant: seed after seed, until an invariant notices it.
 *
 * Owns what counts as caught: a violation of an invariant that the mutant names.
 */
import type { Violation } from '../checkers/verdict.ts';
import { runPlan } from '../simulation.ts';
import type { CreatePeer } from '../world.ts';
import { loadMutant } from './load.ts';
import type { Mutant } from './mutant.ts';

/** What came of hunting a mutant. */
export interface Catch {
  readonly mutant: Mutant;
  /** How many seeds each hunt took; infinite: it was not caught. */
  readonly seeds: readonly number[];
  /** What noticed it last; `null`: nothing. */
  readonly violation: Violation | null;
}

/** Whether every hunt caught it. */
export function isCaught({ seeds }: Catch): boolean {
  return seeds.every(Number.isFinite);
}

/** How many seeds half of the hunts were content with. */
export function medianSeeds({ seeds }: Catch): number {
  const sorted = [...seeds].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? Number.POSITIVE_INFINITY;
}

/** Hunts from seed `first` on, `starts` times, each time from where the last hunt ended. */
export async function hunt(mutant: Mutant, first: number, starts: number): Promise<Catch> {
  const createPeer = await loadMutant(mutant.patches);
  const seeds: number[] = [];
  let violation: Violation | null = null;
  let seed = first;
  for (let start = 0; start < starts; start++) {
    const [tried, found] = once(mutant, createPeer, seed);
    seed += tried;
    seeds.push(found === null ? Number.POSITIVE_INFINITY : tried);
    violation = found ?? violation;
  }
  return { mutant, seeds, violation };
}

/** How many seeds ran, and what noticed the mutant in the last. */
function once(
  { hunt: planOf, seedsMax, caughtBy }: Mutant,
  createPeer: CreatePeer,
  first: number,
): [number, Violation | null] {
  for (let tried = 1; tried <= seedsMax; tried++) {
    const plan = planOf(first + tried - 1);
    const found = runPlan({ plan, createPeer }).violations.find(({ invariant }) =>
      caughtBy.includes(invariant),
    );
    if (found !== undefined) return [tried, found];
  }
  return [seedsMax, null];
}
