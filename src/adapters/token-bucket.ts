/**
 * How often something may happen: a bucket of tokens that fills at a steady rate.
 *
 * Owns the arithmetic. Reads no clock and has no timer: instants are handed in (ms).
 */

/** How fast a bucket fills, and how much it holds. */
export interface BucketSize {
  readonly perSecond: number;
  /** At most, and to begin with. */
  readonly burst: number;
}

/** One bucket. */
export class TokenBucket {
  readonly #size: BucketSize;
  #tokens: number;
  #at: number;

  constructor(size: BucketSize, now: number) {
    this.#size = size;
    this.#tokens = size.burst;
    this.#at = now;
  }

  /** Takes one token out; to be called only if there is one. */
  take(now: number): void {
    this.#fill(now);
    this.#tokens -= 1;
  }

  /** Until there is a token (ms); 0: there is one now. */
  waitMs(now: number): number {
    this.#fill(now);
    return this.#tokens >= 1 ? 0 : ((1 - this.#tokens) * 1_000) / this.#size.perSecond;
  }

  #fill(now: number): void {
    const { perSecond, burst } = this.#size;
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#at) * perSecond) / 1_000);
    this.#at = now;
  }
}
