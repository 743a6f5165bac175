import { describe, expect, it } from 'vitest';
import { explainFailure, runSimulation } from '../../sim/main.ts';

describe('swarm', () => {
  it.each([2, 3, 6, 10, 12, 14])('violates nothing with seed %i, and everybody gets on', (seed) => {
    const result = runSimulation({ seed });
    expect(result.violations, explainFailure(result)).toEqual([]);
    expect(result.counts['acquired']).toBeGreaterThan(50);
  });
});
