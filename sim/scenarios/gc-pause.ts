/**
 * A holder stands still between checking its lock and writing.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const gcPause: Scenario = {
  name: 'gc-pause',
  shows:
    'A holder that stood still for three leases writes after another got the lock: the guarded resource refuses it by its token, and an unguarded one loses an update.',
  knownFrom:
    'HBase\'s pauses for garbage collection, told by Kleppmann in "How to do distributed locking" (2016).',
  peers: 3,
  clients: [
    {
      name: 'H',
      at: 'n1',
      steps: [
        { do: 'ask', line: 'keepalive 2000', answer: 200 },
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'read', lock: 'a', outcome: 'read' },
        // Here it pauses.
        { do: 'until', atMs: 2_500 },
        { do: 'write', lock: 'a', outcome: 'refused' },
      ],
    },
    {
      name: 'W',
      at: 'last',
      steps: [
        { do: 'await', mark: 'H has a' },
        { do: 'lock', lock: 'a', waitMs: 15_000, answer: 200 },
        { do: 'read', lock: 'a', outcome: 'read' },
        { do: 'write', lock: 'a', outcome: 'written' },
        { do: 'unlock', lock: 'a', answer: 200 },
        { do: 'mark', mark: 'W wrote' },
      ],
    },
  ],
  workload: { clients: 2 },
  faults: [{ kind: 'client-pause', at: 2_000, for: 9_000, client: 'H' }],
  expect: [
    { mark: 'W wrote', before: 11_000 },
    { mark: 'H refused a', after: 'W wrote' },
    { count: 'unguardedLosses', atLeast: 1 },
  ],
};
