/**
 * The disk of the keeper hangs; the peer does not.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const stuckFsync: Scenario = {
  name: 'stuck-fsync',
  shows:
    'A peer whose disk hangs gives no vote, yet its clients keep their locks and get more: the votes of the others are enough, and it ends no session of anybody.',
  knownFrom:
    'etcd issue 15247: a leader stalled in fsync was deposed, and later revoked leases that others had kept alive.',
  peers: 3,
  peersMin: 3,
  clients: [
    {
      name: 'H',
      at: 'n1',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'hold', lock: 'a', forMs: 10_000 },
        { do: 'lock', lock: 'b', answer: 200 },
        { do: 'unlock', lock: 'a', answer: 200 },
        { do: 'unlock', lock: 'b', answer: 200 },
      ],
    },
    {
      name: 'W',
      at: 'last',
      steps: [
        { do: 'await', mark: 'H has a' },
        { do: 'lock', lock: 'a', waitMs: 20_000, answer: 200 },
        { do: 'hold', lock: 'a', forMs: 2_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
  ],
  workload: { clients: 3 },
  faults: [{ kind: 'stuck-sync', at: 3_000, for: 14_000, machine: 'n1' }],
  expect: [{ never: 'H lost a' }, { mark: 'W has a', before: 16_000 }, { never: 'W lost a' }],
};
