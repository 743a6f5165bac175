/**
 * A home loses its power; clients come back as their sessions are being expired for their waiters.
 */
import type { Scenario } from '../scenario.ts';
import { outcomes, racers } from './resumes-in-a-race.ts';

/** When they come: their lease ends about three seconds after their home was last heard. */
const COMERS = { early: 4_800, a: 5_700, b: 5_770, c: 5_840, d: 5_870, late: 8_000 };

/** See `shows`. */
export const resumeRacesExpiry: Scenario = {
  name: 'resume-races-expiry',
  shows:
    'A session that comes back as it is being expired is either resumed with its lock or over, and its waiter has the lock: never both, however close the race.',
  knownFrom:
    'Keep-alive against lease expiry, the race of every lease service; etcd issue 11456 is one that was lost.',
  peers: 3,
  peersMin: 3,
  faultsMs: 25_000,
  clients: racers(COMERS, 2_990, 3_000),
  faults: [{ kind: 'crash', at: 3_000, for: 20_000, machine: 'n1', kept: 'all', power: true }],
  expect: outcomes(COMERS, 9_500),
};
