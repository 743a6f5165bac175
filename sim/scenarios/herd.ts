/**
 * A thousand clients wait for one lock through a split.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const herd: Scenario = {
  name: 'herd',
  shows:
    'A thousand waiters are served one after another once the split is over, by age and without a storm of messages.',
  knownFrom: 'The thundering herd: ZooKeeper recipes in which all waiters watch one node.',
  peers: 5,
  peersMin: 3,
  faultsMs: 6_000,
  progressMs: 40_000,
  delayUs: [100, 300],
  syncUs: [50, 200],
  clients: [
    {
      name: 'w',
      count: 1_000,
      at: 'all',
      startMs: 100,
      overMs: 3_000,
      timeoutMs: 30_000,
      steps: [
        { do: 'lock', lock: 'a', waitMs: 60_000, until: 200 },
        { do: 'unlock', lock: 'a', until: [200, 403] },
      ],
    },
    {
      name: 'H',
      at: 'n1',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'hold', lock: 'a', forMs: 5_000 },
      ],
    },
  ],
  faults: [{ kind: 'cut', at: 3_000, for: 3_000, links: { split: ['minority', 'majority'] } }],
  expect: [{ count: 'acquired', atLeast: 1_001 }],
};
