/**
 * A home is killed, and all its sessions come back to peers whose disks are slow just then.
 */
import type { Scenario, ScenarioClient } from '../scenario.ts';

const SESSIONS = 24;
/** Locks that the sessions waited for where they were. */
const CONTESTED = 6;
const KILLED_MS = 4_000;
/** Two rounds of voters take longer than a peer leaves one request unanswered (1.2 s). */
const SLOW_SYNC_US = [200_000, 500_000] as const;

/** Holds a lock of its own and waits for another; comes back, and lets go. */
function session(index: number): ScenarioClient {
  const [name, own, contested] = [`H${index}`, `own-${index}`, `hot-${index % CONTESTED}`];
  return {
    name,
    at: 'n1',
    timeoutMs: 20_000,
    steps: [
      { do: 'lock', lock: own, until: 200 },
      { do: 'lock', lock: contested, waitMs: 60_000, until: [0, 200] },
      { do: 'until', atMs: KILLED_MS },
      { do: 'go', to: index % 2 === 0 ? 'n2' : 'last' },
      { do: 'lock', lock: own, answer: 200 },
      { do: 'unlock', lock: contested },
      { do: 'unlock', lock: own, answer: 200 },
    ],
  };
}

const sessions = Array.from({ length: SESSIONS }, (_, index) => session(index));

/** See `shows`. */
export const resumeOnSlowDisks: Scenario = {
  name: 'resume-on-slow-disks',
  shows:
    'Sessions come back where each round of the voters takes most of a second: what is decided already is not begun anew by each attempt, so all are back well before their lease is over.',
  knownFrom:
    'Reconnection storms after a server is lost, as of ZooKeeper: every client comes at once, to servers that are busiest just then.',
  peers: 3,
  peersMin: 3,
  clients: sessions,
  faults: [
    { kind: 'crash', at: KILLED_MS, for: 20_000, machine: 'n1', kept: 'none', power: false },
    { kind: 'slow-sync', at: KILLED_MS, for: 16_000, machine: 'others', syncUs: SLOW_SYNC_US },
  ],
  faultsMs: 30_000,
  expect: sessions.flatMap(({ name }, index) => [
    { mark: `${name} resumed`, after: KILLED_MS, before: KILLED_MS + 6_000 },
    { never: `${name} lost own-${index}` },
  ]),
};
