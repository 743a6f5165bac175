/**
 * Stories of first records (rule 5) that voters have forgotten, or never knew, for mutants. The
 * seed draws what they leave open.
 */
import type { ScenarioFault } from '../scenario.ts';
import type { Hunt } from './hunts.ts';
import { cut, NEAR, SHORT, told } from './story.ts';

const VOTERS = ['n1', 'n2', 'n3'];
/** What is over is forgotten before a lease is, and so are names that nobody wrote. */
const FORGETFUL = { ...SHORT, forgetMs: 500 };

/** Nothing arrives, one way. */
const deaf = (at: number, forMs: number, from: string | string[], to: string | string[]) =>
  ({ kind: 'cut', at, for: forMs, links: { from, to } }) as const satisfies ScenarioFault;

/**
 * H has asked for nothing yet when n5 is asked for its session, which it reads of the voters: those
 * forget the name again before H wants its first lock.
 */
export const askedForBefore: Hunt = told({
  name: 'asked-for-before',
  peers: 5,
  observers: 2,
  faultsMs: 8_000,
  progressMs: 12_000,
  settings: FORGETFUL,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n4',
      steps: [
        { do: 'until', atMs: 5_000 },
        { do: 'lock', lock: 'a', answer: 200 },
        { do: 'until', atMs: 9_000 },
        { do: 'leave', how: 'reset' },
        { do: 'until', atMs: 14_000 },
        { do: 'go', to: 'n4' },
      ],
    },
    {
      name: 'G',
      at: 'n5',
      steps: [
        { do: 'until', atMs: 1_000 },
        { do: 'pose', as: 'H' },
        { do: 'until', atMs: 2_000 },
        { do: 'leave', how: 'close' },
      ],
    },
  ],
  faults: [],
});

/**
 * All voters take H's first record, which n4 hears of n1 alone. By the time that they hear n4 again
 * the session is over, and forgotten; and n2, which has restarted, has forgotten that as well.
 */
export const takenForNew: Hunt = told({
  name: 'taken-for-new',
  peers: 5,
  observers: 2,
  faultsMs: 12_000,
  settings: FORGETFUL,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n4',
      timeoutMs: 1_000,
      steps: [
        { do: 'until', atMs: 1_000 },
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'hold', lock: 'a', forMs: 3_000, everyMs: 50 },
      ],
    },
  ],
  faults: [
    deaf(950, 5_550, ['n2', 'n3'], 'n4'),
    deaf(1_010, 5_490, 'n4', VOTERS),
    ...cut(6_400, 5_000, 'n4', 'n3'),
    { kind: 'crash', at: 5_500, for: 500, machine: 'n2', kept: 'all', power: false },
  ],
});

/**
 * H comes to n5 before its session has a record: n5 prepares the first, which all voters take and
 * n5 hears of none. By the time that it does the session is over, and forgotten.
 */
export const movedUnwritten: Hunt = told({
  name: 'moved-unwritten',
  peers: 5,
  observers: 2,
  faultsMs: 12_000,
  settings: FORGETFUL,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n4',
      timeoutMs: 1_000,
      steps: [
        { do: 'until', atMs: 500 },
        { do: 'leave', how: 'close' },
        { do: 'go', to: 'n5' },
        { do: 'ping' },
        { do: 'until', atMs: 1_000 },
        { do: 'lock', lock: 'a', until: 200 },
      ],
    },
  ],
  faults: [
    {
      kind: 'delay',
      at: 900,
      for: 2_000,
      links: { from: 'n5', to: VOTERS },
      delayUs: [50_000],
    },
    deaf(1_080, 5_420, VOTERS, 'n5'),
    deaf(1_130, 5_370, 'n5', VOTERS),
  ],
});
