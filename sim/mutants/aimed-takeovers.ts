/**
 * Stories of sessions that are taken over while some do not hear of it, for mutants that err in one
 * order of events. The seed draws what they leave open.
 */
import type { Hunt } from './hunts.ts';
import { cut, NEAR, SHORT, told } from './story.ts';

/**
 * H leaves its home n4, which has heard nothing of n3 for long. n5 begins to take the session over,
 * which reaches n1 alone before n5 dies: of what n4 has vouched for two voters stand no longer. H
 * goes on to n6. n3 is back by then, and n1 out of reach: they would let n4 end the session.
 */
export const cutShortByAMove: Hunt = told({
  name: 'cut-short-by-a-move',
  peers: 6,
  observers: 3,
  faultsMs: 10_000,
  progressMs: 8_000,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n4',
      timeoutMs: 4_000,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 5_900 },
        { do: 'ping' },
        { do: 'leave', how: 'close' },
        { do: 'until', atMs: 8_000 },
        { do: 'go', to: 'n6' },
      ],
    },
    {
      name: 'G',
      at: 'n5',
      steps: [
        { do: 'until', atMs: 6_000 },
        { do: 'pose', as: 'H' },
        { do: 'until', atMs: 6_490 },
        { do: 'leave', how: 'reset' },
      ],
    },
  ],
  faults: [
    ...cut(0, 10_000, 'n5', ['n3', 'n4']),
    { kind: 'delay', at: 0, for: 10_000, links: { from: 'n5', to: 'n2' }, delayUs: [250_000] },
    { kind: 'delay', at: 0, for: 10_000, links: { from: 'n1', to: 'n4' }, delayUs: [300_000] },
    { kind: 'pause', at: 2_000, for: 4_760, machine: 'n3' },
    ...cut(6_480, 3_000, 'n5', 'n2'),
    { kind: 'crash', at: 6_500, for: 3_000, machine: 'n5', kept: 'all', power: true },
    ...cut(6_800, 3_000, 'n1', 'n4'),
  ],
  expect: [{ mark: 'H resumed', before: 9_500 }],
});

/**
 * H waits at n4, which hears no voter while another connection of H's has n6 take the session over;
 * what they said of that is lost with their channels. n4 has new ones in time for H's turn, then
 * hears no voter again. W's home asks n6, which knows nothing of the claim.
 */
export const movedUntold: Hunt = told({
  name: 'moved-untold',
  peers: 6,
  observers: 3,
  faultsMs: 11_000,
  progressMs: 8_000,
  ...NEAR,
  clients: [
    {
      name: 'X',
      at: 'n5',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 4_900 },
        { do: 'unlock', lock: 'a' },
      ],
    },
    {
      name: 'H',
      at: 'n4',
      timeoutMs: 8_000,
      steps: [
        { do: 'until', atMs: 1_000 },
        { do: 'lock', lock: 'a', waitMs: 8_000 },
        { do: 'hold', lock: 'a', forMs: 6_000, everyMs: 100 },
      ],
    },
    {
      name: 'G',
      at: 'n6',
      steps: [
        { do: 'until', atMs: 4_300 },
        { do: 'pose', as: 'H' },
        { do: 'until', atMs: 10_000 },
        { do: 'leave', how: 'reset' },
      ],
    },
    {
      name: 'W',
      at: 'n2',
      steps: [
        { do: 'until', atMs: 5_600 },
        { do: 'lock', lock: 'a', waitMs: 8_000 },
      ],
    },
  ],
  faults: [
    ...cut(0, 11_000, 'n4', 'n6'),
    { kind: 'cut', at: 3_000, for: 1_600, links: { from: ['n1', 'n2', 'n3'], to: 'n4' } },
    { kind: 'break', at: 4_590, between: ['n4', 'n1'] },
    { kind: 'break', at: 4_590, between: ['n4', 'n2'] },
    { kind: 'break', at: 4_590, between: ['n4', 'n3'] },
    ...cut(5_000, 5_000, 'n4', ['n1', 'n2', 'n3']),
  ],
});

/**
 * Few voters know the session that H's home n6 made. n6 dies, and n7 begins to take the session
 * over, which reaches n4 alone, and gives up. H goes on to n8, which hears n4 last.
 */
export const fewKnow: Hunt = told({
  name: 'few-know',
  peers: 8,
  observers: 3,
  faultsMs: 9_000,
  progressMs: 8_000,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n6',
      timeoutMs: 6_000,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 2_900 },
        { do: 'ping' },
        { do: 'leave', how: 'close' },
        { do: 'until', atMs: 5_500 },
        { do: 'go', to: 'n8' },
      ],
    },
    {
      name: 'G',
      at: 'n7',
      steps: [
        { do: 'until', atMs: 3_300 },
        { do: 'pose', as: 'H' },
        { do: 'until', atMs: 3_800 },
        { do: 'leave', how: 'reset' },
      ],
    },
  ],
  faults: [
    ...cut(0, 9_000, 'n6', ['n2', 'n3']),
    { kind: 'crash', at: 3_000, for: 6_000, machine: 'n6', kept: 'all', power: true },
    ...cut(0, 9_000, 'n7', ['n2', 'n3', 'n6']),
    {
      kind: 'delay',
      at: 0,
      for: 9_000,
      links: { from: 'n7', to: ['n1', 'n5'] },
      delayUs: [250_000],
    },
    ...cut(3_780, 5_220, 'n7', ['n1', 'n5']),
    ...cut(0, 9_000, 'n8', 'n5'),
    { kind: 'delay', at: 0, for: 9_000, links: { from: 'n4', to: 'n8' }, delayUs: [150_000] },
  ],
  expect: [{ mark: 'H resumed', before: 8_000 }],
});

/**
 * W's home n1 reads H's session, which lives at n4, and hears n4 no more. n5 takes the session over,
 * heard by neither. What n3 promised n1 before that comes late, when n1 knows H's new claim already,
 * and hears n4 again: it asks n4, which has not heard of the move, about that claim.
 */
export const readLate: Hunt = told({
  name: 'read-late',
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
      timeoutMs: 8_000,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 4_200 },
        { do: 'ping' },
        { do: 'until', atMs: 9_000 },
      ],
    },
    {
      name: 'G',
      at: 'n5',
      steps: [
        { do: 'until', atMs: 5_000 },
        { do: 'pose', as: 'H' },
        { do: 'until', atMs: 7_000 },
        { do: 'leave', how: 'reset' },
      ],
    },
    {
      name: 'W',
      at: 'n1',
      steps: [
        { do: 'until', atMs: 5_000 },
        { do: 'lock', lock: 'a', waitMs: 8_000 },
      ],
    },
  ],
  faults: [
    ...cut(0, 9_000, 'n5', ['n1', 'n4']),
    { kind: 'cut', at: 4_250, for: 4_750, links: { from: ['n2', 'n3'], to: 'n4' } },
    { kind: 'pause', at: 4_300, for: 1_020, machine: 'n4' },
    { kind: 'delay', at: 4_000, for: 5_000, links: { from: 'n1', to: 'n2' }, delayUs: [5_000] },
    { kind: 'delay', at: 4_000, for: 5_000, links: { from: 'n3', to: 'n1' }, delayUs: [340_000] },
  ],
});

/**
 * H moves from n4 to n5, which dies; n3 hears of neither, and n4 lives. n2 has the session ended,
 * and dies when n1 alone has accepted that. n1 and n3 are a quorum, but n3 waits for n4.
 */
export const formerHomeLives: Hunt = told({
  name: 'former-home-lives',
  peers: 6,
  observers: 3,
  faultsMs: 7_000,
  progressMs: 12_000,
  settings: SHORT,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n4',
      timeoutMs: 1_000,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 2_000 },
        { do: 'go', to: 'n5' },
        { do: 'until', atMs: 2_950 },
        { do: 'leave', how: 'reset' },
      ],
    },
    {
      name: 'V',
      at: 'n2',
      steps: [
        { do: 'until', atMs: 3_200 },
        { do: 'lock', lock: 'a', waitMs: 8_000 },
      ],
    },
    {
      name: 'W',
      at: 'n6',
      steps: [
        { do: 'until', atMs: 6_000 },
        { do: 'lock', lock: 'a', waitMs: 12_000 },
      ],
    },
  ],
  faults: [
    ...cut(1_500, 3_700, 'n3', ['n1', 'n2', 'n5']),
    { kind: 'delay', at: 3_100, for: 3_900, links: { from: 'n1', to: 'n2' }, delayUs: [300_000] },
    { kind: 'crash', at: 3_000, for: 4_000, machine: 'n5', kept: 'all', power: true },
    { kind: 'crash', at: 4_920, for: 2_080, machine: 'n2', kept: 'all', power: true },
  ],
  heal: { core: ['n1', 'n3', 'n4', 'n6'] },
  expect: [{ mark: 'W has a', before: 14_000 }],
});
