import { describe, expect, it } from 'vitest';
import { checkSettled, settlingMs } from '../../../sim/checkers/settled.ts';
import { Verdict } from '../../../sim/checkers/verdict.ts';
import { planOf } from '../../../sim/faults.ts';
import type { Machine } from '../../../sim/machine.ts';
import { Scheduler } from '../../../sim/scheduler.ts';
import { runPlan } from '../../../sim/simulation.ts';
import type { Statistics } from '../../../src/core/command.ts';
import type { RegisterState } from '../../../src/core/event.ts';
import type { PeerId } from '../../../src/core/types.ts';

const EMPTY = { locks: 0, waiting: 0, sessions: 0, kept: 0 } as Statistics;
const promised = { epoch: 1, round: 3, peer: 'n1' as PeerId, incarnation: 1 };
const register: RegisterState = {
  promised,
  accepted: { ballot: promised, record: { kind: 'lock', token: 2, holder: null } },
};

function machine(registers: [string, RegisterState][], statistics: Statistics | null) {
  const disk = { registers: new Map(registers) };
  return { name: 'n1', disk, statistics: () => statistics } as unknown as Machine;
}

function faultsOf(...machines: Machine[]): string[] {
  const found = new Verdict(new Scheduler());
  checkSettled(found, machines);
  return found.violations.map(({ detail }) => detail);
}

describe('settled', () => {
  it('is content with empty disks, with dead machines, and with a promised configuration', () => {
    const asked: RegisterState = { promised, accepted: null };
    expect(faultsOf(machine([], EMPTY), machine([['C', asked]], null))).toEqual([]);
  });

  it('catches a register that nobody forgets', () => {
    expect(faultsOf(machine([['Ldb', register]], EMPTY))).toEqual([
      'n1 still has Ldb, one of 1, with (token 2 free)',
    ]);
  });

  it('catches a session, a claim or a kept lock in memory', () => {
    expect(faultsOf(machine([], { ...EMPTY, sessions: 2, waiting: 1 }))).toEqual([
      'n1 still has waiting 1',
      'n1 still has sessions 2',
    ]);
  });

  it('finds nothing left over of a run in which nothing goes wrong', () => {
    const plan = planOf(3, { machines: 3, voters: 3, clients: 4, faultsMs: 4_000 });
    const quiet = {
      ...plan,
      progressMs: 4_000,
      rests: true,
      settings: { forgetMs: 500 },
      workload: { ...plan.workload, timeoutsMs: [1_000] },
      faults: [],
      heal: { kind: 'all' } as const,
    };
    const result = runPlan({ plan: quiet });
    expect(result.violations).toEqual([]);
    expect(result.simulatedMs).toBe(8_000 + settlingMs(quiet));
  });
});
