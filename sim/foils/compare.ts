/**
 * Runs the incidents of a foil twice: the foil must fail, and the production core must not.
 */
import type { Violation } from '../checkers/verdict.ts';
import { compileScenario } from '../compile.ts';
import { SCENARIOS } from '../scenarios/all.ts';
import { runPlan } from '../simulation.ts';
import { CLAIMED, type Foil } from './all.ts';

/** What one incident did to both. */
export interface Comparison {
  readonly incident: string;
  readonly shows: string;
  /** The foil's failure; `null`: it withstood. */
  readonly foil: Violation | null;
  /** What the production core violated; `null`: nothing. */
  readonly ours: Violation | null;
}

/** Whether the foil failed, and the production core held. */
export function isTold({ foil, ours }: Comparison): boolean {
  return foil !== null && ours === null;
}

/** All incidents of a foil, one seed each. */
export function* compare({ createPeer, incidents }: Foil, seed: number): Generator<Comparison> {
  for (const incident of incidents) {
    const scenario = SCENARIOS.find(({ name }) => name === incident);
    if (scenario === undefined) throw new Error(`expected a scenario, got '${incident}'`);
    const plan = compileScenario(scenario, { seed });
    // Clients that write late without need would be the end of whatever has no tokens.
    const workload = { ...plan.workload, writes: false };
    const [foil = null] = runPlan({
      plan: { ...plan, workload },
      createPeer,
      watched: CLAIMED,
    }).violations;
    const [ours = null] = runPlan({ plan }).violations;
    yield { incident, shows: scenario.shows, foil, ours };
  }
}
