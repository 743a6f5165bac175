/**
 * A peer that is heard and hears nothing.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const deafPeer: Scenario = {
  name: 'deaf-peer',
  shows:
    'A peer that hears nothing vouches for nothing, however well it is heard; the others close its channel, and its locks become free.',
  knownFrom:
    'A deaf TigerBeetle replica that kept forcing elections, found only once progress was demanded.',
  peers: 5,
  peersMin: 3,
  clients: [
    {
      name: 'D',
      at: 'n1',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'hold', lock: 'a', forMs: 18_000 },
      ],
    },
    {
      name: 'W',
      at: 'last',
      steps: [
        { do: 'await', mark: 'D has a' },
        { do: 'until', atMs: 4_000 },
        { do: 'lock', lock: 'b', answer: 200 },
        { do: 'unlock', lock: 'b', answer: 200 },
        { do: 'lock', lock: 'a', waitMs: 20_000, answer: 200 },
        { do: 'hold', lock: 'a', forMs: 1_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
  ],
  workload: { clients: 3 },
  faults: [{ kind: 'cut', at: 3_000, for: 15_000, links: { deaf: 'n1' } }],
  expect: [
    { mark: 'D lost a', after: 3_000, before: 'W has a' },
    { mark: 'W has a', before: 12_000 },
  ],
};
