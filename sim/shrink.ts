/**
 * Makes a failing plan small: delta debugging over the plan.
 *
 * Owns the search. A smaller plan counts only when the very same failure comes back
 * (`shrink/fingerprint.ts`). What is tried is `shrink/smaller.ts`. Greedy: takes the first smaller
 * plan that fails alike and goes on from there, until no pass finds one, or the budget is spent.
 *
 * @see Zeller, Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (2002)
 */
import type { Violation } from './checkers/verdict.ts';
import type { Plan } from './plan.ts';
import { type Fingerprint, fingerprintOf } from './shrink/fingerprint.ts';
import { type Pass, passesFor } from './shrink/smaller.ts';
import { runPlan } from './simulation.ts';
import type { CreatePeer } from './world.ts';

export { testFileOf } from './shrink/test-file.ts';

/** Runs that a shrink may take unless told otherwise: about a minute of small plans. */
const RUNS_MAX = 3_000;

/** How far a shrink has come. */
export interface ShrinkProgress {
  readonly pass: string;
  readonly runs: number;
  readonly runsMax: number;
  /** The smallest plan so far. */
  readonly plan: Plan;
}

/** What to shrink, and for how long. */
export interface ShrinkOptions {
  readonly plan: Plan;
  /** Default: the production core. */
  readonly createPeer?: CreatePeer;
  readonly runsMax?: number;
  /** Asked before each run; true ends the search with what it has. */
  readonly isOver?: () => boolean;
  /** Hears of each pass and of each smaller plan. */
  readonly progress?: (progress: ShrinkProgress) => void;
}

/** What came of it. */
export interface Shrunk {
  readonly plan: Plan;
  readonly violation: Violation;
  readonly fingerprint: Fingerprint;
  readonly runs: number;
  /** False: the budget ended the search, not its success. */
  readonly complete: boolean;
}

/** The smallest plan found that fails as `plan` does; `null`: `plan` does not fail. */
export function shrink(options: ShrinkOptions): Shrunk | null {
  return new Shrinker(options).shrink();
}

class Shrinker {
  readonly #options: ShrinkOptions;
  readonly #runsMax: number;
  #plan: Plan;
  #violation: Violation | null = null;
  #fingerprint: Fingerprint = '';
  #runs = 0;

  constructor(options: ShrinkOptions) {
    this.#options = options;
    this.#runsMax = options.runsMax ?? RUNS_MAX;
    this.#plan = options.plan;
  }

  shrink(): Shrunk | null {
    const violation = this.#run(this.#plan);
    if (violation === null) return null;
    this.#fingerprint = fingerprintOf(violation);
    this.#take(this.#plan, violation);
    let complete = false;
    const passes = passesFor(violation.invariant);
    while (!complete && !this.#isOver) complete = !this.#round(passes);
    return {
      plan: this.#withProgress(this.#violation ?? violation),
      violation: this.#violation ?? violation,
      fingerprint: this.#fingerprint,
      runs: this.#runs,
      complete,
    };
  }

  /** Once it is mended, what failed among the faults is asked to make progress after them. */
  #withProgress({ at }: Violation): Plan {
    const { progressMs } = this.#options.plan;
    const isAmongFaults = at <= this.#plan.faultsMs * 1_000;
    return isAmongFaults ? { ...this.#plan, progressMs } : this.#plan;
  }

  get #isOver(): boolean {
    return this.#runs >= this.#runsMax || (this.#options.isOver?.() ?? false);
  }

  /** One pass after the other; false: none of them found anything smaller. */
  #round(passes: readonly (readonly [string, Pass])[]): boolean {
    let found = false;
    for (const [name, pass] of passes) {
      this.#tell(name);
      while (!this.#isOver && this.#pass(name, pass)) found = true;
    }
    return found || this.#isOver;
  }

  /** Goes through what a pass proposes until one plan of it fails alike. */
  #pass(name: string, pass: Pass): boolean {
    for (const candidate of pass(this.#plan)) {
      if (this.#isOver) return false;
      const violation = this.#run(candidate);
      if (violation === null || fingerprintOf(violation) !== this.#fingerprint) continue;
      this.#take(candidate, violation);
      this.#tell(name);
      return true;
    }
    return false;
  }

  /** What lies behind the violation is cut off: nothing of it was run. */
  #take(plan: Plan, violation: Violation): void {
    const endMs = Math.floor(violation.at / 1_000) + 1;
    this.#violation = violation;
    this.#plan =
      endMs < plan.faultsMs
        ? { ...plan, faultsMs: endMs, progressMs: 0, ...startedBy(plan, endMs) }
        : plan;
  }

  #run(plan: Plan): Violation | null {
    const { createPeer } = this.#options;
    this.#runs++;
    const { violations } = runPlan({ plan, ...(createPeer === undefined ? {} : { createPeer }) });
    return violations[0] ?? null;
  }

  #tell(pass: string): void {
    const { progress } = this.#options;
    progress?.({ pass, runs: this.#runs, runsMax: this.#runsMax, plan: this.#plan });
  }
}

function startedBy({ faults, wishes }: Plan, endMs: number): Partial<Plan> {
  const isBefore = ({ at }: { readonly at: number }) => at < endMs;
  const begun = faults.filter(isBefore);
  return wishes === undefined
    ? { faults: begun }
    : { faults: begun, wishes: wishes.filter(isBefore) };
}
