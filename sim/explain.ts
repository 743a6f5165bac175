/**
 * A run in words: what was about to go wrong, and what was violated.
 */
import { describeFault } from './injector.ts';
import { machineName } from './names.ts';
import type { Plan } from './plan.ts';
import type { Result } from './simulation.ts';
import { describeWish } from './wishes.ts';

/** What is run where no scenario is named: a mix of faults of the seed's own. */
export const SWARM = 'swarm';

/** What is about to run: the seed and all that will go wrong, a line each. */
export function introduction(plan: Plan): string[] {
  const { scenario = SWARM, seed, machines, voters, faults, wishes = [], heal } = plan;
  return [
    `${scenario}: seed ${seed}, ${machines} peers, ${voters} voters`,
    ...faults.map((fault) => `  ${describeFault(fault)}`),
    ...wishes.map(
      ({ at, machine, change }) =>
        `  wish at=${at} ${machineName(machine)} ${describeWish(change)}`,
    ),
    `  heal ${JSON.stringify(heal)}`,
  ];
}

/** What a person needs of a failed run: its faults, what was violated, and how to see it again. */
export function explainFailure({ plan, violations, digest }: Result): string {
  const { scenario, seed, machines } = plan;
  return [
    ...introduction(plan),
    `  digest ${digest}`,
    ...violations.map(
      ({ invariant, at, detail }) => `VIOLATED ${invariant} at ${at / 1_000_000} s: ${detail}`,
    ),
    scenario === undefined
      ? `elock sim run ${SWARM} --seed ${seed} --trace`
      : `elock sim run ${scenario} --seed ${seed} --peers ${machines} --trace`,
  ].join('\n');
}
