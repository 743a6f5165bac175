/**
 * Elapsed time from two clocks: the pure half of `Clock.now`, shared by production and simulator.
 *
 * Owns how far the suspend-counting clock has run ahead of the monotonic one, at most and at
 * least. Reads no clock. The suspend-counting clock may be coarse (`os.uptime()` counts
 * hundredths): its steps move the difference once, by at most one step, and not at every reading.
 *
 * @see rule 12: the larger of both at a home, the smaller at a voter.
 */
import type { Now } from '../core/types.ts';

/** Follows one monotonic and one suspend-counting clock, from the moment it is made. */
export class Elapsed {
  readonly #monotonicStart: number;
  readonly #bootStart: number;
  #monotonic = 0;
  #boot = 0;
  /** The most and the least by which the suspend-counting clock was ahead. */
  #aheadMax = 0;
  #aheadMin = 0;

  /** Both in ms, fractions allowed, each from an origin of its own. */
  constructor(monotonicMs: number, bootMs: number) {
    this.#monotonicStart = monotonicMs;
    this.#bootStart = bootMs;
  }

  /** One reading of both clocks as whole ms, never falling, whatever the clocks do. */
  at(monotonicMs: number, bootMs: number): Now {
    this.#monotonic = Math.max(this.#monotonic, monotonicMs - this.#monotonicStart);
    this.#boot = Math.max(this.#boot, bootMs - this.#bootStart);
    const ahead = this.#boot - this.#monotonic;
    this.#aheadMax = Math.max(this.#aheadMax, ahead);
    this.#aheadMin = Math.min(this.#aheadMin, ahead);
    return {
      home: Math.floor(this.#monotonic + this.#aheadMax),
      voter: Math.floor(this.#monotonic + this.#aheadMin),
    };
  }
}
