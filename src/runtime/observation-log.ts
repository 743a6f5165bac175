/**
 * Which observations of the core are worth a line in the log, and how loud.
 *
 * Owns the wording. Never shows a session id (they are secrets), and passes over what happens at
 * every lock: `granted` and `chosen` are for the simulator.
 */
import type { Observation } from '../core/event.ts';
import { assertNever } from '../core/invariant.ts';
import type { Logger } from './ports.ts';

/** Writes one observation to the log, or leaves it. */
export function logObservation(logger: Logger, observation: Observation): void {
  switch (observation.kind) {
    case 'granted':
    case 'chosen':
      return;
    case 'session-lost':
      logger.log('warn', 'can no longer vouch for a session', { locks: observation.locks });
      return;
    case 'session-expired':
      logger.log('info', 'a silent session was expired', { home: observation.home });
      return;
    case 'session-taken':
      logger.log('info', 'a session moved here', { from: observation.from ?? 'unknown' });
      return;
    case 'quorum': {
      const { reached, needed, has } = observation;
      logger.log(has ? 'info' : 'warn', has ? 'quorum reached' : 'quorum lost', {
        reached,
        needed,
      });
      return;
    }
    case 'refused-peer':
      logger.log('warn', 'peer refused', { peer: observation.peer, reason: observation.reason });
      return;
    case 'epoch': {
      const { epoch, voters } = observation.configuration;
      logger.log('info', 'the voters have changed', { epoch, voters: voters.length });
      return;
    }
    case 'serving': {
      const { epoch, registers } = observation;
      logger.log('info', 'this peer votes from now on', { epoch, registers });
      return;
    }
    default:
      assertNever(observation);
  }
}
