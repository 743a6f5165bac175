/**
 * What is due when: the core's only notion of a timer.
 *
 * A binary heap ordered by (instant, order of scheduling), so that equal instants run in the order
 * in which they were asked for. Owns no clock: the caller says what time it is.
 */
import type { Instant } from './types.ts';

/** Something that will be due; see `Agenda`. */
export interface Timer {
  readonly at: Instant;
  readonly run: () => void;
  readonly sequence: number;
  /** Its place in the heap; -1 once it ran or was cancelled. */
  index: number;
}

/** Timers in the order in which they fall due. */
export class Agenda {
  readonly #heap: Timer[] = [];
  #sequence = 0;

  /** When the next timer is due; Infinity: none is set. */
  get next(): Instant {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  get size(): number {
    return this.#heap.length;
  }

  /** Runs `run` once, at the first `runDue` that reaches `at`. */
  schedule(at: Instant, run: () => void): Timer {
    this.#sequence += 1;
    const timer: Timer = { at, run, sequence: this.#sequence, index: this.#heap.length };
    this.#heap.push(timer);
    this.#rise(timer);
    return timer;
  }

  /** Takes a timer out; harmless when it ran, was cancelled, or is `null`. */
  cancel(timer: Timer | null): void {
    if (timer === null || timer.index < 0) return;
    const { index } = timer;
    timer.index = -1;
    const last = this.#heap.pop() as Timer;
    if (last === timer) return;
    this.#place(last, index);
    this.#rise(last);
    this.#sink(last);
  }

  /** Runs everything due at `now`, also what is scheduled meanwhile for no later. */
  runDue(now: Instant): void {
    for (let timer = this.#heap[0]; timer !== undefined && timer.at <= now; timer = this.#heap[0]) {
      this.cancel(timer);
      timer.run();
    }
  }

  #place(timer: Timer, index: number): void {
    timer.index = index;
    this.#heap[index] = timer;
  }

  #rise(timer: Timer): void {
    let { index } = timer;
    while (index > 0) {
      const parent = this.#heap[(index - 1) >> 1] as Timer;
      if (!before(timer, parent)) break;
      this.#place(parent, index);
      index = (index - 1) >> 1;
    }
    this.#place(timer, index);
  }

  #sink(timer: Timer): void {
    let { index } = timer;
    for (;;) {
      const left = this.#heap[2 * index + 1];
      const right = this.#heap[2 * index + 2];
      const child = right !== undefined && left !== undefined && before(right, left) ? right : left;
      if (child === undefined || !before(child, timer)) break;
      const hole = child.index;
      this.#place(child, index);
      index = hole;
    }
    this.#place(timer, index);
  }
}

function before(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
}
