/**
 * A holder's home dies, and the holder's write arrives after the next grant.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const lateWrite: Scenario = {
  name: 'late-write',
  shows:
    'A write that was long under way arrives after the lock has gone to another: its token is smaller, and the resource refuses it.',
  knownFrom:
    "Chubby's sequencers (Burrows, 2006), made for the write that outlives its lock, where lock-delay only makes it rarer.",
  peers: 3,
  peersMin: 3,
  clients: [
    {
      name: 'H',
      at: 'n1',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'read', lock: 'a', outcome: 'read' },
        { do: 'await', mark: 'W wrote' },
        { do: 'write', lock: 'a', outcome: 'refused' },
      ],
    },
    {
      name: 'W',
      at: 'last',
      steps: [
        { do: 'await', mark: 'H has a' },
        { do: 'until', atMs: 3_500 },
        { do: 'lock', lock: 'a', waitMs: 15_000, answer: 200 },
        { do: 'read', lock: 'a', outcome: 'read' },
        { do: 'write', lock: 'a', outcome: 'written' },
        { do: 'mark', mark: 'W wrote' },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
  ],
  faults: [{ kind: 'crash', at: 3_000, for: 12_000, machine: 'n1', kept: 'all', power: true }],
  expect: [
    { mark: 'W has a', after: 5_000, before: 10_000 },
    { mark: 'H refused a', after: 'W wrote' },
    { count: 'unguardedLosses', atLeast: 1 },
  ],
};
