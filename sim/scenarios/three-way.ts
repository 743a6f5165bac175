/**
 * Three parts, none of which is a majority.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const threeWay: Scenario = {
  name: 'three-way',
  shows:
    'Where no part is a majority nobody is granted anything, and no part makes up a majority of its own.',
  knownFrom:
    'Networks that fall apart for good: systems that count only whom they see go on in each part.',
  peers: 5,
  peersMin: 3,
  clients: ['n1', 'n2', 'last'].map((at, index) => ({
    name: `C${index + 1}`,
    at,
    steps: [
      { do: 'until', atMs: 6_000 },
      { do: 'lock', lock: 'a', waitMs: 2_000, answer: 503 },
      { do: 'lock', lock: 'b', answer: 503 },
      { do: 'until', atMs: 12_000 },
      { do: 'lock', lock: 'a', waitMs: 10_000, until: 200 },
      { do: 'unlock', lock: 'a', answer: 200 },
    ],
  })),
  faults: [{ kind: 'cut', at: 3_000, for: 9_000, links: { parts: 3 } }],
  expect: [
    { mark: 'C1 has a', after: 12_000, before: 20_000 },
    { mark: 'C2 has a', after: 12_000, before: 20_000 },
    { mark: 'C3 has a', after: 12_000, before: 20_000 },
  ],
};
