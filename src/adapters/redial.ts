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
  readonly #waitMsMax: () => number;
  #timer: NodeJS.Timeout | null = null;
  #attempting = false;
  #wanted = false;
  /** Something changed during the attempt under way. */
  #hurried: number | null = null;
  #waitMs = REDIAL_MS_MIN;
  /** When the last attempt ended, and when the next one is planned. */
  #endedAt = Number.NEGATIVE_INFINITY;
  #plannedAt = 0;

  /**
   * @param attempt - never rejects, and ends within bounded time
   * @param waitMsMax - the longest wait between two, as things stand now
   */
  constructor(attempt: () => Promise<void>, waitMsMax: () => number = () => REDIAL_MS_MAX) {
    this.#attempt = attempt;
    this.#waitMsMax = waitMsMax;
  }

  /** Attempts after `delayMs`, whatever the back-off: something has changed. */
  hurry(delayMs = 0): void {
    this.#wanted = true;
    if (this.#attempting) this.#hurried = delayMs;
    else this.#plan(delayMs);
  }

  /**
   * Attempts as soon as REDIAL_MS_MAX has passed since the last attempt, unless it will sooner: the
   * other side is there, but however often that is heard, the pace is bounded.
   */
  nudge(delayMs: number): void {
    this.#wanted = true;
    if (this.#attempting) {
      this.#waitMs = Math.min(this.#waitMs, REDIAL_MS_MAX);
      return;
    }
    const soonest = this.#endedAt + REDIAL_MS_MAX - performance.now();
    const waitMs = Math.max(delayMs, soonest);
    if (this.#timer === null || performance.now() + waitMs < this.#plannedAt) this.#plan(waitMs);
  }

  /** Attempts again after the back-off, unless it is planned already: something has failed. */
  backOff(): void {
    this.#wanted = true;
    if (!this.#attempting && this.#timer === null) this.#plan(this.#nextWait());
  }

  /** No more attempts until wanted again. */
  stop(): void {
    this.#wanted = false;
    this.#hurried = null;
    this.#cancel();
  }

  /** The next failure is a first one. */
  forgive(): void {
    this.#waitMs = REDIAL_MS_MIN;
  }

  #nextWait(): number {
    const waitMs = Math.min(this.#waitMs, this.#waitMsMax());
    this.#waitMs = waitMs * 2;
    return waitMs * (1 - Math.random() / 2);
  }

  #plan(delayMs: number): void {
    if (this.#attempting) return;
    this.#cancel();
    this.#plannedAt = performance.now() + delayMs;
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
    this.#endedAt = performance.now();
    const delayMs = this.#hurried;
    this.#hurried = null;
    if (this.#wanted) this.#plan(delayMs ?? this.#nextWait());
  }
}
