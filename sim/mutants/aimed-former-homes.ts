/**
 * Stories of grants to homes that a session has left, and to lives of a home that are over. The
 * seed draws what they leave open.
 */
import type { ScenarioClient, ScenarioFault, ScenarioStep } from '../scenario.ts';
import type { Hunt } from './hunts.ts';
import { cut, NEAR, told } from './story.ts';

/** X has the lock at n1, which keeps it, and lets go of it then. */
const holdsUntil = (atMs: number): ScenarioClient => ({
  name: 'X',
  at: 'n1',
  steps: [
    { do: 'lock', lock: 'a', until: 200 },
    { do: 'until', atMs },
    { do: 'unlock', lock: 'a' },
  ],
});

/** H is the next in line, at n4. */
const nextInLine = (timeoutMs: number, steps: readonly ScenarioStep[] = []): ScenarioClient => ({
  name: 'H',
  at: 'n4',
  timeoutMs,
  steps: [{ do: 'until', atMs: 1_000 }, { do: 'lock', lock: 'a', waitMs: 15_000 }, ...steps],
});

/** Another connection of H's has n5 take the session over, and stays there. */
const takenOver = (leavesMs: number): ScenarioClient => ({
  name: 'G',
  at: 'n5',
  steps: [
    { do: 'until', atMs: 4_500 },
    { do: 'pose', as: 'H' },
    { do: 'until', atMs: leavesMs },
    { do: 'leave', how: 'reset' },
  ],
});

/** W wants the lock; its home asks whether H's claim lives. */
const wants = (at: string, atMs: number): ScenarioClient => ({
  name: 'W',
  at,
  steps: [
    { do: 'until', atMs },
    { do: 'lock', lock: 'a', waitMs: 15_000 },
  ],
});

const RELIES: readonly ScenarioStep[] = [{ do: 'hold', lock: 'a', forMs: 6_000, everyMs: 100 }];

/** Letters from one machine to others take so long. */
const slow = (at: number, forMs: number, from: string, to: string | string[], ms: number) =>
  ({
    kind: 'delay',
    at,
    for: forMs,
    links: { from, to },
    delayUs: [1_000 * ms],
  }) as const satisfies ScenarioFault;

/** Nothing arrives, one way. */
const deaf = (at: number, forMs: number, from: string | string[], to: string | string[]) =>
  ({ kind: 'cut', at, for: forMs, links: { from, to } }) as const satisfies ScenarioFault;

/**
 * n5 takes H's session over by n1 and n2; n3 refuses it, for it has promised the session to n6 just
 * before, whose client then gives up. n1 has granted H the lock a moment before it took the move,
 * and n3 takes the grant after it was asked what H holds. What n1 is asked does not arrive.
 */
export const listedTooEarly: Hunt = told({
  name: 'listed-too-early',
  peers: 6,
  observers: 3,
  faultsMs: 13_000,
  progressMs: 12_000,
  ...NEAR,
  detectUs: [20_000_000],
  clients: [
    holdsUntil(4_980),
    nextInLine(10_000, RELIES),
    takenOver(12_500),
    {
      name: 'R',
      at: 'n6',
      steps: [
        // So n6's rounds are above n5's.
        ...['p', 'q', 'r', 's', 't'].map((lock) => ({ do: 'lock', lock, until: 200 }) as const),
        { do: 'until', atMs: 4_800 },
        { do: 'pose', as: 'H' },
        { do: 'until', atMs: 5_500 },
        { do: 'leave', how: 'reset' },
      ],
    },
    wants('n3', 6_500),
  ],
  faults: [
    ...cut(0, 13_000, 'n4', ['n5', 'n6']),
    ...cut(4_300, 8_700, 'n6', ['n1', 'n2']),
    slow(4_400, 8_600, 'n5', 'n1', 250),
    slow(4_400, 8_600, 'n5', 'n3', 300),
    slow(4_400, 2_000, 'n1', 'n3', 600),
    deaf(4_400, 8_600, 'n2', 'n4'),
    deaf(4_900, 8_100, 'n1', 'n2'),
    deaf(4_990, 8_010, 'n1', 'n4'),
    deaf(5_225, 7_775, 'n5', 'n1'),
    deaf(5_600, 7_400, 'n3', 'n4'),
  ],
});

/**
 * H has moved, and n1 alone, which has not heard of that, has granted n4 the lock: n2 and n3 hear
 * of it late. The voters change meanwhile, and all that vote now take the grant over from n1.
 */
export const formerGrantMerged: Hunt = told({
  name: 'former-grant-merged',
  peers: 7,
  observers: 4,
  faultsMs: 14_000,
  progressMs: 20_000,
  ...NEAR,
  clients: [holdsUntil(5_500), nextInLine(8_000, RELIES), takenOver(12_000), wants('n7', 6_000)],
  faults: [
    ...cut(0, 14_000, 'n5', ['n1', 'n4']),
    ...cut(0, 14_000, 'n7', ['n1', 'n4']),
    deaf(4_250, 9_750, ['n2', 'n3', 'n6'], 'n4'),
    slow(5_000, 1_500, 'n1', ['n2', 'n3'], 300),
    deaf(6_100, 7_000, 'n1', 'n4'),
  ],
  wishes: [{ at: 5_520, machine: 'n2', change: { kind: 'set', voters: ['n1', 'n2', 'n6'] } }],
});

/**
 * H's claim comes to n1 while that hands the lock over to n2, and is sent on behind a slow letter.
 * H has the lock otherwise by then, and has left n4, which has died and lives again; n2 keeps the
 * lock when the claim comes, and tells n4 that it is granted. H goes on at n5.
 */
export const formerLife: Hunt = told({
  name: 'former-life',
  peers: 5,
  observers: 2,
  faultsMs: 9_000,
  progressMs: 12_000,
  ...NEAR,
  clients: [
    holdsUntil(3_000),
    {
      name: 'Y',
      at: 'n2',
      steps: [
        { do: 'until', atMs: 1_000 },
        { do: 'lock', lock: 'a', waitMs: 10_000 },
        { do: 'until', atMs: 3_200 },
        { do: 'unlock', lock: 'a' },
      ],
    },
    {
      name: 'H',
      at: 'n4',
      timeoutMs: 8_000,
      steps: [
        { do: 'until', atMs: 3_090 },
        { do: 'lock', lock: 'a', waitMs: 10_000 },
        { do: 'until', atMs: 3_800 },
        { do: 'leave', how: 'close' },
        { do: 'until', atMs: 6_500 },
        { do: 'go', to: 'n5' },
        { do: 'hold', lock: 'a', forMs: 2_000 },
      ],
    },
    wants('n2', 4_500),
  ],
  faults: [
    {
      kind: 'delay',
      at: 2_990,
      for: 400,
      links: { from: ['n2', 'n3'], to: 'n1' },
      delayUs: [300_000],
    },
    slow(3_050, 200, 'n1', 'n2', 2_500),
    { kind: 'crash', at: 3_900, for: 200, machine: 'n4', kept: 'all', power: false },
  ],
  expect: [
    { mark: 'H has a', before: 3_800 },
    { mark: 'H resumed', before: 8_000 },
  ],
});

/** W waits behind H, lets go a moment after it is served, and is answered. */
const BEHIND: ScenarioClient = {
  name: 'W',
  at: 'n1',
  steps: [
    { do: 'until', atMs: 5_000 },
    { do: 'lock', lock: 'a', waitMs: 15_000, until: 200 },
    { do: 'wait', forMs: 200 },
    { do: 'unlock', lock: 'a', answer: 200 },
    { do: 'mark', mark: 'freed' },
  ],
};

/** n4 does not hear of the move. It is H's turn: n2 and n3 refuse, n1 has taken the grant. */
const passedOver = (name: string, faults: ScenarioFault[], freedBefore: number): Hunt =>
  told({
    name,
    peers: 5,
    observers: 2,
    faultsMs: 12_000,
    progressMs: 8_000,
    ...NEAR,
    clients: [holdsUntil(5_500), nextInLine(8_000), takenOver(11_000), BEHIND],
    faults: [deaf(4_250, 7_750, ['n2', 'n3'], 'n4'), ...faults],
    expect: [{ mark: 'freed', before: freedBefore }],
  });

/** n4 goes on asking n1 for the lock. */
export const passedOverAndHeard: Hunt = passedOver(
  'passed-over-and-heard',
  cut(0, 12_000, 'n5', ['n1', 'n4']),
  7_500,
);

/** n1 has told n4 of the queue, for that was to be the heir, and hears it no more. */
export const passedOverAndHanded: Hunt = passedOver(
  'passed-over-and-handed',
  [
    ...cut(0, 12_000, 'n5', ['n1', 'n4']),
    ...cut(5_600, 6_400, 'n4', 'n1'),
    { kind: 'break', at: 5_610, between: ['n4', 'n1'] },
  ],
  6_500,
);

/** One of a crowd: those that wait come first, others ask again and again. */
const inTheCrowd = (name: string, at: string, wait: { waitMs?: number } = {}): ScenarioClient => ({
  name,
  at,
  steps: [
    { do: 'until', atMs: wait.waitMs === undefined ? 5_100 : 5_000 },
    { do: 'lock', lock: 'a', until: 200, ...wait },
    { do: 'mark', mark: 'served' },
    { do: 'unlock', lock: 'a' },
  ],
});

/** n3 is gone, and nothing proves that n1's grant is not chosen; many want the lock everywhere. */
export const passedOverInACrowd: Hunt = told({
  name: 'passed-over-in-a-crowd',
  peers: 7,
  observers: 4,
  faultsMs: 14_000,
  progressMs: 8_000,
  ...NEAR,
  clients: [
    holdsUntil(5_500),
    nextInLine(8_000),
    takenOver(13_000),
    inTheCrowd('W', 'n1', { waitMs: 15_000 }),
    inTheCrowd('T', 'n2'),
    inTheCrowd('U', 'n6'),
    inTheCrowd('V', 'n7'),
  ],
  faults: [
    deaf(4_250, 9_750, ['n2', 'n3'], 'n4'),
    ...cut(0, 14_000, 'n5', 'n4'),
    ...cut(0, 5_400, 'n5', 'n1'),
    ...cut(5_600, 8_400, 'n4', ['n1', 'n6', 'n7']),
    { kind: 'break', at: 5_610, between: ['n4', 'n1'] },
    { kind: 'crash', at: 5_450, for: 8_550, machine: 'n3', kept: 'all', power: true },
  ],
  expect: [{ mark: 'served', before: 9_500 }],
});

/** n3 is gone: nothing proves that the grant is not chosen, but n5 says that nobody claims it. */
export const passedOverUnproven: Hunt = passedOver(
  'passed-over-unproven',
  [
    ...cut(0, 12_000, 'n5', 'n4'),
    ...cut(0, 5_400, 'n5', 'n1'),
    ...cut(5_600, 6_400, 'n4', 'n1'),
    { kind: 'break', at: 5_610, between: ['n4', 'n1'] },
    { kind: 'crash', at: 5_450, for: 6_550, machine: 'n3', kept: 'all', power: true },
  ],
  10_000,
);
