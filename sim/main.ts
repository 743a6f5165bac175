/**
 * The simulator's front door: a seed or a plan in, a result out.
 */
import { planOf, type SwarmOptions } from './faults.ts';
import { describeFault } from './injector.ts';
import type { Plan } from './plan.ts';
import { type Result, runPlan } from './simulation.ts';
import type { TraceSink } from './trace.ts';
import type { CreatePeer } from './world.ts';

export type { Result } from './simulation.ts';

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

/** What a person needs of a failed run: its faults, what was violated, and how to see it again. */
export function explainFailure({ plan, violations, digest }: Result): string {
  const { seed, machines, voters, workload, faults, heal } = plan;
  return [
    `seed ${seed}: ${machines} peers, ${voters} voters, ${workload.clients} clients, digest ${digest}`,
    ...faults.map((fault) => `  ${describeFault(fault)}`),
    `  heal ${JSON.stringify(heal)}`,
    ...violations.map(
      ({ invariant, at, detail }) => `VIOLATED ${invariant} at ${at / 1_000_000} s: ${detail}`,
    ),
    `elock sim swarm --seeds ${seed}..${seed}`,
  ].join('\n');
}
