/**
 * What a client believes of its session's locks, from what it was told and by its own clock.
 *
 * Owns the locks with their tokens and the deadline until which they are safe. A told validity
 * counts from when the client *asked*, shortened by the drift bound: the answer may have been long
 * under way. Believing too little costs nothing; believing too long is what checkers look for.
 */
import type { LockName, Token } from '../src/core/types.ts';
import type { Believer } from './checkers/exclusive.ts';
import type { MachineClock } from './clock.ts';

/** A client's belief in one session. */
export class ClientBelief implements Believer {
  readonly name: string;
  readonly session: string;
  readonly locks = new Set<LockName>();
  readonly tokens = new Map<LockName, Token>();
  /** What conn_id answered; `null`: not yet known. */
  id: string | null = null;
  readonly #clock: MachineClock;
  readonly #driftPermille: number;
  #deadlineMs = Number.NEGATIVE_INFINITY;

  constructor(name: string, session: string, clock: MachineClock, driftPermille: number) {
    this.name = name;
    this.session = session;
    this.#clock = clock;
    this.#driftPermille = driftPermille;
  }

  /** It was told, in answer to what it asked at `askedMs`, that its locks are safe for so long. */
  told(askedMs: number, validityMs: number): void {
    const safeMs = Math.floor((validityMs * (1_000 - this.#driftPermille)) / 1_000);
    this.#deadlineMs = Math.max(this.#deadlineMs, askedMs + safeMs);
  }

  /** How much longer the locks are safe (ms). */
  leftMs(): number {
    return this.#deadlineMs - this.#clock.monotonicMs;
  }

  believes(): boolean {
    return this.leftMs() > 0;
  }

  leftUs(): number {
    return this.#clock.untilShows('monotonic', this.#deadlineMs);
  }
}
