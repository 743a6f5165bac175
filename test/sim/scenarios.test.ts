/**
 * Every named scenario: what must hold holds, and what it is there to show is seen.
 */
import { describe, expect, it } from 'vitest';
import { overlapBoundUs } from '../../sim/clock-oracle.ts';
import { compileScenario } from '../../sim/compile.ts';
import { explainFailure } from '../../sim/main.ts';
import type { Plan } from '../../sim/plan.ts';
import { SCENARIOS } from '../../sim/scenarios/all.ts';
import { runPlan } from '../../sim/simulation.ts';

const NAMES = SCENARIOS.map(({ name }) => name);

function scenario(name: string) {
  return SCENARIOS.find((each) => each.name === name)!;
}

function run(plan: Plan) {
  const result = runPlan({ plan });
  if (result.violations.length > 0) throw new Error(explainFailure(result));
  return result;
}

describe('scenario', () => {
  it.each(NAMES)('%s holds', (name) => {
    run(compileScenario(scenario(name), { seed: 1 }));
  });

  it.each(NAMES.filter((name) => name !== 'herd'))('%s holds in the other sizes', (name) => {
    const { peers, peersMin = peers, peersMax = 7 } = scenario(name);
    for (const other of [3, 7]) {
      if (other === peers || other < peersMin || other > peersMax) continue;
      run(compileScenario(scenario(name), { seed: 2, peers: other }));
    }
  });

  it.each(['clean-split', 'blackout', 'drift-outside'])('%s is the same run twice', (name) => {
    const digestOf = (seed: number) => run(compileScenario(scenario(name), { seed })).digest;
    const digest = digestOf(5);
    expect(digestOf(5)).toBe(digest);
    expect(digestOf(6)).not.toBe(digest);
  });

  it('has a name of its own, and says what it shows and where it is known from', () => {
    expect(new Set(NAMES).size).toBe(NAMES.length);
    for (const { shows, knownFrom } of SCENARIOS) {
      for (const sentence of [shows, knownFrom]) expect(sentence).toMatch(/\S.*\.$/);
    }
  });
});

describe('a race of a resume', () => {
  /** In how many of twenty runs the session of that lock came back. */
  function resumed(name: string, locks: readonly string[]): number[] {
    const seen = locks.map(() => 0);
    for (let seed = 1; seed <= 20; seed++) {
      const expectations = locks.map((lock) => ({ never: `H-${lock} resumed` }));
      const plan = { ...compileScenario(scenario(name), { seed }), expectations };
      const details = runPlan({ plan }).violations.map(({ detail }) => detail);
      for (const [index, { never }] of expectations.entries()) {
        if (details.some((detail) => detail.startsWith(`'${never}'`))) seen[index]!++;
      }
    }
    return seen;
  }

  it.each(['resume-races-expiry', 'resume-races-grace-release'])(
    '%s is won and lost by every comer in the middle',
    (name) => {
      const [early, late, ...middle] = resumed(name, ['early', 'late', 'a', 'b', 'c', 'd']);
      expect([early, late]).toEqual([20, 0]);
      for (const won of middle) {
        expect(won).toBeGreaterThan(0);
        expect(won).toBeLessThan(20);
      }
    },
  );
});

describe('clocks outside the drift bound', () => {
  const plan = compileScenario(scenario('drift-outside'), { seed: 3 });

  it('let beliefs overlap nearly as long as the clocks allow, and no longer', () => {
    const { overlapUs } = run(plan).counts;
    expect(overlapUs).toBeLessThanOrEqual(overlapBoundUs(plan));
    expect(overlapUs).toBeGreaterThan(0.95 * overlapBoundUs(plan));
  });

  it('are a violation to those who count on the bound', () => {
    const bound = { ...plan, settings: { driftPermille: 190 } };
    expect(runPlan({ plan: bound }).violations.map(({ invariant }) => invariant)).toEqual([
      'expected',
      'expected',
      'expected',
    ]);
  });
});
