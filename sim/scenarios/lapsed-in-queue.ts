/**
 * A waiter's session ends while it is queued, and then its turn comes.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const lapsedInQueue: Scenario = {
  name: 'lapsed-in-queue',
  shows:
    'A waiter whose home was cut off for longer than a lease is passed over: nobody is told of a lock on the strength of a session that has ended.',
  knownFrom:
    'etcd issue 11456, found by Jepsen in etcd 3.4.3: the lease lapsed in the queue, and the lock was returned all the same.',
  peers: 3,
  peersMin: 3,
  clients: [
    {
      name: 'H',
      at: 'last',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'hold', lock: 'a', forMs: 12_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'W',
      at: 'n1',
      steps: [
        { do: 'await', mark: 'H has a' },
        { do: 'lock', lock: 'b', until: 200 },
        { do: 'lock', lock: 'a', waitMs: 25_000, answer: 0 },
      ],
    },
    {
      name: 'V',
      at: 'n2',
      steps: [
        { do: 'await', mark: 'W has b' },
        { do: 'until', atMs: 2_500 },
        { do: 'lock', lock: 'a', waitMs: 25_000, answer: 200 },
        { do: 'hold', lock: 'a', forMs: 2_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
  ],
  faults: [{ kind: 'cut', at: 3_000, for: 8_000, links: { isolate: 'n1' } }],
  expect: [
    { mark: 'W lost b', after: 3_000, before: 7_000 },
    { never: 'W has a' },
    { mark: 'V has a', after: 12_000, before: 15_000 },
  ],
};
