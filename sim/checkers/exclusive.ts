/**
 * *exclusive*: two sessions never both believe that they hold a lock.
 *
 * Two parties may believe it of a session: its client, from what it was told, and its newest home,
 * from its validity. Judged in the world's time; each believer says by its own clock whether it
 * still believes. Holds while the rates of the clocks are inside the drift bound (P2); outside it
 * beliefs overlap by no more than the clocks allow (`clock-oracle.ts`).
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
  /** For how long it will go on believing, as its clock runs now (µs of the world). */
  leftUs(): number;
}

/** Watches all locks of one world. */
export class Exclusive {
  readonly #verdict: Verdict;
  readonly #believers = new Map<LockName, Believer[]>();
  readonly #boundUs: number;
  /** By lock and sessions: from when until when two sessions believe in one lock (µs). */
  readonly #together = new Map<string, { readonly since: number; readonly until: number }>();
  /** How many pairs of sessions believed in one lock at once. */
  overlaps = 0;
  /** How long the longest of that lasted, or would have if nobody had let go (µs). */
  longestUs = 0;

  /** @param boundUs - by how much beliefs may overlap; 0: not at all */
  constructor(verdict: Verdict, boundUs: number) {
    this.#verdict = verdict;
    this.#boundUs = boundUs;
  }

  /** Those who were told of a lock, and have not been told that it is lost. */
  believersIn(lock: LockName): readonly Believer[] {
    return this.#believers.get(lock) ?? [];
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
    const there = this.#believers.get(lock);
    if (there === undefined || there.length === 0) {
      this.#believers.set(lock, [believer]);
      return;
    }
    // Alone in it, as most are, it has no rival.
    if (there.length === 1 && there[0] === believer) return;
    const others = there.filter((other) => other !== believer && other.believes());
    if (believer.believes()) {
      const rival = others.find((other) => other.session !== believer.session);
      if (rival !== undefined) this.#overlap(believer, rival, lock);
    }
    others.push(believer);
    this.#believers.set(lock, others);
  }

  #overlap(believer: Believer, rival: Believer, lock: LockName): void {
    const lastsUs = this.#lastsUs(believer, rival, lock);
    this.longestUs = Math.max(this.longestUs, lastsUs);
    if (this.#boundUs > 0 && lastsUs <= this.#boundUs) return;
    const both = `${rival.name} and ${believer.name} both believe in ${lock}`;
    const bound = this.#boundUs === 0 ? '' : `, for ${lastsUs} µs, at most ${this.#boundUs}`;
    this.#verdict.fail('exclusive', both + bound);
  }

  /** How long these two believe in it, from the first moment to the last as foreseen now (µs). */
  #lastsUs(believer: Believer, rival: Believer, lock: LockName): number {
    const { now } = this.#verdict;
    const key = [lock, ...[believer.session, rival.session].sort()].join(' ');
    const before = this.#together.get(key);
    const goesOn = before !== undefined && now <= before.until;
    if (!goesOn) this.overlaps++;
    const since = goesOn ? before.since : now;
    const until = now + Math.min(believer.leftUs(), rival.leftUs());
    this.#together.set(key, { since, until });
    return until - since;
  }
}
