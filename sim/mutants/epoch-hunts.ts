/**
 * Where mutants of changes of the voters are looked for: plans in which the voters change all the
 * time, among cuts and crashes, and stories of one change. The seed draws the rest.
 */
import { compileScenario } from '../compile.ts';
import type { PlannedWish } from '../plan.ts';
import { RandomStream } from '../random.ts';
import { restoredOnce } from '../scenarios/restored-once.ts';
import { stalledChange } from '../scenarios/stalled-change.ts';
import {
  type Aim,
  aimed,
  crashOrCut,
  FORGETFUL,
  GREEDY,
  type Hunt,
  SHORT_LEASE,
  someCut,
} from './hunts.ts';
import { clog, cut, holds, NEAR, SHORT, told } from './story.ts';

/** Three of five vote, always others, by the wish of anybody. */
const changing =
  (aim: Aim, everyMs: number): Hunt =>
  (seed) => {
    const plan = aimed({ machines: 5, voters: 3, clients: 6, ...aim })(seed);
    const random = new RandomStream(seed, 'hunt:changes');
    const wishes: PlannedWish[] = [];
    let at = 1_500;
    while (at < plan.faultsMs) {
      const voters = random.sample([0, 1, 2, 3, 4], 3).sort((a, b) => a - b);
      wishes.push({ at, machine: random.below(5), change: { kind: 'set', voters } });
      at += random.between(everyMs >> 1, 2 * everyMs);
    }
    return { ...plan, wishes };
  };

/** Homes fall silent, and voters restart, while the voters change. */
export const changes: Hunt = changing(
  {
    settings: SHORT_LEASE,
    workload: GREEDY,
    everyMs: 900,
    faults: crashOrCut(400_000),
  },
  1_200,
);

/** Names are forgotten a moment after their last use, and taken again, while the voters change. */
export const forgetfulChanges: Hunt = changing(
  {
    ...FORGETFUL,
    everyMs: 1_500,
    faults: crashOrCut(300_000),
  },
  2_000,
);

/** Everybody wants the same, on slow links: much is accepted by few when an epoch ends. */
export const hastyChanges: Hunt = changing(
  {
    workload: { locks: 2, thinkMs: [1, 20], holdMs: [1, 60], tryPercent: 20, oddPercent: 0 },
    plan: { delayUs: [500, 2_000, 20_000], syncUs: [500, 2_000, 20_000] },
    everyMs: 3_000,
    faults: (random, at, plan) => someCut(random, at, plan),
  },
  500,
);

/** Whoever changes the voters dies before it knows that it did. */
export const stalled: Hunt = (seed) => compileScenario(stalledChange, { seed });

/** An old copy of a voter comes to the incarnation that its later start had. */
export const restored: Hunt = (seed) => compileScenario(restoredOnce, { seed });

/** Of two voters and two that are added one behind the other, the second has lost its registers. */
export const absentAndLost: Hunt = told({
  name: 'absent-and-lost',
  peers: 4,
  observers: 2,
  faultsMs: 12_000,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n1',
      timeoutMs: 8_000,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 4_500 },
        { do: 'lock', lock: 'b', waitMs: 5_000, until: 200 },
      ],
    },
  ],
  wishes: [
    { at: 2_000, machine: 'n1', change: { kind: 'add', peers: ['n3'] } },
    { at: 2_300, machine: 'n1', change: { kind: 'add', peers: ['n4'] } },
  ],
  faults: [
    // n3 hears of neither before both are agreed on, and n2 is read by nobody before it is lost.
    ...cut(1_950, 2_000, 'n3', ['n1', 'n2', 'n4']),
    {
      kind: 'delay',
      at: 2_250,
      for: 2_000,
      links: { from: 'n2', to: ['n1', 'n4'] },
      delayUs: [200_000],
    },
    { kind: 'lose-directory', at: 2_600, machine: 'n2' },
  ],
  expect: [{ mark: 'H has b', before: 9_500 }],
});

/**
 * A home reaches n1 alone, which goes on answering it: it has not heard that n2 and n3 made n4 the
 * only voter.
 */
export const oneOldVoter: Hunt = told({
  name: 'one-old-voter',
  peers: 5,
  observers: 2,
  settings: SHORT,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n5',
      timeoutMs: 1_000,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'hold', lock: 'a', forMs: 12_000, everyMs: 50 },
      ],
    },
    {
      name: 'W',
      at: 'n4',
      steps: [
        { do: 'until', atMs: 3_500 },
        { do: 'lock', lock: 'a', waitMs: 8_000 },
      ],
    },
  ],
  faults: [
    ...clog(3_000, 10_000, 'n5', ['n2', 'n3', 'n4']),
    ...clog(3_000, 900, 'n1', ['n2', 'n3', 'n4']),
  ],
  wishes: [{ at: 3_050, machine: 'n2', change: { kind: 'set', voters: 'n4' } }],
});

/** A home falls silent just before its lock is in the hands of a voter that never heard it. */
export const freshVoter: Hunt = told({
  name: 'fresh-voter',
  peers: 5,
  observers: 2,
  settings: SHORT,
  ...NEAR,
  clients: [
    { name: 'H', at: 'n5', timeoutMs: 1_000, steps: holds('a') },
    {
      name: 'W',
      at: 'n4',
      steps: [
        { do: 'until', atMs: 3_200 },
        { do: 'lock', lock: 'a', waitMs: 8_000 },
      ],
    },
  ],
  faults: [{ kind: 'clog', at: 3_000, for: 10_000, links: { isolate: 'n5' } }],
  wishes: [{ at: 3_050, machine: 'n2', change: { kind: 'set', voters: 'n4' } }],
});

const takes = (lock: string) =>
  [
    { do: 'lock', lock, waitMs: 2_000, until: 200 },
    { do: 'unlock', lock, until: 200 },
  ] as const;

/** A voter is away while a name goes from hand to hand, and is forgotten; then it votes again. */
export const awayMeanwhile: Hunt = told({
  name: 'away-meanwhile',
  peers: 4,
  observers: 1,
  settings: { ...SHORT, forgetMs: 1_000 },
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n1',
      timeoutMs: 1_000,
      steps: [
        ...takes('a'),
        { do: 'until', atMs: 2_100 },
        ...takes('a'),
        ...takes('a'),
        { do: 'until', atMs: 14_000 },
        ...takes('a'),
      ],
    },
  ],
  faults: [
    { kind: 'crash', at: 700, for: 9_000, machine: 'n3', kept: 'all', power: false },
    // It hears no quorum, or it would know that nobody needs what it has.
    ...cut(9_500, 4_000, 'n3', ['n1', 'n4']),
  ],
  wishes: [
    { at: 4_000, machine: 'n1', change: { kind: 'replace', peer: 'n3', by: 'n4', rests: false } },
    { at: 12_000, machine: 'n2', change: { kind: 'set', voters: ['n2', 'n3', 'n4'] } },
  ],
});

/**
 * Five vote, and the new peer of the machine that lost its directory: six. Then three of them do,
 * one of which, n3, does not hear those that vote no more: by the time that it does, the other two
 * take part, and nobody else has registers any more.
 */
export const mergedOfWhoVoted: Hunt = told({
  name: 'merged-of-who-voted',
  peers: 5,
  faultsMs: 8_000,
  progressMs: 11_000,
  ...NEAR,
  clients: [],
  faults: [
    { kind: 'lose-directory', at: 1_000, machine: 'n5' },
    ...cut(4_000, 4_000, 'n3', ['n4', 'n5']),
    {
      kind: 'delay',
      at: 4_000,
      for: 4_000,
      links: { from: ['n4', 'n5'], to: ['n1', 'n2'] },
      delayUs: [20_000, 80_000],
    },
  ],
  wishes: [
    { at: 2_000, machine: 'n4', change: { kind: 'add', peers: ['n5'] } },
    { at: 5_000, machine: 'n1', change: { kind: 'set', voters: ['n1', 'n2', 'n3'] } },
  ],
});

/**
 * H's home n4 dies, and n5 begins to take the session over, which reaches n1 alone. Its client is
 * gone, too, and n5 gives up; what n1 has of it is merged by all voters of the next epoch. Then W's
 * home asks n5 about H's lock: H was told by n4 that it is safe for longer.
 */
export const mergedHalfTaken: Hunt = told({
  name: 'merged-half-taken',
  peers: 6,
  observers: 3,
  faultsMs: 9_000,
  progressMs: 14_000,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n4',
      timeoutMs: 8_000,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 2_900 },
        { do: 'ping' },
        { do: 'leave', how: 'close' },
        { do: 'until', atMs: 12_000 },
        { do: 'go', to: 'n1' },
      ],
    },
    {
      name: 'G',
      at: 'n5',
      steps: [
        { do: 'until', atMs: 3_300 },
        { do: 'pose', as: 'H' },
        { do: 'until', atMs: 3_800 },
        { do: 'leave', how: 'reset' },
      ],
    },
    {
      name: 'W',
      at: 'n6',
      steps: [
        { do: 'until', atMs: 6_500 },
        { do: 'lock', lock: 'a', waitMs: 15_000 },
      ],
    },
  ],
  faults: [
    { kind: 'crash', at: 3_000, for: 6_000, machine: 'n4', kept: 'all', power: true },
    ...cut(0, 9_000, 'n5', 'n4'),
    ...cut(0, 5_400, 'n5', 'n2'),
    { kind: 'delay', at: 0, for: 9_000, links: { from: 'n5', to: 'n3' }, delayUs: [250_000] },
    ...cut(3_780, 5_220, 'n5', 'n3'),
    ...cut(5_400, 3_600, 'n3', ['n1', 'n2', 'n6']),
  ],
  wishes: [{ at: 5_600, machine: 'n1', change: { kind: 'set', voters: ['n1', 'n2', 'n6'] } }],
});
