/**
 * Where mutants are looked for: makers of plans that bring the moments about in which they err.
 *
 * The swarm alone finds most. What needs a rare order of events gets plans that are aimed at it:
 * leases are short, so that many end; few clients want few locks, and hold them for long. The seed
 * still draws who, when exactly, and everything else.
 */
import type { Settings } from '../../src/core/settings.ts';
import { planOf, type SwarmOptions } from '../faults.ts';
import type { Fault, Plan, WorkloadPlan } from '../plan.ts';
import { RandomStream } from '../random.ts';
import { drawPair, drawShape, everyLink } from '../shapes.ts';

/** Makes the plan of a seed. */
export type Hunt = (seed: number) => Plan;

/** What a hunt changes of a plan of the swarm. */
export interface Aim extends SwarmOptions {
  readonly settings?: Partial<Settings>;
  readonly workload?: Partial<WorkloadPlan>;
  readonly plan?: Partial<Plan>;
  /** Draws what happens about then; called every `everyMs` or so. */
  readonly everyMs?: number;
  readonly faults?: (random: RandomStream, at: number, plan: Plan) => readonly Fault[];
}

/** Any plan of the swarm. */
export const swarm: Hunt = (seed) => planOf(seed, { faultsMs: 30_000, progressMs: 20_000 });

/** So many machines, all of which vote. */
const THREE = { machines: 3, voters: 3 } as const;
/** Sessions end soon after their homes fall silent. */
export const SHORT_LEASE = { minimumLeaseMs: 1_200, suspectMs: 500, heartbeatMs: 100 } as const;
/** Few want much, for long: a lease that ends is noticed. */
export const GREEDY: Partial<WorkloadPlan> = {
  clients: 6,
  locks: 2,
  thinkMs: [1, 20],
  holdMs: [200, 3_000],
  waitMs: [1_000, 5_000],
  tryPercent: 5,
  oddPercent: 0,
  timeoutsMs: [1_000, 4_000],
};

/** Plans of the swarm, changed so. */
export function aimed(aim: Aim): Hunt {
  return (seed) => {
    const base = planOf(seed, { faultsMs: 20_000, progressMs: 20_000, ...aim });
    const plan: Plan = {
      ...base,
      heal: { kind: 'all' },
      rests: false,
      settings: { ...aim.settings },
      workload: { ...base.workload, ...aim.workload },
      ...aim.plan,
    };
    if (aim.faults === undefined) return plan;
    const random = new RandomStream(seed, 'hunt');
    const faults: Fault[] = [];
    const everyMs = aim.everyMs ?? 1_000;
    for (let at = 1_000; at < plan.faultsMs; at += random.between(everyMs >> 1, 2 * everyMs)) {
      faults.push(...aim.faults(random, at, plan));
    }
    return { ...plan, faults: faults.sort((a, b) => a.at - b.at) };
  };
}

/** Cuts of all shapes, for about as long as a lease. */
export function someCut(random: RandomStream, at: number, { machines }: Plan): Fault[] {
  return [{ kind: 'cut', at, for: random.between(200, 4_000), links: drawShape(machines, random) }];
}

/** Of any machine, for a while. */
function someCrash(random: RandomStream, at: number, { machines }: Plan): Fault {
  return {
    kind: 'crash',
    at,
    for: random.between(50, 3_000),
    machine: random.below(machines),
    kept: random.pick(['all', 'some', 'none']),
    power: random.chance(300_000),
  };
}

/** Now one, now the other; `ppm` of a million times a crash. */
export function crashOrCut(ppm: number): NonNullable<Aim['faults']> {
  return (random, at, plan) =>
    random.chance(ppm) ? [someCrash(random, at, plan)] : someCut(random, at, plan);
}

function goneOrCut(random: RandomStream, at: number, plan: Plan): readonly Fault[] {
  return random.chance(300_000) ? [clientGoes(random, at, plan)] : someCut(random, at, plan);
}

function clientGoes(random: RandomStream, at: number, { workload }: Plan): Fault {
  return { kind: 'client', at, client: random.below(workload.clients), act: 'close' };
}

/** Four voters, halved again and again. */
export const evenSplit: Hunt = aimed({
  machines: 4,
  voters: 4,
  everyMs: 1_500,
  faults: (random, at) => {
    const [a, b, c, d] = random.sample([0, 1, 2, 3], 4) as [number, number, number, number];
    const across = [a, b].flatMap((one) => [c, d].map((other) => [one, other] as const));
    const links = across.flatMap(([one, other]) => [[one, other] as const, [other, one] as const]);
    return [{ kind: 'cut', at, for: random.between(500, 4_000), links }];
  },
});

/** Locks that are free for as long as it takes to forget them. */
export const FORGETFUL = {
  settings: { forgetMs: 300 },
  workload: {
    locks: 3,
    thinkMs: [200, 1_500],
    holdMs: [1, 100],
    tryPercent: 30,
    oddPercent: 0,
    timeoutsMs: [0, 500],
  },
} as const satisfies Aim;

/** Names are forgotten a moment after their last use, and taken again. */
export const forgetting: Hunt = aimed({
  ...THREE,
  clients: 5,
  ...FORGETFUL,
  everyMs: 800,
  faults: crashOrCut(400_000),
});

/** Leases are short; then everybody goes, and nothing may be left over. */
export const leftovers: Hunt = aimed({
  ...THREE,
  clients: 5,
  settings: { ...SHORT_LEASE, forgetMs: 500 },
  workload: { ...GREEDY, holdMs: [1, 500], waitMs: [50, 800], tryPercent: 30, oddPercent: 20 },
  plan: { faultsMs: 10_000, progressMs: 14_000, rests: true },
  everyMs: 900,
  faults: (random, at, plan) => {
    const dice = random.below(10);
    if (dice < 3) return [clientGoes(random, at, plan)];
    return dice < 6 ? [someCrash(random, at, plan)] : someCut(random, at, plan);
  },
});

/** Homes fall silent, and voters restart, while locks are wanted. */
export const leases: Hunt = aimed({
  ...THREE,
  clients: 6,
  settings: SHORT_LEASE,
  workload: GREEDY,
  everyMs: 1_200,
  faults: crashOrCut(400_000),
});

/** Sessions go from home to home with their locks, among homes that come and go. */
export const moves: Hunt = aimed({
  machines: 5,
  voters: 3,
  clients: 6,
  settings: SHORT_LEASE,
  workload: { ...GREEDY, timeoutsMs: [4_000], oddPercent: 20 },
  everyMs: 400,
  faults: (random, at, plan) => {
    const dice = random.below(10);
    if (dice < 6) return [clientGoes(random, at, plan)];
    if (dice < 9) return someCut(random, at, plan);
    return [someCrash(random, at, plan)];
  },
});

/** Sessions whose time-outs are unlike, so that their leases are. */
export const timeouts: Hunt = aimed({
  ...THREE,
  clients: 6,
  settings: { ...SHORT_LEASE, minimumLeaseMs: 600 },
  workload: { ...GREEDY, timeoutsMs: [0, 700, 6_000] },
  everyMs: 700,
  faults: goneOrCut,
});

/** Of each machine always the same clock, of two, is the one that errs. */
function errantClock(machine: number, { seed }: Plan) {
  return [(machine + seed) % 2 === 0 ? ('monotonic' as const) : ('boot' as const)];
}

/** One clock of a voter jumps ahead of the other. */
export const voterClocks: Hunt = aimed({
  ...THREE,
  clients: 6,
  settings: SHORT_LEASE,
  workload: GREEDY,
  everyMs: 1_200,
  faults: (random, at, plan) => {
    const machine = random.below(plan.machines);
    const byMs = random.between(1_000, 5_000);
    const clocks = errantClock(machine, plan);
    return [{ kind: 'step', at, machine, clocks, byMs }, ...someCut(random, at, plan)];
  },
});

/** One clock of a home stands still, as when its machine sleeps. */
export const homeClocks: Hunt = aimed({
  ...THREE,
  clients: 6,
  settings: SHORT_LEASE,
  workload: GREEDY,
  everyMs: 1_200,
  faults: (random, at, plan) => {
    const machine = random.below(plan.machines);
    const clocks = errantClock(machine, plan);
    const freeze = {
      kind: 'freeze',
      at,
      for: random.between(1_000, 6_000),
      machine,
      clocks,
    } as const;
    return [freeze, ...someCut(random, at, plan)];
  },
});

/** Voters' answers are under way for as long as a lease. */
export const slowAnswers: Hunt = aimed({
  ...THREE,
  clients: 6,
  settings: SHORT_LEASE,
  workload: GREEDY,
  plan: { detectUs: [4_000_000, 8_000_000] },
  everyMs: 3_000,
  faults: (random, at, { machines }) => {
    const home = random.below(machines);
    const from = everyLink(machines).filter(([, to]) => to === home);
    const to = everyLink(machines).filter(([from]) => from === home);
    const clogMs = random.between(300, 1_100);
    return [
      { kind: 'clog', at, for: clogMs, links: from },
      { kind: 'clog', at: at + random.between(0, clogMs), for: 5_000, links: to },
    ];
  },
});

/** Clocks as far apart as they may be, and leases that end at the same moment everywhere. */
export const drift: Hunt = aimed({
  ...THREE,
  clients: 6,
  settings: { ...SHORT_LEASE, minimumLeaseMs: 6_000 },
  workload: { ...GREEDY, holdMs: [5_000, 9_000], timeoutsMs: [6_000] },
  plan: { gains: [-9_900, 9_900, 9_900], detectUs: [200_000, 400_000] },
  everyMs: 9_000,
  faults: (random, at, { machines }) => [
    {
      kind: 'cut',
      at,
      for: random.between(7_000, 8_000),
      links: everyLink(machines).filter(([from, to]) => from === 0 || to === 0),
    },
  ],
});

/** A voter that is cut from a home has its sessions expire, then the home dies. */
export const loneExpired: Hunt = aimed({
  machines: 4,
  voters: 3,
  clients: 6,
  settings: SHORT_LEASE,
  workload: { ...GREEDY, timeoutsMs: [6_000] },
  everyMs: 2_500,
  faults: (random, at, { machines }) => {
    const [home, voter] = random.sample([0, 1, 2], 2) as [number, number];
    const cutMs = random.between(1_000, 4_000);
    return [
      {
        kind: 'cut',
        at,
        for: cutMs,
        links: [
          [home, voter],
          [voter, home],
          [home, machines - 1],
          [machines - 1, home],
        ],
      },
      { kind: 'crash', at: at + cutMs - 50, for: 3_000, machine: home, kept: 'all', power: true },
    ];
  },
});

/** Everybody wants the same lock, and homes come and go. */
export const contention: Hunt = aimed({
  ...THREE,
  clients: 10,
  settings: SHORT_LEASE,
  workload: {
    locks: 1,
    thinkMs: [1, 20],
    holdMs: [1, 60],
    waitMs: [100, 2_000],
    tryPercent: 5,
    oddPercent: 5,
    timeoutsMs: [1_000],
  },
  everyMs: 1_500,
  faults: goneOrCut,
});

/** Waits end, and connections break, while grants are under way. */
export const withdrawals: Hunt = aimed({
  ...THREE,
  clients: 10,
  settings: SHORT_LEASE,
  workload: {
    locks: 1,
    thinkMs: [1, 20],
    holdMs: [1, 20],
    waitMs: [1, 120],
    tryPercent: 0,
    oddPercent: 0,
    timeoutsMs: [1_000],
  },
  plan: { delayUs: [2_000, 5_000, 20_000], syncUs: [2_000, 8_000] },
  everyMs: 500,
  faults: (random, at, { machines }) => [
    { kind: 'break', at, between: drawPair(machines, random) },
  ],
});

/** All waits are beside other commands, and many are given up. */
export const queues: Hunt = aimed({
  ...THREE,
  clients: 6,
  workload: { ...GREEDY, holdMs: [1, 300], waitMs: [200, 2_000], queuePercent: 100 },
  everyMs: 2_000,
  faults: goneOrCut,
});

/** Keepers are cut off, with clients that ask on. */
export const isolation: Hunt = aimed({
  ...THREE,
  clients: 8,
  workload: { locks: 2, thinkMs: [1, 20], holdMs: [100, 2_000], tryPercent: 50, oddPercent: 0 },
  everyMs: 2_000,
  faults: (random, at, { machines }) => {
    const one = random.below(machines);
    const links = everyLink(machines).filter(([from, to]) => from === one || to === one);
    return [{ kind: 'cut', at, for: random.between(1_000, 6_000), links }];
  },
});
