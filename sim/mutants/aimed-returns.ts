/**
 * Stories of sessions that are asked for where their clients do not stay, for mutants.
 */
import type { ScenarioFault } from '../scenario.ts';
import type { Hunt } from './hunts.ts';
import { cut, NEAR, SHORT, told } from './story.ts';

/**
 * What H's session is written as reaches n3 late, which has promised to n5 by then: that is asked
 * for the session, and writes nothing. Then n2 dies.
 */
export const missedForAReader: Hunt = told({
  name: 'missed-for-a-reader',
  peers: 5,
  observers: 2,
  faultsMs: 12_000,
  progressMs: 18_000,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n4',
      timeoutMs: 3_000,
      steps: [
        { do: 'until', atMs: 1_000 },
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'hold', lock: 'a', forMs: 10_000, everyMs: 100 },
        { do: 'leave', how: 'reset' },
        { do: 'until', atMs: 18_000 },
        { do: 'go', to: 'n4' },
      ],
    },
    {
      name: 'G',
      at: 'n5',
      steps: [
        { do: 'until', atMs: 1_010 },
        { do: 'pose', as: 'H' },
        { do: 'until', atMs: 1_500 },
        { do: 'leave', how: 'reset' },
      ],
    },
  ],
  faults: [
    { kind: 'delay', at: 0, for: 1_900, links: { from: 'n4', to: 'n3' }, delayUs: [400_000] },
    { kind: 'crash', at: 3_000, for: 9_000, machine: 'n2', kept: 'all', power: false },
  ],
  expect: [{ never: 'H lost a' }],
});

/**
 * H asks n4, which does not hear n5, and is back at n5 before n4 has an answer: that is outrun by
 * n5's own record of the return.
 */
export const outrunMeanwhile: Hunt = told({
  name: 'outrun-meanwhile',
  peers: 6,
  observers: 3,
  faultsMs: 9_000,
  progressMs: 18_000,
  delayUs: [60_000],
  syncUs: [50, 200],
  detectUs: [3_000_000],
  clients: [
    {
      name: 'H',
      at: 'n5',
      timeoutMs: 8_000,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 3_990 },
        { do: 'leave', how: 'close' },
        { do: 'until', atMs: 4_110 },
        { do: 'go', to: 'n5' },
        { do: 'ping' },
        { do: 'hold', lock: 'a', forMs: 5_000, everyMs: 100 },
        { do: 'until', atMs: 12_000 },
        { do: 'leave', how: 'reset' },
        { do: 'until', atMs: 17_000 },
        { do: 'go', to: 'n5' },
      ],
    },
    {
      name: 'G',
      at: 'n4',
      steps: [
        { do: 'until', atMs: 4_010 },
        { do: 'pose', as: 'H' },
        { do: 'until', atMs: 4_100 },
        { do: 'leave', how: 'close' },
        { do: 'until', atMs: 12_500 },
      ],
    },
  ],
  faults: cut(0, 9_000, 'n5', 'n4'),
  expect: [{ never: 'H lost a' }, { mark: 'H resumed', before: 6_000 }],
});

/** n4 hears no voter any more, nor do n4 and n5 hear one another; all others hear n4. */
const n4HearsNobody: ScenarioFault[] = [
  { kind: 'cut', at: 2_000, for: 7_000, links: { from: ['n1', 'n2', 'n3'], to: 'n4' } },
  ...cut(1_500, 7_500, 'n5', 'n4'),
];

/**
 * H moves from n4 to n5. When that has its session, and not yet its lock, n4's validity ends: it
 * has heard of no move. W wants the lock.
 */
export const lostWhereItLeft: Hunt = told({
  name: 'lost-where-it-left',
  peers: 5,
  observers: 2,
  faultsMs: 9_000,
  progressMs: 18_000,
  settings: SHORT,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n4',
      timeoutMs: 2_000,
      steps: [
        { do: 'until', atMs: 1_000 },
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 3_300 },
        { do: 'leave', how: 'close' },
        { do: 'go', to: 'n5' },
        { do: 'ping' },
        { do: 'hold', lock: 'a', forMs: 3_000, everyMs: 200 },
        { do: 'unlock', lock: 'a' },
      ],
    },
    {
      name: 'W',
      at: 'n1',
      steps: [
        { do: 'until', atMs: 4_000 },
        { do: 'lock', lock: 'a', waitMs: 9_000, until: 200 },
        { do: 'unlock', lock: 'a' },
      ],
    },
  ],
  faults: [
    ...n4HearsNobody,
    {
      kind: 'delay',
      at: 2_000,
      for: 7_000,
      links: { from: 'n5', to: ['n1', 'n2', 'n3'] },
      delayUs: [200_000],
    },
  ],
  expect: [{ mark: 'W has a', after: 6_500, before: 14_000 }],
});

/**
 * H moves from n4 to n5, gives a lock back there, which W takes, and comes back to n4, which has
 * heard of no move, and is valid still.
 */
export const backInSilence: Hunt = told({
  name: 'back-in-silence',
  peers: 5,
  observers: 2,
  faultsMs: 9_000,
  progressMs: 18_000,
  settings: SHORT,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n4',
      timeoutMs: 3_000,
      steps: [
        { do: 'until', atMs: 1_000 },
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'lock', lock: 'b', until: 200 },
        { do: 'until', atMs: 2_300 },
        { do: 'leave', how: 'close' },
        { do: 'go', to: 'n5' },
        { do: 'unlock', lock: 'a' },
        { do: 'until', atMs: 2_900 },
        { do: 'leave', how: 'close' },
        { do: 'go', to: 'n4' },
        { do: 'lock', lock: 'a' },
        { do: 'until', atMs: 9_000 },
      ],
    },
    {
      name: 'W',
      at: 'n1',
      steps: [
        { do: 'until', atMs: 2_200 },
        { do: 'lock', lock: 'a', waitMs: 9_000, until: 200 },
        { do: 'hold', lock: 'a', forMs: 3_000, everyMs: 200 },
        { do: 'unlock', lock: 'a' },
      ],
    },
  ],
  faults: n4HearsNobody,
});

/** Letters from one machine to another take so long. */
const slow = (at: number, forMs: number, from: string, to: string, ms: number) =>
  ({
    kind: 'delay',
    at,
    for: forMs,
    links: { from, to },
    delayUs: [1_000 * ms],
  }) as const satisfies ScenarioFault;

/** Nothing arrives, one way. */
const deaf = (at: number, forMs: number, from: string, to: string) =>
  ({ kind: 'cut', at, for: forMs, links: { from, to } }) as const satisfies ScenarioFault;

/** So many locks raise the rounds of a home above those of others. */
const MANY = ['p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'p1', 'p2', 'p3', 'p4'];

/**
 * H's session begins at n5, moves to n4, of which n3 does not hear, and comes back. n3 refuses that,
 * for it has promised the session to n6 just before, and is asked what H holds. n1 has granted H a
 * lock at n4 a moment before it took the return; n3 takes the grant when it has answered.
 */
export const listedForAnEarlierStay: Hunt = told({
  name: 'listed-for-an-earlier-stay',
  peers: 6,
  observers: 3,
  faultsMs: 13_000,
  progressMs: 12_000,
  ...NEAR,
  detectUs: [20_000_000],
  clients: [
    {
      name: 'X',
      at: 'n1',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 5_380 },
        { do: 'unlock', lock: 'a' },
      ],
    },
    {
      name: 'H',
      at: 'n5',
      timeoutMs: 10_000,
      steps: [
        { do: 'lock', lock: 'b', until: 200 },
        { do: 'unlock', lock: 'b', until: 200 },
        { do: 'until', atMs: 500 },
        { do: 'leave', how: 'close' },
        { do: 'go', to: 'n4' },
        { do: 'ping' },
        { do: 'until', atMs: 1_000 },
        { do: 'lock', lock: 'a', waitMs: 15_000 },
        { do: 'hold', lock: 'a', forMs: 6_000, everyMs: 100 },
      ],
    },
    {
      name: 'G',
      at: 'n5',
      steps: [
        { do: 'until', atMs: 4_500 },
        { do: 'pose', as: 'H' },
        { do: 'until', atMs: 12_500 },
        { do: 'leave', how: 'reset' },
      ],
    },
    {
      name: 'R',
      at: 'n6',
      steps: [
        ...MANY.map((lock) => ({ do: 'lock', lock, until: 200 }) as const),
        { do: 'until', atMs: 4_800 },
        { do: 'pose', as: 'H' },
        { do: 'until', atMs: 5_900 },
        { do: 'leave', how: 'reset' },
      ],
    },
    {
      name: 'W',
      at: 'n3',
      steps: [
        { do: 'until', atMs: 6_900 },
        { do: 'lock', lock: 'a', waitMs: 15_000 },
      ],
    },
  ],
  faults: [
    deaf(400, 12_600, 'n4', 'n3'),
    ...cut(1_500, 11_500, 'n4', ['n5', 'n6']),
    ...cut(4_300, 8_700, 'n6', ['n1', 'n2']),
    slow(4_400, 8_600, 'n5', 'n1', 250),
    slow(4_400, 8_600, 'n5', 'n3', 300),
    slow(4_400, 2_400, 'n1', 'n3', 600),
    deaf(4_400, 8_600, 'n2', 'n4'),
    deaf(5_300, 7_700, 'n1', 'n2'),
    deaf(5_390, 7_610, 'n1', 'n4'),
    deaf(5_625, 7_375, 'n5', 'n1'),
    deaf(6_000, 7_000, 'n3', 'n4'),
  ],
});
