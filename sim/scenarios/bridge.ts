/**
 * Two halves that do not see each other, and one peer that sees both.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const bridge: Scenario = {
  name: 'bridge',
  shows:
    'Both sides reach a majority through the peer between them, so both go on, and never both hold the lock.',
  knownFrom:
    "Jepsen's bridge; systems that let a leader be elected by either side elect one after another.",
  peers: 5,
  peersMin: 3,
  clients: [
    {
      name: 'A',
      at: 'n1',
      steps: [
        { do: 'until', atMs: 6_000 },
        { do: 'lock', lock: 'a', waitMs: 8_000, until: 200 },
        { do: 'hold', lock: 'a', forMs: 1_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'B',
      at: 'last',
      steps: [
        { do: 'await', mark: 'A has a' },
        { do: 'lock', lock: 'a', waitMs: 8_000, until: 200 },
        { do: 'hold', lock: 'a', forMs: 1_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
  ],
  workload: { clients: 4 },
  faults: [{ kind: 'cut', at: 3_000, for: 16_000, links: { shape: 'bridge' } }],
  expect: [
    { mark: 'A has a', before: 16_000 },
    { mark: 'B has a', after: 'A has a', before: 19_000 },
    { count: 'overlaps', atMost: 0 },
  ],
};
