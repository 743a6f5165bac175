/**
 * Clients that speak for one session over two connections: what they believe, and what is drawn.
 */
import { describe, expect, it } from 'vitest';
import { ClientBelief, SpokenSession } from '../../sim/client-belief.ts';
import { MachineClock } from '../../sim/clock.ts';
import { compileScenario } from '../../sim/compile.ts';
import { planOf } from '../../sim/faults.ts';
import type { Fault } from '../../sim/plan.ts';
import { withPoses } from '../../sim/poses.ts';
import type { Scenario } from '../../sim/scenario.ts';
import { Scheduler } from '../../sim/scheduler.ts';
import { runPlan } from '../../sim/simulation.ts';
import type { LockName } from '../../src/core/types.ts';

const LOCK = 'db' as LockName;

/** Two clients of one session, of which the first was told of token 3. */
function two() {
  const scheduler = new Scheduler();
  const spoken = new SpokenSession('c1#1');
  const belief = (name: string) =>
    new ClientBelief(name, spoken, new MachineClock(scheduler, 0), 10);
  const [first, second] = [belief('c1'), belief('c2')];
  first.tokens.set(LOCK, 3);
  first.told(0, 1_000);
  return { first, second };
}

describe('clients of one session', () => {
  it('know what one of them knows, for as long as that does, less what their clocks differ', () => {
    const { first, second } = two();
    second.learns(first);
    expect(second.tokens).toEqual(new Map([[LOCK, 3]]));
    expect(first.leftMs()).toBe(990);
    expect(second.leftMs()).toBe(980);
  });

  it('rely on nothing that was granted before another let go of it', () => {
    const { second } = two();
    expect(second.mayGain(LOCK, 0)).toBe(true);
    second.othersLetGo(LOCK, 50);
    expect(second.mayGain(LOCK, 50)).toBe(false);
    expect(second.mayGain(LOCK, 51)).toBe(true);
    expect(second.mayGain('other' as LockName, 50)).toBe(true);
    second.othersLetGo('all', 60);
    expect(second.mayGain('other' as LockName, 55)).toBe(false);
    expect(second.mayGain(LOCK, 55)).toBe(false);
  });
});

/** H has lock a at n1, and holds on; G comes as H to n2 at 3 s, and stays for 3 s. */
const SECOND: Scenario = {
  name: 'second-connection',
  shows: 'A session on two connections.',
  knownFrom: 'Here.',
  peers: 3,
  faultsMs: 8_000,
  progressMs: 6_000,
  clients: [
    {
      name: 'H',
      at: 'n1',
      timeoutMs: 8_000,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'hold', lock: 'a', forMs: 5_000 },
      ],
    },
    { name: 'G', at: 'n2', steps: [{ do: 'until', atMs: 9_000 }] },
  ],
  faults: [{ kind: 'pose', at: 3_000, for: 3_000, client: 'G', as: 'H', machine: 'n2' }],
};

function run(more: Partial<Scenario>) {
  const scenario = { ...SECOND, faults: [...SECOND.faults, ...(more.faults ?? [])] };
  return runPlan({ plan: compileScenario({ ...more, ...scenario }, { seed: 1 }) });
}

describe('a client that comes as the session of another', () => {
  it('is refused while the home is heard that serves the other', () => {
    const { violations, counts } = run({});
    expect(violations).toEqual([]);
    expect(counts['refusedAttached']).toBeGreaterThan(0);
    expect(counts['connectedTwice']).toBe(0);
    expect(counts['toldOfMove']).toBe(0);
  });

  it('takes it along from a home that is not heard, which tells the other', () => {
    const cut = { kind: 'cut', at: 2_500, for: 3_000 } as const;
    const { violations, counts } = run({
      faults: [
        { ...cut, links: { from: 'n1', to: 'n2' } },
        { ...cut, links: { from: 'n2', to: 'n1' } },
      ],
      expect: [{ mark: 'H lost a', after: 3_000, before: 6_000 }],
    });
    expect(violations).toEqual([]);
    expect(counts['connectedTwice']).toBeGreaterThan(0);
    expect(counts['toldOfMove']).toBeGreaterThan(0);
  });

  it('takes it along from a home that sleeps, which may answer still when it wakes', () => {
    const pause: Scenario['faults'][number] = {
      kind: 'pause',
      at: 2_500,
      for: 2_500,
      machine: 'n1',
    };
    const late = { kind: 'delay', at: 2_500, for: 4_000, delayUs: [300_000] } as const;
    const { violations, counts } = run({
      faults: [pause, { ...late, links: { from: ['n2', 'n3'], to: 'n1' } }],
    });
    expect(violations).toEqual([]);
    expect(counts['answeredByFormer']).toBeGreaterThan(0);
  });
});

describe('a seed', () => {
  const posesOf = (faults: readonly Fault[]) =>
    faults.flatMap((fault) => (fault.kind === 'pose' ? [fault] : []));
  const plans = Array.from({ length: 100 }, (_, seed) => planOf(seed));

  it('sometimes draws such clients, as others and as themselves, and mostly none', () => {
    const posing = plans.filter(({ faults }) => posesOf(faults).length > 0);
    expect(posing.length).toBeGreaterThan(10);
    expect(posing.length).toBeLessThan(50);
    const poses = posing.flatMap(({ faults }) => posesOf(faults));
    expect(poses.some(({ client, as }) => client !== as)).toBe(true);
    expect(poses.some(({ client, as }) => client === as)).toBe(true);
  });

  it('draws them among the faults, of clients and machines that there are', () => {
    for (const { faults, faultsMs, machines, workload } of plans) {
      expect(faults).toEqual([...faults].sort((a, b) => a.at - b.at));
      for (const { at, client, as, machine } of posesOf(faults)) {
        expect(at).toBeGreaterThanOrEqual(0);
        expect(at).toBeLessThan(faultsMs);
        expect(Math.max(client, as)).toBeLessThan(workload.clients);
        expect(machine).toBeLessThan(machines);
      }
    }
  });

  it('draws none where there is nobody to come, or nowhere to go', () => {
    for (let seed = 0; seed < 20; seed++) {
      for (const options of [{ clients: 1 }, { machines: 2, voters: 2 }]) {
        const plan = planOf(seed, options);
        expect(posesOf(withPoses(plan).faults)).toEqual([]);
      }
    }
  });
});
