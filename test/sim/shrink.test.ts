import { describe, expect, it } from 'vitest';
import { planOf } from '../../sim/faults.ts';
import type { Fault, Plan } from '../../sim/plan.ts';
import { fingerprintOf } from '../../sim/shrink/fingerprint.ts';
import { PASSES, without } from '../../sim/shrink/smaller.ts';
import { weakerFaults } from '../../sim/shrink/weaker.ts';
import { shrink, testFileOf } from '../../sim/shrink.ts';
import { runPlan } from '../../sim/simulation.ts';
import type { CreatePeer } from '../../sim/world.ts';
import { Peer } from '../../src/core/peer.ts';

/** Says everything before it is durable, which only a crash or a slow disk shows. */
const hasty: CreatePeer = (options) => {
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
};

const lines = ({ faults, workload, machines }: Plan) => faults.length + workload.clients + machines;

describe('shrink', () => {
  const plan = planOf(21, {
    machines: 5,
    voters: 5,
    clients: 8,
    faultsMs: 10_000,
    progressMs: 5_000,
  });
  const shrunk = shrink({ plan, createPeer: hasty, runsMax: 400 })!;

  it('finds a smaller plan that fails alike', () => {
    const [violation] = runPlan({ plan: shrunk.plan, createPeer: hasty }).violations;
    expect(fingerprintOf(violation!)).toBe(shrunk.fingerprint);
    expect(lines(shrunk.plan)).toBeLessThan(lines(plan));
    expect(lines(shrunk.plan)).toBeLessThanOrEqual(6);
  });

  it('leaves the time for progress that a plan needs once what fails is mended', () => {
    expect(shrunk.violation.at).toBeLessThan(shrunk.plan.faultsMs * 1_000);
    expect(shrunk.plan.progressMs).toBe(plan.progressMs);
  });

  it('stays within its budget, and says whether that ended it', () => {
    const cut = shrink({ plan, createPeer: hasty, runsMax: 5 });
    expect(cut).toMatchObject({ runs: 5, complete: false });
    expect(shrunk.complete).toBe(true);
  });

  it('ends when it is told to, and tells how far it is', () => {
    let asked = 0;
    const passes = new Set<string>();
    shrink({
      plan,
      createPeer: hasty,
      isOver: () => ++asked > 40,
      progress: ({ pass }) => passes.add(pass),
    });
    expect(passes).toContain('faults');
  });

  it('has nothing to do with a plan that does not fail', () => {
    expect(shrink({ plan: { ...plan, faultsMs: 100, progressMs: 30_000, faults: [] } })).toBeNull();
  });

  it('never trades one failure for another', () => {
    const other: CreatePeer = (options) => {
      const peer = hasty(options);
      return {
        get deadline() {
          return peer.deadline;
        },
        step: (event, now) => {
          if (options.configuration.voters.length < 5) throw new Error('too few');
          return peer.step(event, now);
        },
      };
    };
    const kept = shrink({ plan, createPeer: other, runsMax: 60 })!;
    expect(kept.violation.invariant).toBe('durable');
    expect(kept.plan.machines).toBe(5);
  });

  it('writes a test with the plan in it', () => {
    const file = testFileOf(shrunk.plan, shrunk.violation);
    const embedded = /const PLAN: Plan = ([\s\S]*?);\n\nit\(/.exec(file)?.[1];
    expect(JSON.parse(embedded!)).toEqual(shrunk.plan);
    expect(file).toContain('Violated *durable*');
  });
});

describe('fingerprint', () => {
  const of = (invariant: 'exclusive' | 'assert', detail: string) =>
    fingerprintOf({ invariant, at: 1, detail });

  it('is the same for other peers, clients, locks and numbers', () => {
    expect(of('exclusive', 'n1 for c1#1 and c2#3 both believe in lock-0')).toBe(
      of('exclusive', 'n7 for c12#2 and c5#1 both believe in lock-4'),
    );
  });

  it('differs for another kind of believer, and another invariant', () => {
    const two = of('exclusive', 'c1#1 and c2#3 both believe in lock-0');
    expect(two).not.toBe(of('exclusive', 'n1 for c1#1 and c2#3 both believe in lock-0'));
    expect(two).not.toBe(of('assert', 'c1#1 and c2#3 both believe in lock-0'));
  });

  it('tells an error by its words and the function that threw it', () => {
    const error = (line: number, where: string) =>
      of('assert', `Error: no record\n    at ${where} (/a/keeper.ts:${line}:5)\n    at b`);
    expect(error(1, 'Keeper.grant')).toBe(error(99, 'Keeper.grant'));
    expect(error(1, 'Keeper.grant')).not.toBe(error(1, 'Home.claim'));
  });
});

describe('smaller plans', () => {
  const plan = planOf(3, { machines: 7, clients: 9 });

  it('leave out halves first, then less and less, down to one', () => {
    expect([...without([1, 2, 3])]).toEqual([[], [2, 3], [1, 3], [1, 2]]);
  });

  it('name no machine and no client that is not there', () => {
    for (const pass of PASSES.values()) {
      for (const { faults, machines, workload } of pass(plan)) {
        for (const fault of faults) {
          if ('machine' in fault) expect(fault.machine).toBeLessThan(machines);
          if ('links' in fault) expect(Math.max(...fault.links.flat())).toBeLessThan(machines);
          if ('client' in fault) expect(fault.client).toBeLessThan(workload.clients);
        }
      }
    }
  });

  it('number clients anew in both names of one that comes as another', () => {
    const pose = { kind: 'pose', at: 1, for: 1, client: 9, as: 10, machine: 0 } as const;
    const [first] = PASSES.get('clients')!({ ...plan, faults: [pose, { ...pose, as: 8 }] });
    expect(first?.faults).toEqual([{ ...pose, client: 0, as: 1 }]);
  });

  it('have faults that grow weaker and weaker, and no further', () => {
    for (const first of planOf(5, { faultsMs: 60_000 }).faults) {
      let fault: Fault | undefined = first;
      let steps = 0;
      for (; fault !== undefined; steps++) fault = weakerFaults(fault)[0];
      expect(steps).toBeLessThan(30);
    }
  });
});
