/**
 * A grant reaches a home that stands still until its votes have run out.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const grantInFlight: Scenario = {
  name: 'grant-in-flight',
  shows:
    'A home that wakes to find a grant in its buffers, older than a lease, does not pass it on: somebody else has the lock.',
  knownFrom:
    'The second half of the Redlock debate (2016): a client paused after it asked and before it looked at the clock.',
  peers: 3,
  peersMin: 3,
  clients: [
    {
      name: 'F',
      at: 'last',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 3_100 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'H',
      at: 'n1',
      steps: [
        { do: 'await', mark: 'F has a' },
        // Its session is known, and its turn comes while its home stands still.
        { do: 'lock', lock: 'a', waitMs: 20_000, answer: [0, 409, 503] },
      ],
    },
    {
      name: 'W',
      at: 'n2',
      steps: [
        { do: 'until', atMs: 4_000 },
        { do: 'lock', lock: 'a', waitMs: 15_000, answer: 200 },
        { do: 'hold', lock: 'a', forMs: 10_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
  ],
  faults: [{ kind: 'pause', at: 3_000, for: 9_000, machine: 'n1' }],
  expect: [
    { never: 'H has a' },
    // Not at once: the grant to H was chosen, and its lease has to run out.
    { mark: 'W has a', after: 5_500, before: 10_000 },
    { count: 'overlaps', atMost: 0 },
  ],
};
