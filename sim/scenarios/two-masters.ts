/**
 * Both sides of a split are asked for the same locks, again and again.
 */
import type { Scenario, ScenarioClient } from '../scenario.ts';

/** Tries for a lock once a second, whatever the answers. */
function trier(name: string, at: string): ScenarioClient {
  const tries = [6_000, 7_000, 8_000, 9_000, 10_000].flatMap((atMs) => [
    { do: 'until', atMs } as const,
    { do: 'lock', lock: 'a' } as const,
  ]);
  return { name, at, steps: [...tries, { do: 'unlock', lock: 'a' }] };
}

/** See `shows`. */
export const twoMasters: Scenario = {
  name: 'two-masters',
  shows:
    'Both sides of a split are asked for one free lock over and over: the majority grants it, the minority says that it is none.',
  knownFrom:
    'Hazelcast 3.8.3 under Jepsen, and RabbitMQ used as a mutex: each side granted the lock to its own.',
  peers: 5,
  peersMin: 3,
  clients: [trier('A', 'n1'), trier('B', 'last')],
  faults: [{ kind: 'cut', at: 3_000, for: 9_000, links: { split: ['minority', 'majority'] } }],
  expect: [
    { never: 'A has a' },
    { mark: 'A heard 503', before: 8_000 },
    { mark: 'B has a', before: 9_000 },
  ],
};
