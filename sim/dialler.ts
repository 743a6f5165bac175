/**
 * Who dials whom, and when again: the lower machine number dials, for ever.
 *
 * Owns the jittered back-off of each pair. Knows neither channels nor processes: it asks the
 * network whether a pair wants a channel and can have one.
 */
import { RandomStream } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** First and longest mean pause between two dials (µs). */
const PAUSE_US = { first: 50_000, longest: 2_000_000 } as const;

/** What a dialler asks of the network. */
export interface Dialled {
  /** Whether the lower end runs and has no channel to the higher. */
  wanted(low: number, high: number): boolean;
  /** Whether both ends are up and the way is free, both ways. */
  possible(low: number, high: number): boolean;
  roundTripUs(low: number, high: number): number;
  connect(low: number, high: number): void;
}

interface Pair {
  readonly random: RandomStream;
  pauseUs: number;
  waiting: boolean;
}

/** The dialling of all pairs of machines. */
export class Dialler {
  readonly #scheduler: Scheduler;
  readonly #dialled: Dialled;
  readonly #pairs: Pair[][];

  constructor(scheduler: Scheduler, seed: number, machines: number, dialled: Dialled) {
    this.#scheduler = scheduler;
    this.#dialled = dialled;
    const indices = Array.from({ length: machines }, (_, index) => index);
    this.#pairs = indices.map((low) =>
      indices.map((high) => ({
        random: new RandomStream(seed, `dial:${low}-${high}`),
        pauseUs: PAUSE_US.first,
        waiting: false,
      })),
    );
  }

  /** Something changed for this pair, or a channel ended: the next dial comes soon. */
  soon(a: number, b: number): void {
    const low = Math.min(a, b);
    const high = Math.max(a, b);
    this.#pairs[low]![high]!.pauseUs = PAUSE_US.first;
    this.#later(low, high);
  }

  #later(low: number, high: number): void {
    const pair = this.#pairs[low]![high]!;
    if (pair.waiting) return;
    pair.waiting = true;
    const half = pair.pauseUs >> 1;
    const pause = pair.random.between(half, pair.pauseUs + half);
    pair.pauseUs = Math.min(2 * pair.pauseUs, PAUSE_US.longest);
    this.#scheduler.after(pause, () => {
      pair.waiting = false;
      this.#dial(low, high);
    });
  }

  #dial(low: number, high: number): void {
    const dialled = this.#dialled;
    if (!dialled.wanted(low, high)) return;
    if (!dialled.possible(low, high)) {
      this.#later(low, high);
      return;
    }
    this.#scheduler.after(dialled.roundTripUs(low, high), () => {
      if (!dialled.wanted(low, high)) return;
      if (dialled.possible(low, high)) dialled.connect(low, high);
      else this.#later(low, high);
    });
  }
}
