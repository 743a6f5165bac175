/**
 * Half of the voters are cut from the other half.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const evenSplit: Scenario = {
  name: 'even-split',
  shows:
    'Neither half of an even number of voters is a majority: nobody is granted anything, everybody is told so, and all goes on as soon as the halves meet again.',
  knownFrom:
    'Two data centres of equal size, and every "half is enough" that let both halves go on.',
  peers: 4,
  peersMin: 2,
  evenVoters: true,
  clients: [
    {
      name: 'H',
      at: 'n1',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'hold', lock: 'a', forMs: 15_000 },
      ],
    },
    {
      name: 'A',
      at: 'n1',
      steps: [
        { do: 'until', atMs: 6_000 },
        { do: 'lock', lock: 'b', answer: 503 },
        { do: 'until', atMs: 14_000 },
        { do: 'lock', lock: 'b', waitMs: 3_000, until: 200 },
        { do: 'unlock', lock: 'b', answer: 200 },
      ],
    },
    {
      name: 'B',
      at: 'last',
      steps: [
        { do: 'until', atMs: 6_000 },
        { do: 'lock', lock: 'b', answer: 503 },
        { do: 'lock', lock: 'a', waitMs: 5_000, answer: 503 },
        { do: 'lock', lock: 'a', waitMs: 10_000, until: 200 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
  ],
  workload: { clients: 3 },
  faults: [
    { kind: 'cut', at: 3_000, for: 11_000, links: { split: ['first-half', 'second-half'] } },
  ],
  expect: [
    { mark: 'H lost a', after: 3_000, before: 'B has a' },
    { mark: 'A has b', after: 14_000, before: 20_000 },
    { mark: 'B has a', after: 14_000, before: 20_000 },
  ],
};
