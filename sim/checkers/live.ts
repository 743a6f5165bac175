/**
 * *live*: once faults have ended, every request ends in time, and everybody gets on.
 *
 * Asked at the end of the progress phase. What was not served by then, though its client could
 * reach a peer with a quorum all the while, is a violation.
 */
import type { Client } from '../client.ts';
import type { Verdict } from './verdict.ts';

/** A request that waits for nothing is answered within this (ms), in a whole world. */
const ANSWER_MS_MAX = 5_000;

/** Looks at the clients when the run ends. */
export function checkProgress(verdict: Verdict, clients: readonly Client[]): void {
  for (const client of clients) {
    const late = client.wire.waitingMs - ANSWER_MS_MAX;
    if (late > 0) {
      verdict.fail(
        'live',
        `${client.name} was not answered in time: ${client.wire.pendingRequest}`,
      );
    } else if (client.acquiredInProgress === 0) {
      verdict.fail('live', `${client.name} acquired nothing after the faults had ended`);
    }
  }
}
