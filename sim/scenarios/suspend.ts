/**
 * The machine of a holder's home sleeps, with its monotonic clock stopped, and later with it going on.
 */
import type { Scenario, ScenarioClient } from '../scenario.ts';

/** Holds a lock at a machine that falls asleep at that time. */
function sleeper(name: string, at: string, lock: string, sleepsMs: number): ScenarioClient {
  return {
    name,
    at,
    startMs: sleepsMs - 2_000,
    steps: [
      { do: 'lock', lock, until: 200 },
      { do: 'read', lock, outcome: 'read' },
      { do: 'until', atMs: sleepsMs + 8_000 },
      { do: 'write', lock, outcome: 'refused' },
      { do: 'ping' },
    ],
  };
}

/** Gets the lock meanwhile, and writes. */
function successor(name: string, at: string, lock: string, sleepsMs: number): ScenarioClient {
  return {
    name,
    at,
    steps: [
      { do: 'until', atMs: sleepsMs + 100 },
      { do: 'lock', lock, waitMs: 10_000, answer: 200 },
      { do: 'read', lock, outcome: 'read' },
      { do: 'write', lock, outcome: 'written' },
      { do: 'hold', lock, forMs: 6_000 },
      { do: 'unlock', lock, answer: 200 },
    ],
  };
}

/** See `shows`. */
export const suspend: Scenario = {
  name: 'suspend',
  shows:
    'A home that slept knows so when it wakes, whether or not its monotonic clock did, and vouches for nothing from before; its client is refused by the resource.',
  knownFrom:
    'Laptops and suspended virtual machines: the monotonic clock stands still on Linux and goes on on macOS (nodejs issue 47724).',
  peers: 3,
  peersMin: 3,
  faultsMs: 26_000,
  clients: [
    sleeper('H', 'n1', 'a', 3_000),
    successor('W', 'last', 'a', 3_000),
    sleeper('I', 'n2', 'b', 15_000),
    successor('X', 'last', 'b', 15_000),
  ],
  faults: [
    { kind: 'suspend', at: 3_000, for: 7_500, machine: 'n1', counted: false },
    { kind: 'suspend', at: 15_000, for: 7_500, machine: 'n2', counted: true },
  ],
  expect: [
    { mark: 'H lost a', after: 'W has a' },
    { mark: 'I lost b', after: 'X has b' },
    { count: 'overlaps', atMost: 0 },
    { count: 'unguardedLosses', atLeast: 2 },
  ],
};
