import { describe, expect, it } from 'vitest';
import { overlapBoundUs } from '../../sim/clock-oracle.ts';
import { planOf } from '../../sim/faults.ts';
import type { Fault, Plan } from '../../sim/plan.ts';

const BASE: Plan = {
  ...planOf(1, { machines: 3, clients: 1 }),
  gains: [0, 0, 0],
  clientGains: [0],
  faults: [],
};
const SHORT: Plan = { ...BASE, workload: { ...BASE.workload, timeoutsMs: [0] } };

function freeze(machine: number, clocks: readonly ('monotonic' | 'boot')[], at: number): Fault {
  return { kind: 'freeze', machine, clocks, at, for: 1_000 };
}

describe('a swarm', () => {
  it('draws no clocks that could let beliefs overlap', () => {
    const seeds = Array.from({ length: 2_000 }, (_, seed) => seed);
    const plans = seeds.map((seed) => planOf(seed, { machines: 3 }));
    expect(plans.filter((plan) => overlapBoundUs(plan) > 0)).toEqual([]);
    const kinds = new Set(plans.flatMap(({ faults }) => faults.map(({ kind }) => kind)));
    expect([...kinds]).toEqual(expect.arrayContaining(['freeze', 'suspend', 'rate', 'pause']));
  });
});

describe('overlap of beliefs', () => {
  it('is none while rates are inside the drift bound', () => {
    expect(overlapBoundUs({ ...BASE, gains: [-9_900, 9_900, 9_900] })).toBe(0);
    expect(overlapBoundUs({ ...BASE, clientGains: [-19_000] })).toBe(0);
  });

  it('is bounded by the slowest home and the fastest voter', () => {
    // 3 s * (0.98 / 0.9 - 1 / 1.1), and 5 ms of reading.
    const bound = overlapBoundUs({ ...SHORT, gains: [-100_000, 100_000, 0] });
    expect(bound).toBe(Math.ceil(3_000_000 * (0.98 / 0.9 - 1 / 1.1)) + 5_000);
  });

  it('is bounded by a slow client, who is careful once more', () => {
    const bound = overlapBoundUs({ ...SHORT, clientGains: [-100_000] });
    expect(bound).toBe(Math.ceil(3_000_000 * ((0.98 * 0.98) / 0.9 - 1)) + 5_000);
  });

  it('grows with the longest lease, and with rates that change on the way', () => {
    const fault: Fault = {
      kind: 'rate',
      machine: 0,
      clocks: ['monotonic'],
      gain: 100_000,
      at: 1,
      for: 1,
    };
    const short = overlapBoundUs({ ...SHORT, faults: [fault] });
    const long = { ...SHORT, workload: { ...BASE.workload, timeoutsMs: [9_000] }, faults: [fault] };
    expect(short).toBeGreaterThan(200_000);
    expect(overlapBoundUs(long)).toBeGreaterThan(2.9 * short);
  });

  it('grows by as long as both clocks of a machine stood still at once', () => {
    const both = freeze(1, ['monotonic', 'boot'], 0);
    expect(overlapBoundUs({ ...BASE, faults: [both] })).toBe(1_005_000);
    const one = freeze(1, ['monotonic'], 0);
    expect(overlapBoundUs({ ...BASE, faults: [one] })).toBe(0);
    // Until its next alarm it reads neither, and that stood with the monotonic clock.
    expect(overlapBoundUs({ ...BASE, faults: [one, freeze(1, ['boot'], 600)] })).toBe(605_000);
    expect(overlapBoundUs({ ...BASE, faults: [one, freeze(1, ['boot'], 1_300)] })).toBe(0);
    expect(overlapBoundUs({ ...BASE, faults: [one, freeze(2, ['boot'], 600)] })).toBe(0);
  });

  it('grows by what both clocks lost in turn while the process was paused', () => {
    const inTurn = [freeze(1, ['monotonic'], 0), freeze(1, ['boot'], 1_500)];
    const pause = (machine: number): Fault => ({ kind: 'pause', machine, at: 900, for: 1_000 });
    expect(overlapBoundUs({ ...BASE, faults: inTurn })).toBe(0);
    expect(overlapBoundUs({ ...BASE, faults: [...inTurn, pause(1)] })).toBe(405_000);
    expect(overlapBoundUs({ ...BASE, faults: [...inTurn, pause(2)] })).toBe(0);
  });

  it('grows by a sleep that one clock did not count while the other stood still', () => {
    const sleep = (counted: boolean): Fault => {
      return { kind: 'suspend', machine: 1, counted, at: 300, for: 900 };
    };
    const boot = freeze(1, ['boot'], 0);
    expect(overlapBoundUs({ ...BASE, faults: [boot, sleep(false)] })).toBe(705_000);
    expect(overlapBoundUs({ ...BASE, faults: [boot, sleep(true)] })).toBe(0);
    expect(overlapBoundUs({ ...BASE, faults: [sleep(false)] })).toBe(0);
  });

  it('grows by as far as both clocks of a machine jumped', () => {
    const step = (clocks: readonly ('monotonic' | 'boot' | 'wall')[]): Plan => ({
      ...BASE,
      faults: [{ kind: 'step', machine: 0, clocks, at: 5, byMs: -700 }],
    });
    expect(overlapBoundUs(step(['monotonic', 'boot', 'wall']))).toBe(705_000);
    expect(overlapBoundUs(step(['wall', 'boot']))).toBe(0);
  });
});
