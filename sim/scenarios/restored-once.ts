/**
 * A voter's backup is put back after it was started once more: it comes to the same incarnation.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const restoredOnce: Scenario = {
  name: 'restored-once',
  shows:
    'A backup that was put back after a single later start is refused: it has that start’s incarnation, but is another life, and does not know what that one voted.',
  knownFrom:
    'Virtual machines set back to the snapshot of the night before, as etcd and ZooKeeper members were: same id, same count of starts, votes forgotten.',
  peers: 3,
  peersMin: 3,
  peersMax: 3,
  clients: [
    {
      name: 'H',
      at: 'n1',
      steps: [
        { do: 'until', atMs: 5_000 },
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'unlock', lock: 'a', answer: 200 },
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'write', lock: 'a' },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'W',
      at: 'n3',
      steps: [
        { do: 'until', atMs: 9_000 },
        { do: 'lock', lock: 'a', waitMs: 2_000, until: 200 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
  ],
  faultsMs: 20_000,
  faults: [
    { kind: 'copy-directory', at: 2_000, machine: 'n2' },
    { kind: 'shutdown', at: 3_000, for: 200, machine: 'n2' },
    // What is voted now, n3 does not know.
    { kind: 'crash', at: 4_500, for: 3_500, machine: 'n3', kept: 'all', power: false },
    { kind: 'crash', at: 7_000, for: 8_000, machine: 'n1', kept: 'all', power: false },
    { kind: 'restore-directory', at: 7_500, machine: 'n2' },
  ],
  heal: { core: ['n1', 'n3'] },
  expect: [
    { count: 'refused-peer', atLeast: 1 },
    { mark: 'W has a', after: 'H done', before: 19_000 },
  ],
};
