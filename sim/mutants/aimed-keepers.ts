/**
 * Stories of keepers that do not hear what becomes of their locks. The seed draws what they leave
 * open.
 */
import type { Hunt } from './hunts.ts';
import { clog, cut, NEAR, told } from './story.ts';

/**
 * H's home n4 has no vote and keeps the lock. It is cut off while H moves to n5 with the lock and
 * lets go of it there; what the voters said of that to n4 is lost. W tries at n4 when that is back.
 */
export const keptUnheard: Hunt = told({
  name: 'kept-unheard',
  peers: 5,
  observers: 2,
  faultsMs: 7_000,
  progressMs: 8_000,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n4',
      timeoutMs: 12_000,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 3_100 },
        { do: 'go', to: 'n5' },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'W',
      at: 'n4',
      steps: [
        { do: 'until', atMs: 6_500 },
        { do: 'lock', lock: 'a', answer: 200 },
      ],
    },
  ],
  faults: [
    ...cut(2_900, 1_500, 'n4', ['n1', 'n2', 'n3', 'n5']),
    { kind: 'break', at: 4_390, between: ['n4', 'n1'] },
    { kind: 'break', at: 4_390, between: ['n4', 'n2'] },
    { kind: 'break', at: 4_390, between: ['n4', 'n3'] },
  ],
  expect: [{ mark: 'W has a', before: 7_000 }],
});

/**
 * H waits at n4, which hears n2 and n3 no more when another connection of H's has n5 take the
 * session over: n1, which keeps the lock, knows of that as little as n4. Then it is H's turn.
 */
export const movedUnheard: Hunt = told({
  name: 'moved-unheard',
  peers: 6,
  observers: 3,
  faultsMs: 12_000,
  progressMs: 20_000,
  ...NEAR,
  clients: [
    {
      name: 'X',
      at: 'n1',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 5_500 },
        { do: 'unlock', lock: 'a' },
      ],
    },
    {
      name: 'H',
      at: 'n4',
      timeoutMs: 8_000,
      steps: [
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
        { do: 'until', atMs: 11_000 },
        { do: 'leave', how: 'reset' },
      ],
    },
    {
      name: 'W',
      at: 'n1',
      steps: [
        { do: 'until', atMs: 5_800 },
        { do: 'lock', lock: 'a', waitMs: 15_000 },
      ],
    },
    {
      name: 'V',
      at: 'n6',
      steps: [
        { do: 'until', atMs: 8_000 },
        { do: 'lock', lock: 'a', waitMs: 15_000 },
      ],
    },
  ],
  faults: [
    ...cut(0, 12_000, 'n5', ['n1', 'n4']),
    ...cut(0, 12_000, 'n6', ['n1', 'n4']),
    { kind: 'cut', at: 4_250, for: 7_750, links: { from: ['n2', 'n3'], to: 'n4' } },
  ],
});

/**
 * n3 keeps H's lock by the promises of n4 and n5, and hears n5 no more when H moves to n2, whose
 * quorum is n1, n2 and n5, and lets go there. n1, which n3 hears, never promised the lock to n3, so
 * it has nothing to tell. W tries at n3.
 */
export const quorumOfStrangers: Hunt = told({
  name: 'quorum-of-strangers',
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
        { do: 'until', atMs: 1_100 },
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 1_500 },
        { do: 'go', to: 'n2' },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'W',
      at: 'n3',
      steps: [
        { do: 'until', atMs: 5_000 },
        { do: 'lock', lock: 'a', answer: 200 },
      ],
    },
  ],
  faults: [
    { kind: 'clog', at: 1_000, for: 2_000, links: { from: 'n3', to: 'n1' } },
    ...clog(1_000, 8_000, 'n2', ['n3', 'n4']),
    ...clog(1_400, 7_600, 'n3', ['n5']),
  ],
  expect: [{ mark: 'W has a', before: 7_000 }],
});
