/**
 * Marks: what happened in a run, by name, with the time of its first occurrence.
 *
 * Owns who waits for which mark. Scripts leave marks and wait for them; expectations read them.
 */
import type { Scheduler } from './scheduler.ts';

/** The marks of one world. */
export class Marks {
  readonly #scheduler: Scheduler;
  /** In µs. */
  readonly #first = new Map<string, number>();
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** It happened; whoever waited for its first time goes on. */
  leave(mark: string): void {
    if (this.#first.has(mark)) return;
    this.#first.set(mark, this.#scheduler.now);
    const waiting = this.#waiting.get(mark) ?? [];
    this.#waiting.delete(mark);
    for (const then of waiting) then();
  }

  /** When it first happened (µs); `null`: it did not. */
  at(mark: string): number | null {
    return this.#first.get(mark) ?? null;
  }

  /** Calls once it has happened, which may be at once. */
  when(mark: string, then: () => void): void {
    if (this.#first.has(mark)) {
      then();
      return;
    }
    const waiting = this.#waiting.get(mark) ?? [];
    waiting.push(then);
    this.#waiting.set(mark, waiting);
  }
}
