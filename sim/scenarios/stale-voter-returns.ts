/**
 * A voter that missed two epochs comes back and votes again; another one as an old copy.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const staleVoterReturns: Scenario = {
  name: 'stale-voter-returns',
  shows:
    'A voter that was away while names were forgotten throws away what it knew before it votes again, and an old copy of a voter is refused, so that no token comes twice.',
  knownFrom:
    'Backups of etcd and Consul members that were put back into a running cluster, and dead hosts that came back with last year’s data.',
  peers: 5,
  peersMin: 5,
  peersMax: 5,
  observers: 1,
  settings: { forgetMs: 1_000 },
  clients: [
    {
      name: 'H',
      at: 'n1',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'unlock', lock: 'a', answer: 200 },
        { do: 'lock', lock: 'b', until: 200 },
        { do: 'hold', lock: 'b', forMs: 16_000 },
        { do: 'unlock', lock: 'b', answer: 200 },
      ],
    },
    {
      name: 'U',
      at: 'n5',
      steps: [
        { do: 'until', atMs: 3_500 },
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'W',
      at: 'n3',
      steps: [
        { do: 'until', atMs: 14_000 },
        { do: 'lock', lock: 'a', waitMs: 5_000, answer: 200 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
  ],
  workload: { clients: 3 },
  faultsMs: 20_000,
  faults: [
    { kind: 'crash', at: 3_000, for: 8_500, machine: 'n3', kept: 'none', power: true },
    { kind: 'copy-directory', at: 2_000, machine: 'n2' },
    { kind: 'shutdown', at: 5_500, for: 200, machine: 'n2' },
    { kind: 'shutdown', at: 6_500, for: 200, machine: 'n2' },
    { kind: 'restore-directory', at: 9_000, machine: 'n2' },
  ],
  wishes: [
    { at: 4_000, machine: 'n1', change: { kind: 'replace', peer: 'n3', by: 'n5', rests: false } },
    { at: 10_000, machine: 'n4', change: { kind: 'remove', peers: 'n2' } },
    { at: 12_500, machine: 'n5', change: { kind: 'set', voters: ['n3', 'n4', 'n5'] } },
  ],
  heal: { core: ['n1', 'n3', 'n4', 'n5'] },
  expect: [
    { mark: 'wish 1 changed', before: 6_000 },
    { mark: 'wish 2 changed', before: 12_000 },
    { mark: 'wish 3 changed', before: 14_500 },
    { mark: 'n3 serves epoch 4', before: 16_000 },
    { mark: 'W has a', before: 18_000 },
    { count: 'refused-peer', atLeast: 1 },
    { never: 'H lost b' },
  ],
};
