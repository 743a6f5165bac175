/**
 * A failing plan as a test that is ready to run.
 *
 * Owns the text. The test demands that nothing is violated: it fails until the cause is mended,
 * and guards it from then on.
 */
import type { Violation } from '../checkers/verdict.ts';
import type { Plan } from '../plan.ts';

/** A vitest file for `test/sim/`. */
export function testFileOf(plan: Plan, { invariant, detail }: Violation): string {
  const title = JSON.stringify(`violates nothing where ${invariant} was violated`);
  const [what = ''] = detail.split('\n');
  return `/**
 * A shrunken failure. Violated *${invariant}*: ${what.replaceAll('*/', '* /')}
 */
import { expect, it } from 'vitest';
import { runSimulation } from '../../sim/main.ts';
import type { Plan } from '../../sim/plan.ts';

const PLAN: Plan = ${JSON.stringify(plan, null, 2)};

it(${title}, () => {
  expect(runSimulation({ seed: PLAN.seed, plan: PLAN }).violations).toEqual([]);
});
`;
}
