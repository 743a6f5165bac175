/**
 * A voter dies, a spare takes its place by itself, and then another one dies.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const replaceDeadVoter: Scenario = {
  name: 'replace-dead-voter',
  shows:
    'A voter that a quorum has not heard for long is replaced by a spare, so that the death of a second one does not stop the cluster; nobody is replaced without a quorum.',
  knownFrom: 'Three machines of which one is broken for weeks: the next fault is an outage.',
  peers: 4,
  peersMin: 4,
  peersMax: 4,
  observers: 1,
  settings: { replaceAfterMs: 4_000 },
  clients: [
    {
      name: 'H',
      at: 'n3',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'hold', lock: 'a', forMs: 16_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'W',
      at: 'last',
      steps: [
        { do: 'until', atMs: 13_000 },
        { do: 'lock', lock: 'b', waitMs: 5_000, answer: 200 },
        { do: 'unlock', lock: 'b', answer: 200 },
      ],
    },
  ],
  workload: { clients: 3 },
  faultsMs: 24_000,
  faults: [
    { kind: 'crash', at: 3_000, for: 18_000, machine: 'n1', kept: 'none', power: true },
    { kind: 'crash', at: 12_000, for: 10_000, machine: 'n2', kept: 'some', power: true },
  ],
  expect: [
    { mark: 'epoch 2 chosen', after: 6_500, before: 11_000 },
    { mark: 'W has b', after: 13_000, before: 16_000 },
    { mark: 'n1 in epoch 2', after: 21_000 },
    { never: 'H lost a' },
  ],
};
