import { describe, expect, it } from 'vitest';
import { planOf } from '../../../sim/faults.ts';
import { CLAIMED, FOILS } from '../../../sim/foils/all.ts';
import { compare } from '../../../sim/foils/compare.ts';
import type { Plan } from '../../../sim/plan.ts';
import { runPlan } from '../../../sim/simulation.ts';

/** Nothing goes wrong. */
function quiet(): Plan {
  const plan = planOf(1, { machines: 3, clients: 4, faultsMs: 6_000, progressMs: 6_000 });
  const workload = { ...plan.workload, writes: false, oddPercent: 0, holdMs: [1, 50] };
  return { ...plan, workload, delayUs: [100, 300], faults: [], heal: { kind: 'all' } };
}

describe.each(FOILS)('$name', (foil) => {
  it('serves locks, one holder at a time, where nothing goes wrong', () => {
    const { createPeer } = foil;
    const result = runPlan({ plan: quiet(), createPeer, watched: CLAIMED });
    expect(result.violations).toEqual([]);
    expect(result.counts['acquired']).toBeGreaterThan(20);
  });

  it.each([...compare(foil, 1)])(
    'fails in $incident, where elock holds',
    ({ foil: broken, ours }) => {
      expect(broken?.invariant).toBeOneOf(['exclusive', 'resource', 'expected']);
      expect(ours).toBeNull();
    },
  );
});
