/**
 * Until when a client may rely on its locks, by its own clocks alone.
 *
 * Owns the arithmetic, and the reading of both clocks. A stretch of time counts by the clock that
 * went further in it: `performance.now()` stands still while a machine sleeps, `os.uptime()` goes
 * on. Never reads a wall clock.
 *
 * Why a deadline lies before the moment at which anybody else can hold the lock. A client asks at
 * real time s, its session's home answers at a ≥ s with MS, and the client relies on its locks until
 * its own clock has gone MS · (1 − drift) − margin beyond s. MS is the smaller of two numbers:
 *
 * - what is left of the session's validity at its home (rule 13). Until then by the home's clock no
 *   quorum lets anybody have the locks: the voters wait for a lease L, by their clocks, of which
 *   the home counts L · (1 − drift) from before they began to;
 * - the session's time-out. If the home saw the client go right after a, it would give the locks up
 *   a whole time-out later by its clock.
 *
 * Both moments are at least MS beyond a by the home's clock, and so MS · (1 − drift) beyond a by the
 * client's: rates differ by the drift bound at most. As s ≤ a, a deadline counted from s is sooner
 * still. It is one of the session, and holds for a lock that the session was granted later, too. A
 * session that moves takes it along: voters that took the new home's record wait for a whole lease
 * from then. The margin covers that both readings of the slower clock may be cut to hundredths.
 *
 * @see src/core/protocol.md, rules 12, 13 and 15
 */
import os from 'node:os';
import { CLOCK_STEPS_MS } from './limits.ts';

/** One reading of both clocks, in ms from origins of their own. */
export interface Moment {
  readonly monotonicMs: number;
  readonly bootMs: number;
}

/** Where readings come from. */
export type ReadClocks = () => Moment;

/** The clocks of this machine. */
export function readSystemClocks(): Moment {
  return { monotonicMs: performance.now(), bootMs: os.uptime() * 1_000 };
}

/** From one reading to a later one (ms), by the clock that went further. */
export function elapsedMs(from: Moment, to: Moment): number {
  return Math.max(to.monotonicMs - from.monotonicMs, to.bootMs - from.bootMs);
}

/** A moment after which locks are not relied on. */
export class Deadline {
  readonly #from: Moment;
  readonly #ms: number;

  private constructor(from: Moment, ms: number) {
    this.#from = from;
    this.#ms = ms;
  }

  /**
   * What follows from an answer.
   *
   * @param askedAt - read before the question was sent
   * @param validityMs - `MS` of the answer
   * @param driftPermille - by how much the rates of two clocks may differ, in thousandths
   */
  static of(askedAt: Moment, validityMs: number, driftPermille: number): Deadline {
    const sure = Math.floor((validityMs * (1_000 - driftPermille)) / 1_000);
    return new Deadline(askedAt, sure - CLOCK_STEPS_MS);
  }

  /** What is left of it (ms); 0 once it is over. */
  leftMs(now: Moment): number {
    return Math.max(0, this.#ms - elapsedMs(this.#from, now));
  }
}
