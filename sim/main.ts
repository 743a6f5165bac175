/**
 * The simulator's front door, `elock/sim`: a seed, a scenario or a plan in, a result out.
 */
import { planOf, type SwarmOptions } from './faults.ts';
import type { Plan } from './plan.ts';
import { type Result, runPlan } from './simulation.ts';
import type { TraceSink } from './trace.ts';
import type { CreatePeer } from './world.ts';

export { compileScenario } from './compile.ts';
export { explainFailure } from './explain.ts';
export { planOf } from './faults.ts';
export type { Fault, Heal, Plan } from './plan.ts';
export { type Scenario, ScenarioError } from './scenario.ts';
export { loadPlan, loadScenario, parsePlan, parseScenario, savePlan } from './scenario-file.ts';
export { SCENARIOS } from './scenarios/all.ts';
export { type Result, type RunOptions, runPlan } from './simulation.ts';

/** What to run, and how. */
export interface SimulationOptions extends SwarmOptions {
  /** Makes the plan, unless there is one. */
  readonly seed: number;
  readonly plan?: Plan;
  readonly createPeer?: CreatePeer;
  readonly trace?: TraceSink;
}

/** Runs one seed, or one plan. */
export function runSimulation(options: SimulationOptions): Result {
  const { createPeer, trace } = options;
  const plan = options.plan ?? planOf(options.seed, options);
  return runPlan({
    plan,
    ...(createPeer === undefined ? {} : { createPeer }),
    ...(trace === undefined ? {} : { trace }),
  });
}
