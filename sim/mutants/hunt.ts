/**
 * Hunts one mutant: seed after seed, until an invariant notices it.
 *
 * Owns what counts as caught: a violation of an invariant that the mutant names.
 */
import type { Violation } from '../checkers/verdict.ts';
import { runPlan } from '../simulation.ts';
import { loadMutant } from './load.ts';
import type { Mutant } from './mutant.ts';

/** What came of a hunt. */
export interface Catch {
  readonly mutant: Mutant;
  /** How many seeds it took, from each of the first seeds on; infinite: not caught. */
  readonly seeds: readonly number[];
  /** The first violation of the last hunt; `null`: none. */
  readonly violation: Violation | null;
  readonly firstSeed: number;
}

/** Hunts from seed `first` on, as often as `starts`, with other seeds each time. */
export async function hunt(mutant: Mutant, first: number, starts: number): Promise<Catch> {
  const createPeer = await loadMutant(mutant.patches);
  const seeds: number[] = [];
  let violation: Violation | null = null;
  let seed = first;
  for (let start = 0; start < starts; start++) {
    let tried = 0;
    let caught = false;
    while (!caught && tried < mutant.seedsMax) {
      tried++;
      const plan = mutant.hunt(seed++);
      const found = runPlan({ plan, createPeer }).violations[0];
      if (found === undefined) continue;
      violation = found;
      caught = mutant.caughtBy.includes(found.invariant);
    }
    seeds.push(caught ? tried : Number.POSITIVE_INFINITY);
  }
  return { mutant, seeds, violation, firstSeed: first };
}
