/**
 * What was violated in a run: the first violation ends it.
 */
import type { Scheduler } from '../scheduler.ts';

/** The invariants that checkers watch; README and asserts name them alike. */
export type InvariantName =
  | 'exclusive'
  | 'fenced'
  | 'agreed'
  | 'carried'
  | 'durable'
  | 'answered'
  | 'resource'
  | 'held'
  | 'majority'
  | 'ordered'
  | 'owned'
  | 'settled'
  | 'told'
  | 'history'
  | 'live'
  /** What a scenario says must come of it. */
  | 'expected'
  /** An assertion of the core, or any other error it threw. */
  | 'assert';

/** Something that must never happen, happened. */
export interface Violation {
  readonly invariant: InvariantName;
  /** The world's time (µs). */
  readonly at: number;
  readonly detail: string;
}

/** Collects violations; the run ends at the first. */
export class Verdict {
  readonly #scheduler: Scheduler;
  readonly #watched: readonly InvariantName[] | null;
  readonly violations: Violation[] = [];

  /** @param watched - what else is violated does not count; `null`: everything counts */
  constructor(scheduler: Scheduler, watched: readonly InvariantName[] | null = null) {
    this.#scheduler = scheduler;
    this.#watched = watched;
  }

  /** The world's time (µs). */
  get now(): number {
    return this.#scheduler.now;
  }

  get failed(): boolean {
    return this.violations.length > 0;
  }

  fail(invariant: InvariantName, detail: string): void {
    if (this.#watched !== null && !this.#watched.includes(invariant)) return;
    this.violations.push({ invariant, at: this.#scheduler.now, detail });
  }
}
