/**
 * The machine's two clocks, and the peer's one timer.
 *
 * `performance.now()` stands still while the machine sleeps, `os.uptime()` does not; what becomes
 * of the two is reckoned in `runtime/elapsed.ts`. Never reads a wall clock. `os.uptime()` opens a
 * file on Linux, so it is read at most once in a few milliseconds of the other clock: between the
 * freezing of a process and its thawing, disks and network cards are put to sleep and woken, which
 * takes longer, and the other clock runs meanwhile. So no event after a sleep is handled with a
 * reading from before it.
 *
 * @see rule 12
 */
import os from 'node:os';
import type { Instant, Now } from '../core/types.ts';
import { ALARM_MS_MAX, BOOT_CLOCK_REUSE_MS } from '../limits.ts';
import { Elapsed } from '../runtime/elapsed.ts';
import type { Clock } from '../runtime/ports.ts';

/** Where readings come from; both in ms, from origins of their own. */
export interface Readings {
  readonly monotonicMs: () => number;
  /** Goes on while the machine sleeps; may be coarse. */
  readonly bootMs: () => number;
}

const SYSTEM: Readings = {
  monotonicMs: () => performance.now(),
  bootMs: () => os.uptime() * 1_000,
};

/** Time as a peer sees it. */
export class SystemClock implements Clock {
  readonly #readings: Readings;
  readonly #elapsed: Elapsed;
  #bootMs: number;
  #bootReadAt: number;
  #timer: NodeJS.Timeout | null = null;

  constructor(readings: Readings = SYSTEM) {
    this.#readings = readings;
    this.#bootReadAt = readings.monotonicMs();
    this.#bootMs = readings.bootMs();
    this.#elapsed = new Elapsed(this.#bootReadAt, this.#bootMs);
  }

  now(): Now {
    const monotonicMs = this.#readings.monotonicMs();
    if (monotonicMs - this.#bootReadAt >= BOOT_CLOCK_REUSE_MS) {
      this.#bootMs = this.#readings.bootMs();
      this.#bootReadAt = monotonicMs;
    }
    return this.#elapsed.at(monotonicMs, this.#bootMs);
  }

  alarm(at: Instant, ring: () => void): void {
    this.stop();
    if (at === Number.POSITIVE_INFINITY) return;
    const delay = Math.min(Math.max(at - this.now().home, 0), ALARM_MS_MAX);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.now().home >= at) ring();
      else this.alarm(at, ring);
    }, delay);
  }

  endOfTurn(call: () => void): void {
    setImmediate(call);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
