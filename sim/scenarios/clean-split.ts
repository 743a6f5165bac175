/**
 * A minority with the holder is cut from the majority.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const cleanSplit: Scenario = {
  name: 'clean-split',
  shows:
    'The majority grants the lock once the votes for its holder have run out; the holder, on the minority side, is told before that, and the minority refuses.',
  knownFrom: 'The partition of every textbook, and the first test that Jepsen gives to a system.',
  peers: 5,
  peersMin: 3,
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
      name: 'M',
      at: 'n1',
      steps: [
        { do: 'until', atMs: 5_000 },
        { do: 'lock', lock: 'b', answer: 503 },
        { do: 'lock', lock: 'a', answer: [409, 503] },
      ],
    },
    {
      name: 'W',
      at: 'last',
      steps: [
        { do: 'await', mark: 'H has a' },
        { do: 'until', atMs: 3_500 },
        { do: 'lock', lock: 'a', waitMs: 15_000, answer: 200 },
        { do: 'hold', lock: 'a', forMs: 1_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
  ],
  workload: { clients: 3 },
  faults: [{ kind: 'cut', at: 3_000, for: 15_000, links: { split: ['minority', 'majority'] } }],
  expect: [
    { mark: 'H lost a', after: 3_000, before: 'W has a' },
    { mark: 'W has a', after: 'H lost a', before: 9_000 },
    { mark: 'M heard 503', before: 10_000 },
    { count: 'overlaps', atMost: 0 },
  ],
};
