/**
 * Repeats an attempt for as long as it is wanted, with jittered exponential back-off.
 *
 * Owns one timer and at most one attempt under way. Never gives up, and never repeats faster than
 * REDIAL_MS_MIN; each loop is on its own, so that a dead peer holds up no other.
 */
import { REDIAL_MS_MAX, REDIAL_MS_MIN } from '../limits.ts';

/** One endless loop of attempts. */
export class Redial {
  readonly #attempt: () => Promise<void>;
  #timer: NodeJS.Timeout | null = null;
  #attempting = false;
  #wanted = false;
  #waitMs = REDIAL_MS_MIN;

  /** @param attempt - never rejects, and ends within bounded time */
  constructor(attempt: () => Promise<void>) {
    this.#attempt = attempt;
  }

  /** Attempts after `delayMs`, unless it is wanted already; then again and again. */
  want(delayMs: number): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#plan(delayMs);
  }

  /** Attempts at once, whatever the back-off: something has changed. */
  hurry(): void {
    this.#wanted = true;
    this.#plan(0);
  }

  /** Attempts again after the back-off, unless it is planned already: something has failed. */
  backOff(): void {
    this.#wanted = true;
    if (!this.#attempting && this.#timer === null) this.#plan(this.#nextWait());
  }

  /** No more attempts until wanted again. */
  stop(): void {
    this.#wanted = false;
    this.#cancel();
  }

  /** The next failure is a first one. */
  forgive(): void {
    this.#waitMs = REDIAL_MS_MIN;
  }

  #nextWait(): number {
    const waitMs = this.#waitMs * (1 - Math.random() / 2);
    this.#waitMs = Math.min(this.#waitMs * 2, REDIAL_MS_MAX);
    return waitMs;
  }

  #plan(delayMs: number): void {
    if (this.#attempting) return;
    this.#cancel();
    this.#timer = setTimeout(() => void this.#run(), delayMs);
  }

  #cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #run(): Promise<void> {
    this.#timer = null;
    this.#attempting = true;
    await this.#attempt();
    this.#attempting = false;
    if (this.#wanted) this.#plan(this.#nextWait());
  }
}
