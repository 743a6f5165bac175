/**
 * Stories of queues and keepers, as those of sessions in `aimed.ts`.
 */
import type { Hunt } from './hunts.ts';
import { cut, NEAR, told } from './story.ts';

/** A holder lets go while the oldest waiter's home is dead. */
export const deadWaiter: Hunt = told({
  name: 'dead-waiter',
  peers: 3,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n1',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 3_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'D',
      at: 'n2',
      steps: [
        { do: 'await', mark: 'H has a' },
        { do: 'lock', lock: 'a', waitMs: 20_000 },
      ],
    },
    {
      name: 'W',
      at: 'n3',
      steps: [
        { do: 'until', atMs: 1_900 },
        { do: 'lock', lock: 'a', waitMs: 20_000 },
      ],
    },
  ],
  faults: [{ kind: 'crash', at: 2_000, for: 12_000, machine: 'n2', kept: 'all', power: false }],
  expect: [{ mark: 'W has a', before: 3_500 }],
});

/** Twenty wait for one holder, and ask again and again: nothing is to be written meanwhile. */
export const longQueue: Hunt = told({
  name: 'long-queue',
  peers: 3,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n1',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'hold', lock: 'a', forMs: 6_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'W',
      at: ['n2', 'n3'],
      count: 20,
      startMs: 1_000,
      steps: [{ do: 'lock', lock: 'a', waitMs: 9_000 }],
    },
  ],
  settings: { reaskMs: 15 },
  faults: [],
  expect: [{ count: 'chosen', atMost: 3_000 }],
});

/** Ten wait, each asks again late: the lock goes from one to the next all the same. */
export const shortQueue: Hunt = told({
  name: 'short-queue',
  peers: 3,
  settings: { reaskMs: 12_000 },
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n1',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 3_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'W',
      at: ['n2', 'n3'],
      count: 10,
      startMs: 1_500,
      steps: [
        { do: 'lock', lock: 'a', waitMs: 15_000, answer: 200 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
  ],
  faults: [],
  expect: Array.from({ length: 10 }, (_, index) => ({
    mark: `W${index + 1} has a`,
    before: 4_000,
  })),
});

/** A peer that was the keeper lives again, and is the only one to be asked. */
export const formerKeeper: Hunt = told({
  name: 'former-keeper',
  peers: 3,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n1',
      timeoutMs: 1_000,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'unlock', lock: 'a', answer: 200 },
        { do: 'leave', how: 'close' },
      ],
    },
    {
      name: 'W',
      at: 'n1',
      startMs: 4_000,
      steps: [{ do: 'lock', lock: 'a', waitMs: 5_000, until: 200 }],
    },
  ],
  faults: [{ kind: 'crash', at: 2_000, for: 500, machine: 'n1', kept: 'all', power: false }],
  expect: [{ mark: 'W has a', before: 6_000 }],
});

/** W's wait ends as its home is being cut off; then H lets go, and T tries. */
export const severedWait: Hunt = told({
  name: 'severed-wait',
  peers: 4,
  observers: 1,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n1',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 3_200 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'W',
      at: 'n4',
      steps: [
        { do: 'until', atMs: 2_000 },
        { do: 'lock', lock: 'a', waitMs: 1_000 },
      ],
    },
    {
      name: 'T',
      at: 'n2',
      steps: [
        { do: 'until', atMs: 4_800 },
        { do: 'lock', lock: 'a' },
      ],
    },
  ],
  faults: cut(2_800, 4_000, 'n4', ['n1', 'n2', 'n3']),
});

/** W's wait ends before H lets go, whose home hears of it later: T is next all the same. */
export const withdrawnWait: Hunt = told({
  name: 'withdrawn-wait',
  peers: 3,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n1',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 3_200 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'W',
      at: 'n2',
      steps: [
        { do: 'until', atMs: 2_000 },
        { do: 'lock', lock: 'a', waitMs: 1_000 },
      ],
    },
    {
      name: 'T',
      at: 'n3',
      steps: [
        { do: 'until', atMs: 3_300 },
        { do: 'lock', lock: 'a', waitMs: 8_000 },
      ],
    },
  ],
  faults: [
    { kind: 'delay', at: 2_500, for: 4_000, links: { from: 'n2', to: 'n1' }, delayUs: [500_000] },
  ],
  expect: [{ mark: 'T has a', before: 3_900 }],
});

/**
 * A's home n4 hears late that its grant to B is chosen, and its announcement is slow: C's claim
 * comes between, and goes on behind it to B's home n5, which has handed the lock on to D by then.
 */
export const slowAnnouncement: Hunt = told({
  name: 'slow-announcement',
  peers: 5,
  observers: 2,
  faultsMs: 6_000,
  progressMs: 5_000,
  settings: { askMs: 4_000 },
  ...NEAR,
  clients: [
    {
      name: 'A',
      at: 'n4',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 3_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'B',
      at: 'n5',
      steps: [
        { do: 'until', atMs: 2_000 },
        { do: 'lock', lock: 'a', waitMs: 5_000, answer: 200 },
        { do: 'wait', forMs: 100 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'C',
      at: 'n1',
      steps: [
        { do: 'until', atMs: 2_900 },
        { do: 'lock', lock: 'a', waitMs: 5_000, answer: 200 },
      ],
    },
    {
      name: 'D',
      at: 'n2',
      steps: [
        { do: 'until', atMs: 3_050 },
        { do: 'lock', lock: 'a', waitMs: 5_000, answer: 200 },
        { do: 'until', atMs: 4_200 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
  ],
  faults: [
    {
      kind: 'delay',
      at: 1_000,
      for: 5_000,
      links: { from: ['n1', 'n2', 'n3'], to: 'n4' },
      delayUs: [300_000],
    },
    { kind: 'delay', at: 1_000, for: 5_000, links: { from: 'n4', to: 'n5' }, delayUs: [500_000] },
  ],
  expect: [{ mark: 'C has a', before: 5_000 }],
});

/** C gives up while its keeper n1 hands the lock over to B, and the queue with it; then comes D. */
export const givenUpWhileHanded: Hunt = told({
  name: 'given-up-while-handed',
  peers: 3,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n1',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 3_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'B',
      at: 'n2',
      steps: [
        { do: 'until', atMs: 2_000 },
        { do: 'lock', lock: 'a', waitMs: 5_000, answer: 200 },
        { do: 'until', atMs: 3_600 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'C',
      at: 'n1',
      steps: [
        { do: 'until', atMs: 2_200 },
        { do: 'lock', lock: 'a', waitMs: 850 },
      ],
    },
    {
      name: 'D',
      at: 'n3',
      steps: [
        { do: 'until', atMs: 2_500 },
        { do: 'lock', lock: 'a', waitMs: 8_000, answer: 200 },
      ],
    },
  ],
  faults: [100_000, 500_000].map((delayUs, index) => ({
    kind: 'delay',
    at: 2_900 + 600 * index,
    for: 400 + 2_000 * index,
    links: { from: 'n1', to: ['n2', 'n3'] },
    delayUs: [delayUs],
  })),
  expect: [{ mark: 'D has a', before: 4_000 }],
});
