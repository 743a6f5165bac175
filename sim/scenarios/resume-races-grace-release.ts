/**
 * Clients that left come to another peer as their home, alive, ends their sessions.
 */
import type { Scenario } from '../scenario.ts';
import { outcomes, racers } from './resumes-in-a-race.ts';

/** When they come: their home waits two seconds for them. */
const COMERS = { early: 4_000, a: 4_780, b: 4_820, c: 4_860, d: 4_870, late: 6_500 };

/** See `shows`. */
export const resumeRacesGraceRelease: Scenario = {
  name: 'resume-races-grace-release',
  shows:
    'A session that is taken elsewhere as its home releases its locks, for its client was away too long, is either resumed with its lock or over: no release reaches a lock that was taken along.',
  knownFrom:
    "Chubby's grace period (Burrows, 2006): the client that comes back in the last moment of it.",
  peers: 3,
  peersMin: 3,
  faultsMs: 22_000,
  clients: racers(COMERS, 3_000, 2_000),
  faults: [
    { kind: 'delay', at: 4_500, for: 1_500, links: { isolate: 'n1' }, delayUs: [1_000, 60_000] },
  ],
  expect: outcomes(COMERS, 9_000),
};
