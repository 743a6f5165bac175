/**
 * Until when a session's locks are safe, and the timer that looks.
 *
 * Owns the newest deadline. A timer of JavaScript does not count sleep, so the clocks are looked at
 * once a second at least; whoever asks looks, too.
 */
import { Deadline, type Moment, type ReadClocks } from './deadline.ts';
import { WATCH_MS_MAX } from './limits.ts';

/** The one deadline of a session. */
export class Validity {
  readonly #readClocks: ReadClocks;
  readonly #driftPermille: number;
  readonly #look: () => void;
  #deadline: Deadline | null = null;
  #timer: NodeJS.Timeout | undefined;

  /** @param look - called once the deadline may be over */
  constructor(readClocks: ReadClocks, driftPermille: number, look: () => void) {
    this.#readClocks = readClocks;
    this.#driftPermille = driftPermille;
    this.#look = look;
  }

  /** For how many ms from now; 0: not at all. */
  get leftMs(): number {
    return this.#deadline?.leftMs(this.#readClocks()) ?? 0;
  }

  /** An answer came; a deadline that is sooner than the one before counts for nothing. */
  extend(askedAt: Moment, validityMs: number): void {
    const deadline = Deadline.of(askedAt, validityMs, this.#driftPermille);
    if (deadline.leftMs(this.#readClocks()) > this.leftMs) this.#deadline = deadline;
  }

  /** Nothing is safe any more. */
  end(): void {
    this.#deadline = null;
  }

  /** Looks when the deadline is over, and before. */
  watch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#look, Math.min(this.leftMs, WATCH_MS_MAX));
  }

  /** Looks no more by itself. */
  stop(): void {
    clearTimeout(this.#timer);
  }
}
