/**
 * A peer that hears everything and is not heard.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const mutePeer: Scenario = {
  name: 'mute-peer',
  shows:
    'A peer whose words do not arrive drops out: the voters let its sessions expire by their own clocks, and it has told its client before.',
  knownFrom:
    'Half-open links and one-way firewalls, where the failed side believes that all is well.',
  peers: 5,
  peersMin: 3,
  clients: [
    {
      name: 'H',
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
        { do: 'await', mark: 'H has a' },
        { do: 'until', atMs: 3_500 },
        { do: 'lock', lock: 'a', waitMs: 15_000, answer: 200 },
        { do: 'hold', lock: 'a', forMs: 1_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
  ],
  workload: { clients: 3 },
  // Nobody notices: the channel stands, and nothing of n1's arrives.
  faults: [{ kind: 'clog', at: 3_000, for: 15_000, links: { mute: 'n1' } }],
  expect: [
    { mark: 'H lost a', after: 3_000, before: 'W has a' },
    { mark: 'W has a', before: 9_000 },
  ],
};
