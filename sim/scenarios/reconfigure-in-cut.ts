/**
 * A voter is replaced while it is cut off, and wants something else itself.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const reconfigureInCut: Scenario = {
  name: 'reconfigure-in-cut',
  shows:
    'The majority replaces a voter that is cut off, and goes on with the lock held; what that voter wishes for alone is not agreed on, and it says so.',
  knownFrom:
    'Raft clusters whose cut-off side kept its own idea of who is a member (etcd, RethinkDB as Jepsen found it in 2016).',
  peers: 5,
  peersMin: 5,
  peersMax: 5,
  observers: 2,
  clients: [
    {
      name: 'H',
      at: 'n2',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'hold', lock: 'a', forMs: 18_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'M',
      at: 'n1',
      steps: [
        { do: 'until', atMs: 6_000 },
        { do: 'lock', lock: 'b', answer: 503 },
      ],
    },
    {
      name: 'W',
      at: 'last',
      steps: [
        { do: 'until', atMs: 6_000 },
        { do: 'lock', lock: 'a', answer: 409 },
        { do: 'lock', lock: 'b', answer: 200 },
        { do: 'unlock', lock: 'b', answer: 200 },
      ],
    },
  ],
  workload: { clients: 4 },
  faultsMs: 22_000,
  faults: [{ kind: 'cut', at: 3_000, for: 15_000, links: { isolate: 'n1' } }],
  wishes: [
    { at: 4_000, machine: 'n2', change: { kind: 'replace', peer: 'n1', by: 'last', rests: true } },
    { at: 4_500, machine: 'n1', change: { kind: 'remove', peers: ['n2', 'n3'] } },
  ],
  expect: [
    { mark: 'wish 1 changed', after: 4_000, before: 6_000 },
    { mark: 'epoch 2 serves', before: 6_000 },
    { mark: 'wish 2 indeterminate', after: 14_000, before: 17_000 },
    { mark: 'n1 in epoch 2', after: 18_000, before: 22_000 },
    { never: 'epoch 3 chosen' },
    { never: 'H lost a' },
  ],
};
