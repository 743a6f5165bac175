/**
 * Repeats an attempt for as long as it is wanted, with jittered exponential back-off.
 *
 * Owns one timer and at most one attempt under way. Never gives up, and never repeats faster than
 * REDIAL_MS_MIN; each loop is on its own, so that a dead peer holds up no other.
 */
import {
  REDIAL_MS_MAX,
  REDIAL_MS_MIN,
  REDIAL_SLOWLY_MS_MAX,
  REDIAL_SLOWLY_MS_MIN,
} from '../limits.ts';

/** How long a redial waits, in ms. */
export interface Pace {
  /** After the first failure; doubles with each. */
  readonly first: number;
  readonly most: number;
  /** Since the last attempt, when the other side is heard of. */
  readonly heard: number;
}

/** For those that are needed. */
export const SOON: Pace = { first: REDIAL_MS_MIN, most: REDIAL_MS_MAX, heard: REDIAL_MS_MAX };
/** For all others. */
export const SLOWLY: Pace = {
  first: REDIAL_SLOWLY_MS_MIN,
  most: REDIAL_SLOWLY_MS_MAX,
  heard: REDIAL_SLOWLY_MS_MIN,
};

/** One endless loop of attempts. */
export class Redial {
  readonly #attempt: () => Promise<void>;
  readonly #pace: () => Pace;
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
   * @param pace - how long to wait between two, as things stand now
   */
  constructor(attempt: () => Promise<void>, pace: () => Pace = () => SOON) {
    this.#attempt = attempt;
    this.#pace = pace;
  }

  /** Whether it attempts, or will. */
  get isWanted(): boolean {
    return this.#wanted;
  }

  /** Attempts after `delayMs`, whatever the back-off: something has changed. */
  hurry(delayMs = 0): void {
    this.#wanted = true;
    if (this.#attempting) this.#hurried = delayMs;
    else this.#plan(delayMs);
  }

  /**
   * Attempts as soon as `Pace.heard` has passed since the last attempt, unless it will sooner: the
   * other side is there, but however often that is heard, the pace is bounded.
   */
  nudge(delayMs: number): void {
    this.#wanted = true;
    const { heard } = this.#pace();
    if (this.#attempting) {
      this.#waitMs = Math.min(this.#waitMs, heard);
      return;
    }
    const soonest = this.#endedAt + heard - performance.now();
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
    const { first, most } = this.#pace();
    const waitMs = Math.min(Math.max(this.#waitMs, first), most);
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
