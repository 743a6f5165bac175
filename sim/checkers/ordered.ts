/**
 * *ordered*: claims are served by age, and none starves (P5).
 *
 * Fed with requests for locks and their answers, once faults have ended and peers have found each
 * other. Queues are hints, and pass from keeper to keeper: one that goes to an heir whom the voters
 * do not reach is lost, until the claims in it are asked for again (after 1.5 s, more or less).
 * Those made meanwhile may overtake them, which is about what every client makes in two turns.
 */
import type { LockName } from '../../src/core/types.ts';
import type { SimulatedConnection } from '../connection.ts';
import type { Verdict } from './verdict.ts';

/** After the faults: channels stand again, and old queues are over (µs). */
const SETTLING_US = 4_000_000;
/** Claims made within this of each other are of one age: their stamps may be in any order (µs). */
const SAME_AGE_US = 1_000_000;

/** How often each client may overtake one claim. */
const TURNS_MAX = 2;

interface Waiting {
  readonly lock: LockName;
  readonly since: number;
  overtaken: number;
}

/** Watches who waits for which lock. */
export class Ordered {
  readonly #verdict: Verdict;
  readonly #overtakenMax: number;
  readonly #waiting = new Map<SimulatedConnection, Waiting>();
  #from = Number.POSITIVE_INFINITY;

  constructor(verdict: Verdict, clients: number) {
    this.#verdict = verdict;
    this.#overtakenMax = TURNS_MAX * clients;
  }

  /** Faults have ended. */
  progressBegins(): void {
    this.#from = this.#verdict.now + SETTLING_US;
  }

  /** A client asks for a lock. */
  waits(connection: SimulatedConnection, lock: LockName): void {
    const { now } = this.#verdict;
    if (now >= this.#from) this.#waiting.set(connection, { lock, since: now, overtaken: 0 });
  }

  /** It does so no more: it was answered, or is gone. */
  over(connection: SimulatedConnection): void {
    this.#waiting.delete(connection);
  }

  /** It got the lock; whoever has waited for longer was overtaken. */
  acquired(connection: SimulatedConnection): void {
    const served = this.#waiting.get(connection);
    if (served === undefined) return;
    for (const [other, waiting] of this.#waiting) {
      if (waiting.lock !== served.lock || waiting.since + SAME_AGE_US > served.since) continue;
      waiting.overtaken++;
      if (waiting.overtaken <= this.#overtakenMax) continue;
      const times = `${waiting.overtaken} younger claims`;
      this.#verdict.fail('ordered', `${other.session} waits for ${waiting.lock} behind ${times}`);
    }
  }
}
