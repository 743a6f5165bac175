/**
 * Stories of attempts to take a session over from a healthy home that is not heard where they are
 * made, for mutants.
 */
import type { ScenarioStep } from '../scenario.ts';
import type { Hunt } from './hunts.ts';
import { cut, NEAR, told } from './story.ts';

/** Several locks of one's own: the rounds of that peer are above those of H's session. */
const writesMuch: ScenarioStep[] = ['b', 'c', 'd', 'e', 'f', 'g'].map((lock) => ({
  do: 'lock',
  lock,
  until: 200,
}));

/**
 * H asks n4, which does not hear n5, and is back at n5 before the voters have so much as heard what
 * n4 asks of them.
 */
export const heardLate: Hunt = told({
  name: 'heard-late',
  peers: 6,
  observers: 3,
  faultsMs: 9_000,
  progressMs: 18_000,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n5',
      timeoutMs: 8_000,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 3_990 },
        { do: 'leave', how: 'close' },
        { do: 'until', atMs: 4_320 },
        { do: 'go', to: 'n5' },
        { do: 'ping' },
        { do: 'hold', lock: 'a', forMs: 5_000, everyMs: 100 },
        { do: 'unlock', lock: 'a' },
      ],
    },
    {
      name: 'G',
      at: 'n4',
      steps: [
        ...writesMuch,
        { do: 'until', atMs: 4_010 },
        { do: 'pose', as: 'H' },
        { do: 'until', atMs: 4_300 },
        { do: 'leave', how: 'reset' },
        { do: 'until', atMs: 12_000 },
      ],
    },
  ],
  faults: [
    ...cut(0, 9_000, 'n5', 'n4'),
    {
      kind: 'delay',
      at: 4_000,
      for: 5_000,
      links: { from: 'n4', to: ['n1', 'n2', 'n3'] },
      delayUs: [600_000],
    },
  ],
  expect: [{ never: 'H lost a' }],
});

/**
 * H is at n4, which n3, just begun, meets a while after the other voters. Who comes with H's id to n3
 * has the session once H has left.
 */
export const notHeardYet: Hunt = told({
  name: 'not-heard-yet',
  peers: 4,
  observers: 1,
  faultsMs: 9_000,
  progressMs: 8_000,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n4',
      timeoutMs: 8_000,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 7_000 },
        { do: 'leave', how: 'reset' },
        { do: 'until', atMs: 9_500 },
        { do: 'go', to: 'n4' },
      ],
    },
    {
      name: 'G',
      at: 'n3',
      startMs: 4_010,
      steps: [
        { do: 'until', atMs: 4_020 },
        { do: 'pose', as: 'H' },
        { do: 'lock', lock: 'a', answer: 200 },
        { do: 'unlock', lock: 'a', until: 200 },
      ],
    },
  ],
  faults: [
    { kind: 'crash', at: 3_900, for: 100, machine: 'n3', kept: 'all', power: false },
    { kind: 'delay', at: 0, for: 9_000, links: { from: 'n3', to: 'n4' }, delayUs: [120_000] },
    { kind: 'delay', at: 0, for: 9_000, links: { from: 'n4', to: 'n3' }, delayUs: [120_000] },
  ],
  expect: [
    { never: 'H lost a' },
    { count: 'refusedAttached', atLeast: 1 },
    { mark: 'G resumed', after: 7_000, before: 9_000 },
  ],
});

/**
 * n4 lives again, and has H's session, when n5 has met only its former life: a channel between the
 * two takes a while. Who comes with H's id to n5 has the session once H has left.
 */
export const metInAFormerLife: Hunt = told({
  name: 'met-in-a-former-life',
  peers: 5,
  observers: 2,
  faultsMs: 9_000,
  progressMs: 8_000,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n4',
      timeoutMs: 8_000,
      startMs: 4_110,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 7_000 },
        { do: 'leave', how: 'reset' },
        { do: 'until', atMs: 9_500 },
        { do: 'go', to: 'n4' },
      ],
    },
    {
      name: 'G',
      at: 'n5',
      steps: [
        { do: 'until', atMs: 4_400 },
        { do: 'pose', as: 'H' },
        { do: 'lock', lock: 'a', answer: 200 },
        { do: 'unlock', lock: 'a', until: 200 },
      ],
    },
  ],
  faults: [
    { kind: 'crash', at: 3_900, for: 200, machine: 'n4', kept: 'all', power: false },
    { kind: 'delay', at: 0, for: 9_000, links: { from: 'n5', to: 'n4' }, delayUs: [150_000] },
    { kind: 'delay', at: 0, for: 9_000, links: { from: 'n4', to: 'n5' }, delayUs: [150_000] },
  ],
  expect: [
    { never: 'H lost a' },
    { count: 'refusedAttached', atLeast: 1 },
    { mark: 'G resumed', after: 7_000, before: 9_000 },
  ],
});

/**
 * n5, which does not hear n4, begins to take H's session over from it for G, reaches n3 alone, and
 * dies. n3 and n4 hear one another no more; n6, which does not hear n4, wants H's lock for W, and
 * reads of the move. H is attached to n4, which n1 and n2 hear.
 */
export const halfBegun: Hunt = told({
  name: 'half-begun',
  peers: 6,
  observers: 3,
  faultsMs: 12_000,
  progressMs: 18_000,
  ...NEAR,
  detectUs: [20_000_000],
  clients: [
    {
      name: 'H',
      at: 'n4',
      timeoutMs: 8_000,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'hold', lock: 'a', forMs: 10_000, everyMs: 100 },
        { do: 'leave', how: 'reset' },
        { do: 'until', atMs: 20_000 },
        { do: 'go', to: 'n4' },
      ],
    },
    {
      name: 'G',
      at: 'n5',
      steps: [
        { do: 'until', atMs: 2_000 },
        { do: 'pose', as: 'H' },
        { do: 'until', atMs: 3_000 },
        { do: 'leave', how: 'close' },
      ],
    },
    {
      name: 'W',
      at: 'n6',
      steps: [
        { do: 'until', atMs: 4_000 },
        { do: 'lock', lock: 'a', waitMs: 20_000 },
      ],
    },
  ],
  faults: [
    ...cut(0, 12_000, 'n4', ['n5', 'n6']),
    ...cut(1_500, 10_500, 'n4', 'n3'),
    {
      kind: 'delay',
      at: 1_900,
      for: 10_000,
      links: { from: 'n5', to: ['n1', 'n2'] },
      delayUs: [400_000],
    },
    { kind: 'cut', at: 2_750, for: 9_000, links: { from: 'n5', to: ['n1', 'n2'] } },
    { kind: 'crash', at: 2_760, for: 9_000, machine: 'n5', kept: 'all', power: false },
    { kind: 'delay', at: 3_500, for: 8_000, links: { from: 'n6', to: 'n1' }, delayUs: [50_000] },
  ],
  expect: [{ never: 'H lost a' }],
});
