/**
 * Two want the voters changed at once, first differently, then alike.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const twoReconfigurers: Scenario = {
  name: 'two-reconfigurers',
  shows:
    'Of two changes that are wished for at once one is made, and then the other, on top of it; two that want the same get it once.',
  knownFrom:
    'The bug of 2015 in the one-server-at-a-time changes of Raft, in which two changes did not know of each other.',
  peers: 5,
  peersMin: 5,
  peersMax: 5,
  observers: 2,
  clients: [
    {
      name: 'H',
      at: 'n3',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'hold', lock: 'a', forMs: 10_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
  ],
  workload: { clients: 6 },
  faults: [],
  wishes: [
    { at: 3_000, machine: 'n1', change: { kind: 'add', peers: 'n4' } },
    { at: 3_000, machine: 'n2', change: { kind: 'add', peers: 'last' } },
    { at: 8_000, machine: 'n1', change: { kind: 'remove', peers: 'n3' } },
    { at: 8_000, machine: 'last', change: { kind: 'remove', peers: 'n3' } },
  ],
  expect: [
    { mark: 'wish 1 changed', before: 5_000 },
    { mark: 'wish 2 changed', before: 5_000 },
    { mark: 'epoch 3 serves', before: 5_000 },
    { mark: 'wish 3 changed', before: 10_000 },
    { mark: 'wish 4 changed', before: 10_000 },
    { never: 'epoch 5 chosen' },
    { never: 'H lost a' },
  ],
};
