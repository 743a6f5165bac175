/**
 * Whoever changes the voters dies when it is agreed on, and before it knows.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const stalledChange: Scenario = {
  name: 'stalled-change',
  shows:
    'A change of the voters whose proposer dies in the middle is finished by a voter that accepted it: nobody stays sealed, and whoever waits for a lock is served.',
  knownFrom: 'Reconfiguration by a coordinator, as in early Vertical Paxos, which waits for it.',
  peers: 4,
  peersMin: 4,
  observers: 1,
  delayUs: [200, 500],
  syncUs: [100, 1_000],
  clients: [
    {
      name: 'H',
      at: 'n1',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'hold', lock: 'a', forMs: 8_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'W',
      at: 'n2',
      steps: [
        { do: 'until', atMs: 3_500 },
        { do: 'lock', lock: 'b', waitMs: 4_000, answer: 200 },
        { do: 'unlock', lock: 'b', answer: 200 },
      ],
    },
  ],
  workload: { clients: 3 },
  faults: [
    {
      kind: 'delay',
      at: 2_500,
      for: 2_000,
      links: { from: 'voters', to: 'last' },
      delayUs: [300_000],
    },
    { kind: 'crash', at: 3_450, for: 8_000, machine: 'last', kept: 'all', power: false },
  ],
  wishes: [{ at: 3_000, machine: 'last', change: { kind: 'remove', peers: 'n3' } }],
  expect: [
    { mark: 'epoch 2 chosen', after: 3_250, before: 3_450 },
    { mark: 'epoch 2 serves', after: 3_450, before: 5_000 },
    { mark: 'W has b', before: 6_000 },
    { never: 'wish 1 changed' },
    { never: 'H lost a' },
  ],
};
