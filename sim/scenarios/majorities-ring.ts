/**
 * Every peer sees a majority, and no two see the same.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const majoritiesRing: Scenario = {
  name: 'majorities-ring',
  shows:
    'Every peer reaches a majority of its own, so every client is served, and the majorities have a voter in common, so no two hold the lock.',
  knownFrom: "Jepsen's majorities-ring, in which no node is in the middle.",
  peers: 5,
  peersMin: 3,
  clients: ['n1', 'n2', 'last'].map((at, index) => ({
    name: `C${index + 1}`,
    at,
    steps: [
      { do: 'until', atMs: 5_000 },
      { do: 'lock', lock: 'a', waitMs: 12_000, until: 200 },
      { do: 'hold', lock: 'a', forMs: 500 },
      { do: 'unlock', lock: 'a', answer: 200 },
    ],
  })),
  workload: { clients: 4 },
  faults: [{ kind: 'cut', at: 3_000, for: 16_000, links: { shape: 'majorities-ring' } }],
  expect: [
    { mark: 'C1 has a', before: 19_000 },
    { mark: 'C2 has a', before: 19_000 },
    { mark: 'C3 has a', before: 19_000 },
    { count: 'overlaps', atMost: 0 },
  ],
};
