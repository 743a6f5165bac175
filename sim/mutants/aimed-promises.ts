/**
 * Stories of keepers that count on what voters promised, and of what voters could not tell them.
 * The seed draws what they leave open.
 */
import type { Hunt } from './hunts.ts';
import { clog, cut, NEAR, told } from './story.ts';

/**
 * n1 kept the lock while it was free, and is cut off from all but H's home n4, which has no vote and
 * inherited the lock from n5. That takes it on again to refuse V, and hears n4 no more. So H's home
 * asks n1, the first voter that it hears, when H lets go.
 */
export const releasedElsewhere: Hunt = told({
  name: 'released-elsewhere',
  peers: 5,
  observers: 2,
  faultsMs: 14_000,
  progressMs: 10_000,
  ...NEAR,
  clients: [
    {
      name: 'A',
      at: 'n1',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'B',
      at: 'n5',
      steps: [
        { do: 'until', atMs: 2_200 },
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 3_500 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'H',
      at: 'n4',
      timeoutMs: 20_000,
      steps: [
        { do: 'until', atMs: 2_800 },
        { do: 'lock', lock: 'a', waitMs: 10_000, answer: 200 },
        { do: 'until', atMs: 8_500 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'V',
      at: 'n5',
      steps: [
        { do: 'until', atMs: 6_000 },
        { do: 'lock', lock: 'a', answer: 409 },
        { do: 'until', atMs: 9_500 },
        { do: 'lock', lock: 'a', answer: 200 },
      ],
    },
  ],
  faults: [
    ...cut(1_000, 13_000, 'n1', ['n2', 'n3', 'n5']),
    ...cut(1_000, 4_000, 'n1', 'n4'),
    ...cut(4_300, 9_700, 'n4', 'n5'),
  ],
  expect: [{ mark: 'V has a', before: 10_500 }],
});

/**
 * n1 reads H's lock by the promises of n4 and n5 when n3, which keeps it, has just begun to free it
 * at n2: so n2 refuses n1. That hears n2 and n4 from then on, of which n2 has promised it nothing.
 */
export const promisedByNoneWhoRefused: Hunt = told({
  name: 'promised-by-none-who-refused',
  peers: 5,
  faultsMs: 9_000,
  progressMs: 10_000,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n3',
      timeoutMs: 12_000,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 1_500 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'V',
      at: 'n1',
      steps: [
        { do: 'until', atMs: 1_600 },
        { do: 'lock', lock: 'a' },
      ],
    },
    {
      name: 'W',
      at: 'n1',
      steps: [
        { do: 'until', atMs: 5_000 },
        { do: 'lock', lock: 'a', answer: 200 },
      ],
    },
  ],
  faults: [
    ...clog(1_000, 8_000, 'n3', ['n1', 'n4']),
    { kind: 'clog', at: 1_000, for: 1_500, links: { from: 'n3', to: 'n5' } },
    { kind: 'clog', at: 1_700, for: 600, links: { from: 'n2', to: 'n1' } },
    { kind: 'clog', at: 2_260, for: 6_740, links: { from: 'n5', to: 'n1' } },
  ],
  expect: [{ mark: 'W has a', before: 7_000 }],
});

/**
 * n5, without a vote, reads H's lock. n1 promises at once, n2 late: in between H lets go by n1 and
 * n3, and what n1 says of that to n5 is lost with their channel. W tries at n5.
 */
export const promisedBefore: Hunt = told({
  name: 'promised-before',
  peers: 5,
  observers: 2,
  faultsMs: 10_000,
  progressMs: 10_000,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n4',
      timeoutMs: 12_000,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 3_300 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'V',
      at: 'n5',
      timeoutMs: 12_000,
      steps: [
        { do: 'until', atMs: 300 },
        { do: 'lock', lock: 'b', until: 200 },
        { do: 'until', atMs: 2_600 },
        { do: 'lock', lock: 'a' },
      ],
    },
    {
      name: 'W',
      at: 'n5',
      steps: [
        { do: 'until', atMs: 7_000 },
        { do: 'lock', lock: 'a', answer: 200 },
      ],
    },
  ],
  faults: [
    ...clog(1_000, 9_000, 'n4', ['n2', 'n5']),
    { kind: 'clog', at: 2_750, for: 2_350, links: { from: 'n2', to: 'n5' } },
    { kind: 'clog', at: 2_750, for: 7_250, links: { from: 'n3', to: 'n5' } },
    { kind: 'cut', at: 3_210, for: 1_760, links: { from: 'n1', to: 'n5' } },
    { kind: 'break', at: 4_930, between: ['n1', 'n5'] },
  ],
  expect: [{ mark: 'W has a', before: 8_500 }],
});

/**
 * n3 reads H's lock by the promises of n2 and n4, and then by that of n1, which has no record of it
 * and restarts. When H lets go, n1 knows of no promise that it could tell n3 of, n4 is not heard
 * there, and n2 hears nothing of H's home n5. W tries at n3.
 */
export const promisedByWhoForgets: Hunt = told({
  name: 'promised-by-who-forgets',
  peers: 5,
  faultsMs: 12_000,
  progressMs: 10_000,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n5',
      timeoutMs: 20_000,
      steps: [
        { do: 'until', atMs: 1_500 },
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 6_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'V',
      at: 'n3',
      steps: [
        { do: 'until', atMs: 4_000 },
        { do: 'lock', lock: 'a', answer: 409 },
      ],
    },
    {
      name: 'W',
      at: 'n3',
      steps: [
        { do: 'until', atMs: 9_000 },
        { do: 'lock', lock: 'a', answer: 200 },
      ],
    },
  ],
  faults: [
    ...cut(900, 4_900, 'n5', 'n1'),
    ...clog(2_500, 9_500, 'n5', 'n3'),
    { kind: 'clog', at: 3_950, for: 300, links: { from: 'n1', to: 'n3' } },
    { kind: 'crash', at: 4_600, for: 100, machine: 'n1', kept: 'all', power: false },
    { kind: 'clog', at: 5_200, for: 6_800, links: { from: 'n4', to: 'n3' } },
    ...clog(5_300, 6_700, 'n5', 'n2'),
  ],
  expect: [{ mark: 'W has a', before: 10_500 }],
});
