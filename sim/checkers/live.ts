/**
 * *live*: once faults have ended, every request ends in time, and everybody gets on.
 *
 * Asked at the end of the progress phase. What was not served by then, though its client could
 * reach a peer with a quorum all the while, is a violation. So is a duel that goes on: a second of
 * the world with far more events than its clients can cause.
 */
import type { Client } from '../client.ts';
import type { Verdict } from './verdict.ts';

/** A request that waits for nothing is answered within this (ms), in a whole world. */
const ANSWER_MS_MAX = 5_000;

/** Events that a second of the world may hold for each client and each machine. */
const STORM_EVENTS_PER_SECOND = 1_000;

/** No duel goes on: writers that are outrun back off, and who waits is told, not polled. */
export class Storm {
  readonly #verdict: Verdict;
  readonly #eventsMax: number;
  #before = 0;

  constructor(verdict: Verdict, machines: number, clients: number) {
    this.#verdict = verdict;
    this.#eventsMax = STORM_EVENTS_PER_SECOND * (machines + clients);
  }

  /** Called once a second, with the number of events so far. */
  look(events: number): void {
    const lately = events - this.#before;
    this.#before = events;
    if (lately <= this.#eventsMax) return;
    this.#verdict.fail('live', `${lately} events in a second, at most ${this.#eventsMax}: a storm`);
  }
}

/** Looks at the clients when the run ends. */
export function checkProgress(verdict: Verdict, clients: readonly Client[]): void {
  for (const client of clients) {
    const late = client.wire.waitingMs - ANSWER_MS_MAX;
    if (late > 0) {
      verdict.fail(
        'live',
        `${client.name} was not answered in time: ${client.wire.pendingRequest}`,
      );
    } else if (client.unfinished !== null) {
      verdict.fail('live', `${client.name} has not got past ${client.unfinished}`);
    } else if (client.acquiredInProgress === 0) {
      verdict.fail('live', `${client.name} acquired nothing after the faults had ended`);
    }
  }
}
