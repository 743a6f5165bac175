/**
 * The disk of a holder's home is full.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const diskFull: Scenario = {
  name: 'disk-full',
  shows:
    'A peer that cannot write stops rather than guess; its client takes its session with the lock to another peer, and the peer comes back when there is room.',
  knownFrom: 'ENOSPC and failed fsync, which many databases survived only by forgetting.',
  peers: 3,
  peersMin: 3,
  clients: [
    {
      name: 'H',
      at: 'n1',
      timeoutMs: 20_000,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 5_000 },
        { do: 'go', to: 'n2' },
        { do: 'hold', lock: 'a', forMs: 4_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'W',
      at: 'last',
      steps: [
        { do: 'await', mark: 'H has a' },
        { do: 'lock', lock: 'a', waitMs: 30_000, answer: 200 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
  ],
  workload: { clients: 3 },
  faults: [{ kind: 'disk-full', at: 3_000, for: 9_000, machine: 'n1' }],
  expect: [
    { mark: 'H resumed', after: 5_000, before: 12_000 },
    { never: 'H lost a' },
    { mark: 'W has a', after: 'H resumed' },
  ],
};
