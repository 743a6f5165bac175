import { describe, expect, it } from 'vitest';
import { planOf } from '../../sim/faults.ts';
import { explainFailure, runSimulation } from '../../sim/main.ts';
import type { Plan } from '../../sim/plan.ts';
import type { Result } from '../../sim/simulation.ts';
import { Peer } from '../../src/core/peer.ts';

const SHORT = { faultsMs: 8_000, progressMs: 4_000 };

const results = new Map<number, Result>();

/** What came of a short run of that seed, the first time that it ran. */
function short(seed: number): Result {
  const result = results.get(seed) ?? runSimulation({ seed, ...SHORT });
  results.set(seed, result);
  return result;
}

/** A quiet, busy world: nothing goes wrong, and everybody is near. */
function quiet(seed: number): Plan {
  const plan = planOf(seed, { ...SHORT, machines: 3, clients: 6 });
  const workload = { ...plan.workload, locks: 4, thinkMs: [1, 20], holdMs: [1, 20] };
  return { ...plan, workload, delayUs: [100, 300], faults: [], heal: { kind: 'all' } };
}

describe('simulation', () => {
  it.each([3, 5, 6])('gives the same digest for seed %i, twice', (seed) => {
    const first = short(seed);
    expect(runSimulation({ seed, ...SHORT })).toEqual(first);
    expect(first.digest).toMatch(/^[0-9a-f]{16}$/);
  });

  it('gives the same digest whether or not it is traced', () => {
    const lines: string[] = [];
    const traced = runSimulation({ seed: 3, ...SHORT, trace: (line) => lines.push(line) });
    expect(traced.digest).toBe(short(3).digest);
    expect(lines.length).toBeGreaterThan(1_000);
  });

  it('gives another digest for another seed', () => {
    const digests = [3, 5, 6].map((seed) => short(seed).digest);
    expect(new Set(digests).size).toBe(3);
  });

  it('runs a plan that went through JSON just as it was', () => {
    const plan = planOf(5, SHORT);
    const again = JSON.parse(JSON.stringify(plan)) as Plan;
    expect(runSimulation({ seed: 5, plan: again }).digest).toBe(
      runSimulation({ seed: 5, plan }).digest,
    );
  });

  it('grants thousands of locks in a quiet world, and violates nothing', () => {
    const result = runSimulation({ seed: 13, plan: { ...quiet(13), faultsMs: 20_000 } });
    expect(result.violations).toEqual([]);
    expect(result.counts['acquired']).toBeGreaterThan(500);
    expect(result.counts['written']).toBeGreaterThan(200);
  });

  it('does not reshuffle one client when another is taken away', () => {
    const firstLines = (clients: number) => {
      const plan = quiet(4);
      const lines: string[] = [];
      const trace = (line: string) => {
        if (/ line {6}c1 /.test(line)) lines.push(line);
      };
      const fewer = { ...plan, workload: { ...plan.workload, clients } };
      runSimulation({ seed: 4, plan: fewer, trace });
      return lines.slice(0, 3);
    };
    expect(firstLines(6)).toEqual(firstLines(5));
  });

  it('ends at the exact event at which the core breaks an invariant', () => {
    const result = runSimulation({
      seed: 3,
      ...SHORT,
      createPeer: (options) => {
        const peer = new Peer(options);
        let steps = 0;
        return {
          get deadline() {
            return peer.deadline;
          },
          step: (event, now) => {
            if (++steps > 500) throw new Error('seeded');
            return peer.step(event, now);
          },
        };
      },
    });
    expect(result.violations.map(({ invariant }) => invariant)).toEqual(['assert']);
    expect(result.simulatedMs).toBeLessThan(SHORT.faultsMs);
    expect(explainFailure(result)).toContain('swarm: seed 3, ');
  });

  it('catches a core that says everything before it is durable', () => {
    const result = runSimulation({
      seed: 8,
      plan: { ...quiet(8), syncUs: [20_000] },
      createPeer: (options) => {
        const peer = new Peer(options);
        return {
          get deadline() {
            return peer.deadline;
          },
          step: (event, now) =>
            peer
              .step(event, now)
              .map((effect) => (effect.kind === 'send' ? { ...effect, durable: false } : effect)),
        };
      },
    });
    expect(result.violations[0]?.invariant).toBe('durable');
  });
});

describe('plan of a seed', () => {
  it('keeps a majority of voters with their votes, and every fault inside its time', () => {
    for (let seed = 0; seed < 300; seed++) {
      const { faults, faultsMs, voters } = planOf(seed);
      const lost = faults.filter(({ kind }) => kind === 'lose-directory');
      expect(lost.length).toBeLessThan(voters / 2);
      expect(faults.every(({ at }) => at < faultsMs)).toBe(true);
    }
  });

  it('draws every kind of fault, and a mix of its own for each seed', () => {
    const kinds = Array.from({ length: 300 }, (_, seed) => [
      ...new Set(planOf(seed).faults.map(({ kind }) => kind)),
    ]);
    expect(new Set(kinds.flat()).size).toBe(22);
    // And crashes about changes of the voters, where there are any.
    const mixes = kinds.filter((mix) => !mix.includes('pose'));
    expect(Math.max(...mixes.map((mix) => mix.length))).toBeLessThanOrEqual(7);
  });

  it('changes the voters in some seeds, with a quorum of three wherever votes are lost', () => {
    const plans = Array.from({ length: 300 }, (_, seed) => planOf(seed));
    const changing = plans.filter(({ wishes }) => wishes !== undefined);
    expect(changing.length).toBeGreaterThan(60);
    expect(changing.length).toBeLessThan(150);
    for (const { faults, wishes = [], voters, heal } of changing) {
      expect(heal).toEqual({ kind: 'all' });
      const lost = faults.filter(({ kind }) => kind === 'lose-directory').length;
      expect(lost).toBeLessThanOrEqual(1);
      const sizes = wishes.flatMap(({ change }) =>
        change.kind === 'set' ? [change.voters.length] : [],
      );
      if (lost > 0) expect(Math.min(voters, ...sizes)).toBeGreaterThanOrEqual(3);
    }
  });
});
