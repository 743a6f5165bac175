/**
 * Elapsed time from two clocks: the pure half of `Clock.now`, shared by production and simulator.
 *
 * Owns both sums: at a home each stretch of time counts by the clock that went further in it, at a
 * voter by the other. Reads no clock. The suspend-counting clock may be coarse (`os.uptime()`
 * counts hundredths): a stretch goes on until the clocks part by more than its steps, so that those
 * are counted once a stretch, and not at every reading.
 *
 * @see rule 12: the larger of both at a home, the smaller at a voter.
 */
import type { Now } from '../core/types.ts';

/** Clocks that differ by more have parted: two steps of a clock that counts hundredths. */
const PARTED_MS = 20;

/** Follows one monotonic and one suspend-counting clock, from the moment it is made. */
export class Elapsed {
  /** Readings where the stretch began. */
  #monotonicFrom: number;
  #bootFrom: number;
  /** The sums when it began. */
  #homeFrom = 0;
  #voterFrom = 0;
  #monotonic: number;
  #boot: number;
  #home = 0;
  #voter = 0;

  /** Both in ms, fractions allowed, each from an origin of its own. */
  constructor(monotonicMs: number, bootMs: number) {
    this.#monotonicFrom = monotonicMs;
    this.#bootFrom = bootMs;
    this.#monotonic = monotonicMs;
    this.#boot = bootMs;
  }

  /** One reading of both clocks as whole ms, never falling, whatever the clocks do. */
  at(monotonicMs: number, bootMs: number): Now {
    this.#monotonic = Math.max(this.#monotonic, monotonicMs);
    this.#boot = Math.max(this.#boot, bootMs);
    const monotonic = this.#monotonic - this.#monotonicFrom;
    const boot = this.#boot - this.#bootFrom;
    this.#home = Math.max(this.#home, this.#homeFrom + Math.max(monotonic, boot));
    this.#voter = Math.max(this.#voter, this.#voterFrom + Math.min(monotonic, boot));
    if (Math.abs(monotonic - boot) > PARTED_MS) this.#beginStretch();
    return { home: Math.floor(this.#home), voter: Math.floor(this.#voter) };
  }

  #beginStretch(): void {
    this.#monotonicFrom = this.#monotonic;
    this.#bootFrom = this.#boot;
    this.#homeFrom = this.#home;
    this.#voterFrom = this.#voter;
  }
}
