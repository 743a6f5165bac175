/**
 * Stories of sessions and leases, for mutants that err in one order of events which chance hardly
 * finds. The seed draws what they leave open.
 */
import type { ScenarioFault, ScenarioStep } from '../scenario.ts';
import type { Hunt } from './hunts.ts';
import { cut, holds, NEAR, SHORT, told } from './story.ts';

/** Has the lock for a moment, again and again. */
const turns = (lock: string, count: number): ScenarioStep[] =>
  Array.from({ length: count }, (): ScenarioStep[] => [
    { do: 'lock', lock, waitMs: 5_000 },
    { do: 'wait', forMs: 10 },
    { do: 'unlock', lock },
  ]).flat();

/**
 * A second connection of H's has n5 take the session over, which reaches n1 alone before n5 dies;
 * W's home hears n1 and one other voter, and not H's home n4.
 */
const halfTaken = (
  name: string,
  unheard: string,
  more: readonly ScenarioFault[],
  askedAt = 3_500,
): Hunt =>
  told({
    name,
    peers: 6,
    observers: 3,
    faultsMs: 14_000,
    settings: SHORT,
    ...NEAR,
    clients: [
      { name: 'H', at: 'n4', timeoutMs: 1_000, steps: holds('a') },
      {
        name: 'G',
        at: 'n5',
        steps: [
          { do: 'await', mark: 'H has a' },
          { do: 'until', atMs: 3_000 },
          { do: 'pose', as: 'H' },
          { do: 'wait', forMs: 450 },
          { do: 'leave', how: 'reset' },
        ],
      },
      {
        name: 'W',
        at: 'n6',
        steps: [
          { do: 'until', atMs: askedAt },
          { do: 'lock', lock: 'a', waitMs: 8_000 },
        ],
      },
    ],
    faults: [
      { kind: 'delay', at: 0, for: 14_000, links: { from: 'n5', to: 'n3' }, delayUs: [200_000] },
      ...cut(0, 14_000, 'n5', ['n2', 'n4']),
      ...cut(0, 14_000, 'n6', [unheard, 'n4', 'n5']),
      ...cut(3_450, 10_000, 'n5', 'n3'),
      { kind: 'crash', at: 3_500, for: 10_000, machine: 'n5', kept: 'all', power: true },
      ...more,
    ],
  });

/** n3 hears the old home no more, n1 does. */
export const halfTakenNear: Hunt = halfTaken('half-taken', 'n2', cut(3_000, 10_000, 'n3', 'n4'));

/** n1 hears the old home no more; n2, which W's home asks, too, does. */
export const halfTakenRead: Hunt = halfTaken(
  'half-taken-read',
  'n3',
  [
    ...cut(3_000, 10_000, 'n1', 'n4'),
    { kind: 'delay', at: 3_000, for: 10_000, links: { from: 'n2', to: 'n4' }, delayUs: [50_000] },
  ],
  5_000,
);

/** What n1 says of it to the old home is lost with their channel. */
export const halfTakenUntold: Hunt = halfTaken('half-taken-untold', 'n2', [
  ...cut(3_000, 10_000, 'n3', 'n4'),
  { kind: 'cut', at: 3_100, for: 500, links: { from: 'n1', to: 'n4' } },
  { kind: 'break', at: 3_590, between: ['n1', 'n4'] },
]);

/** A holder that is cut off asks for a longer time-out. */
export const longerTimeout: Hunt = told({
  name: 'longer-time-out',
  peers: 3,
  settings: SHORT,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n1',
      timeoutMs: 1_000,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 3_100 },
        { do: 'ask', line: 'set_timeout 20000' },
        { do: 'hold', lock: 'a', forMs: 12_000, everyMs: 100 },
      ],
    },
    {
      name: 'W',
      at: 'n3',
      steps: [
        { do: 'until', atMs: 3_200 },
        { do: 'lock', lock: 'a', waitMs: 10_000 },
      ],
    },
  ],
  faults: [{ kind: 'cut', at: 3_000, for: 12_000, links: { isolate: 'n1' } }],
});

/** n2, which W asks, hears the holder's home n1 no more; n3 does until n1 dies. */
export const loneExpired: Hunt = told({
  name: 'lone-expired',
  peers: 3,
  settings: { ...SHORT, minimumLeaseMs: 2_000 },
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n1',
      timeoutMs: 2_000,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'hold', lock: 'a', forMs: 3_950, everyMs: 100 },
        { do: 'until', atMs: 5_050 },
        { do: 'go', to: 'n3' },
        { do: 'unlock', lock: 'a' },
      ],
    },
    {
      name: 'W',
      at: 'n2',
      steps: [
        { do: 'until', atMs: 2_100 },
        { do: 'lock', lock: 'a', waitMs: 10_000 },
      ],
    },
  ],
  faults: [
    ...cut(2_000, 10_000, 'n1', 'n2'),
    { kind: 'crash', at: 5_000, for: 8_000, machine: 'n1', kept: 'all', power: false },
  ],
});

/** A home dies with a lock, and lives again at once; its client is gone. */
export const secondLife: Hunt = told({
  name: 'second-life',
  peers: 3,
  settings: SHORT,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n1',
      timeoutMs: 1_000,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 2_000 },
        { do: 'leave', how: 'vanish' },
      ],
    },
    {
      name: 'W',
      at: 'n3',
      steps: [
        { do: 'until', atMs: 2_500 },
        { do: 'lock', lock: 'a', waitMs: 12_000 },
      ],
    },
  ],
  faults: [{ kind: 'crash', at: 2_100, for: 200, machine: 'n1', kept: 'all', power: false }],
  expect: [{ mark: 'W has a', before: 6_000 }],
});

/** A home is cut off, and one of its clocks stands still. */
export const stoppedClock: Hunt = told({
  name: 'stopped-clock',
  peers: 3,
  settings: SHORT,
  ...NEAR,
  clients: [
    { name: 'H', at: 'n1', timeoutMs: 1_000, steps: holds('a') },
    {
      name: 'W',
      at: 'n3',
      steps: [
        { do: 'until', atMs: 3_200 },
        { do: 'lock', lock: 'a', waitMs: 8_000 },
      ],
    },
  ],
  faults: [
    { kind: 'cut', at: 3_000, for: 10_000, links: { isolate: 'n1' } },
    { kind: 'freeze', at: 3_000, for: 10_000, machine: 'n1', clocks: ['monotonic'] },
  ],
});

/**
 * W's home n4 keeps the lock, and waits out the lease of H's home n5, which it does not hear. H
 * moves to n1: n4 hears that another writes the session, then nothing until H has taken its lock
 * along, nor of n1 for so long.
 */
const movedUnheardFor = (name: string, cutMs: number): Hunt =>
  told({
    name,
    peers: 5,
    observers: 2,
    faultsMs: 10_000,
    progressMs: 8_000,
    ...NEAR,
    detectUs: [300_000],
    clients: [
      {
        name: 'H',
        at: 'n5',
        timeoutMs: 12_000,
        steps: [
          { do: 'lock', lock: 'a', until: 200 },
          { do: 'until', atMs: 4_000 },
          { do: 'go', to: 'n1' },
          { do: 'unlock', lock: 'a', answer: 200 },
        ],
      },
      {
        name: 'W',
        at: 'n4',
        steps: [
          { do: 'until', atMs: 2_000 },
          { do: 'lock', lock: 'a', waitMs: 15_000, answer: 200 },
        ],
      },
    ],
    faults: [
      ...cut(0, 10_000, 'n4', 'n5'),
      {
        kind: 'delay',
        at: 0,
        for: 10_000,
        links: { from: 'n1', to: ['n2', 'n3'] },
        delayUs: [100_000],
      },
      ...cut(4_300, cutMs, 'n4', 'n1'),
      ...cut(4_300, 600, 'n4', ['n2', 'n3']),
      { kind: 'break', at: 4_301, between: ['n4', 'n1'] },
      { kind: 'break', at: 4_301, between: ['n4', 'n2'] },
      { kind: 'break', at: 4_301, between: ['n4', 'n3'] },
    ],
    expect: [{ mark: 'W has a', before: 9_500 }],
  });

/** It hears n1 again when it reads the session. */
export const movedUnheard: Hunt = movedUnheardFor('moved-unheard', 600);

/** It reads the session first. */
export const movedReadUnheard: Hunt = movedUnheardFor('moved-read-unheard', 2_000);

/**
 * H comes back at n4, far from n1 and n2: they see what it writes late. n3, which is near, hears
 * nothing, and says that H has the lock; others take turns at it meanwhile.
 */
export const fastLock: Hunt = told({
  name: 'fast-lock',
  peers: 5,
  observers: 2,
  faultsMs: 9_000,
  progressMs: 8_000,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n5',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 2_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
        { do: 'until', atMs: 2_500 },
        { do: 'go', to: 'n4' },
      ],
    },
    { name: 'F', at: ['n1', 'n2'], count: 2, startMs: 2_100, steps: turns('a', 350) },
  ],
  faults: [
    { kind: 'clog', at: 1_900, for: 7_000, links: { from: ['n1', 'n2', 'n5'], to: 'n3' } },
    {
      kind: 'delay',
      at: 0,
      for: 9_000,
      links: { from: 'n4', to: ['n1', 'n2'] },
      delayUs: [200_000],
    },
  ],
  expect: [{ mark: 'H resumed', before: 5_500 }],
});
