/**
 * *exclusive*: two sessions never both believe that they hold a lock.
 *
 * Two parties may believe it of a session: its client, from what it was told, and its newest home,
 * from its validity. Judged in the world's time; each believer says by its own clock whether it
 * still believes. Holds while the rates of the clocks are inside the bound (P2).
 */
import type { LockName } from '../../src/core/types.ts';
import type { Verdict } from './verdict.ts';

/** Somebody who may believe that a session holds locks. */
export interface Believer {
  /** For people: `c3`, or `n1 for c3`. */
  readonly name: string;
  /** Believers of one session do not exclude each other. */
  readonly session: string;
  readonly locks: Set<LockName>;
  /** Whether it believes at this moment, by its own clock. */
  believes(): boolean;
}

/** Watches all locks of one world. */
export class Exclusive {
  readonly #verdict: Verdict;
  readonly #believers = new Map<LockName, Believer[]>();
  /** How many beliefs overlapped, where that is no violation. */
  overlaps = 0;
  /** Whether the clocks are such that beliefs must not overlap. */
  readonly #binding: boolean;

  constructor(verdict: Verdict, binding: boolean) {
    this.#verdict = verdict;
    this.#binding = binding;
  }

  /** A believer learns that its session holds a lock, and that all it holds is safe for longer. */
  gains(believer: Believer, lock: LockName): void {
    believer.locks.add(lock);
    this.extends(believer);
  }

  /** A believer knows that it holds a lock no longer. */
  drops(believer: Believer, lock: LockName): void {
    believer.locks.delete(lock);
    const believers = this.#believers.get(lock);
    const index = believers?.indexOf(believer) ?? -1;
    if (index >= 0) believers?.splice(index, 1);
  }

  dropsAll(believer: Believer): void {
    for (const lock of [...believer.locks]) this.drops(believer, lock);
  }

  /** A believer may believe for longer, in all its locks. */
  extends(believer: Believer): void {
    for (const lock of believer.locks) this.#check(believer, lock);
  }

  #check(believer: Believer, lock: LockName): void {
    const others = (this.#believers.get(lock) ?? []).filter(
      (other) => other !== believer && other.believes(),
    );
    if (believer.believes()) {
      const rival = others.find((other) => other.session !== believer.session);
      if (rival !== undefined) this.#overlap(believer, rival, lock);
    }
    others.push(believer);
    this.#believers.set(lock, others);
  }

  #overlap(believer: Believer, rival: Believer, lock: LockName): void {
    this.overlaps++;
    if (!this.#binding) return;
    this.#verdict.fail('exclusive', `${rival.name} and ${believer.name} both believe in ${lock}`);
  }
}
