/**
 * Peers in a line: each sees its neighbours only.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const chain: Scenario = {
  name: 'chain',
  shows:
    'Whoever reaches a majority in a line of peers is served, though the ends do not see each other; nobody deposes anybody in turn.',
  knownFrom:
    'The partial connectivity of Omni-Paxos, in which other protocols elect leaders for ever.',
  peers: 3,
  peersMin: 3,
  peersMax: 5,
  clients: [
    {
      name: 'A',
      at: 'n2',
      steps: [
        { do: 'until', atMs: 5_000 },
        { do: 'lock', lock: 'a', waitMs: 8_000, until: 200 },
        { do: 'hold', lock: 'a', forMs: 1_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'B',
      at: 'n3',
      steps: [
        { do: 'await', mark: 'A has a' },
        { do: 'lock', lock: 'a', waitMs: 8_000, until: 200 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
  ],
  workload: { clients: 3 },
  faults: [{ kind: 'cut', at: 3_000, for: 16_000, links: { shape: 'chain' } }],
  expect: [
    { mark: 'A has a', before: 14_000 },
    { mark: 'B has a', after: 'A has a', before: 19_000 },
  ],
};
