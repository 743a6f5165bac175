/**
 * Virtual time, and the one queue of everything that will happen.
 *
 * Owns a binary heap ordered by (time, order of scheduling), so that equal times run in the order
 * in which they were asked for. Time is in whole microseconds of the world, which no peer can read:
 * peers have clocks of their own (`clock.ts`).
 */

/** A program that things happen to: it decides when they reach it. */
export interface Program {
  enter(call: () => void): void;
}

/** Something that will happen; `cancelled` ones are passed over. */
export interface Happening {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  /** What it happens to; `null`: to the world. */
  readonly program: Program | null;
  cancelled: boolean;
}

/** 285 years in microseconds: later than any run. */
export const NEVER = Number.MAX_SAFE_INTEGER;

/** Things that may happen at one moment; above it something keeps the world from going on. */
const HAPPENINGS_AT_ONCE_MAX = 1_000_000;

/** The event queue of one world. */
export class Scheduler {
  readonly #heap: Happening[] = [];
  #order = 0;
  #now = 0;
  #count = 0;
  /** How many things have happened at this very moment. */
  #atOnce = 0;

  /** The world's time in µs. */
  get now(): number {
    return this.#now;
  }

  /** How many things have happened. */
  get count(): number {
    return this.#count;
  }

  /** Runs `run` once the world's time is `at`, or at once when that has passed. */
  at(at: number, run: () => void, program: Program | null = null): Happening {
    const order = this.#order++;
    const happening = { at: Math.max(at, this.#now), order, run, program, cancelled: false };
    this.#heap.push(happening);
    this.#rise(this.#heap.length - 1);
    return happening;
  }

  /** Runs `run` after that many µs. */
  after(delayUs: number, run: () => void): Happening {
    return this.at(this.#now + delayUs, run);
  }

  /** Runs what is due until `until`, then stands there; ends early when `stopped` says so. */
  run(until: number, stopped: () => boolean): void {
    for (let next = this.#heap[0]; next !== undefined; next = this.#heap[0]) {
      if (next.at > until || stopped()) break;
      this.#remove();
      if (next.cancelled) continue;
      this.#atOnce = next.at === this.#now ? this.#atOnce + 1 : 0;
      if (this.#atOnce > HAPPENINGS_AT_ONCE_MAX) throw new Error('time stands still');
      this.#now = next.at;
      this.#count++;
      if (next.program === null) next.run();
      else next.program.enter(next.run);
    }
    if (!stopped() && until > this.#now) this.#now = until;
  }

  #rise(from: number): void {
    const heap = this.#heap;
    const moving = heap[from]!;
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(moving, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = moving;
  }

  #remove(): void {
    const heap = this.#heap;
    const moving = heap.pop()!;
    const { length } = heap;
    if (length === 0) return;
    let index = 0;
    for (let child = 1; child < length; child = 2 * index + 1) {
      if (child + 1 < length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, moving)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = moving;
  }
}

function before(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
