/**
 * What a mutant is: the production core with one of its answers taken out.
 *
 * A mutant is a patch of the core's text, applied to a copy when a run loads it (`load.ts`):
 * production has no switch, flag or hook by which it could come about. A patch whose text is not
 * found exactly once is an error, so that none goes stale in silence.
 */
import type { InvariantName } from '../checkers/verdict.ts';
import type { Hunt } from './hunts.ts';

/** A change of one file of `src/core`. */
export interface Patch {
  /** Without its ending: `register`. */
  readonly file: string;
  /** Found exactly once, whatever the white space; free of types, so that it fits `dist`, too. */
  readonly before: string;
  readonly after: string;
}

/** A seeded bug. */
export interface Mutant {
  readonly name: string;
  /** The rule of the protocol, and the attack that it answers: `12, R9`. */
  readonly rule: string;
  /** What is no longer done. */
  readonly without: string;
  readonly patches: readonly Patch[];
  /** What notices it: one of these. */
  readonly caughtBy: readonly InvariantName[];
  /** Where it is looked for. */
  readonly hunt: Hunt;
  /** How many seeds may run before it counts as not caught. */
  readonly seedsMax: number;
}
