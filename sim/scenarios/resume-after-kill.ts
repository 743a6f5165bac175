/**
 * A holder's home is killed, and its client goes on elsewhere.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const resumeAfterKill: Scenario = {
  name: 'resume-after-kill',
  shows:
    'A session whose home was killed goes on at another peer with both its locks and their tokens: what it read before it may write after, and who waits goes on waiting.',
  knownFrom:
    'ZooKeeper sessions, which move to another server within their time-out (Hunt et al., 2010), and the Redis clients that lose their locks instead.',
  peers: 3,
  peersMin: 3,
  clients: [
    {
      name: 'H',
      at: 'n1',
      timeoutMs: 10_000,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'lock', lock: 'b', until: 200 },
        { do: 'read', lock: 'a', outcome: 'read' },
        { do: 'until', atMs: 3_100 },
        { do: 'go', to: 'last' },
        { do: 'lock', lock: 'a', answer: 200 },
        { do: 'write', lock: 'a', outcome: 'written' },
        { do: 'hold', lock: 'b', forMs: 8_000 },
        { do: 'mark', mark: 'H lets go' },
        { do: 'unlock', lock: 'a', answer: 200 },
        { do: 'unlock', lock: 'b', answer: 200 },
      ],
    },
    {
      name: 'W',
      at: 'n2',
      steps: [
        { do: 'await', mark: 'H has b' },
        { do: 'lock', lock: 'a', waitMs: 20_000, answer: 200 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
  ],
  faults: [{ kind: 'crash', at: 3_000, for: 14_000, machine: 'n1', kept: 'none', power: false }],
  expect: [
    { mark: 'H resumed', after: 3_100, before: 6_000 },
    { never: 'H lost a' },
    { never: 'H lost b' },
    { mark: 'W has a', after: 'H lets go', before: 16_000 },
  ],
};
