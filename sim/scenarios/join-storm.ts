/**
 * Six peers join a cluster of one at the same moment, over links that lose.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const joinStorm: Scenario = {
  name: 'join-storm',
  shows:
    'Peers that come all at once are made voters up to the number that is wanted, in a few epochs and not one each, and the holder at the first peer notices nothing.',
  knownFrom:
    'Fleets that boot after a power cut, and gossip clusters that never came to rest after it.',
  peers: 7,
  peersMin: 7,
  peersMax: 7,
  observers: 6,
  clients: [
    {
      name: 'H',
      at: 'n1',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'hold', lock: 'a', forMs: 14_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
  ],
  workload: { clients: 8, locks: 4 },
  faults: [
    { kind: 'crash', at: 10, for: 2_990, machine: 'spares', kept: 'all', power: false },
    { kind: 'loss', at: 3_000, for: 5_000, links: 'all', perMillion: 5_000 },
  ],
  wishes: [{ at: 2_000, machine: 'n1', change: { kind: 'want', voters: 5 } }],
  expect: [
    { mark: 'wish 1 changed', before: 3_000 },
    { mark: 'epoch 3 serves', after: 4_000, before: 10_000 },
    { count: 'epochs', atMost: 6 },
    { never: 'H lost a' },
  ],
};
