/**
 * The claims that wait for one lock, oldest first (rule 9).
 *
 * Owns order only; whom to grant is the keeper's decision. A hint: homes ask again.
 */
import { compareStamps, sameStamp } from './ballot.ts';
import type { QueuedClaim } from './message.ts';
import type { PeerId, Stamp } from './types.ts';

/** A claim in a keeper's queue. */
export interface Waiting {
  readonly claim: QueuedClaim;
  /** False: to be answered as soon as somebody else has the lock. */
  readonly waits: boolean;
  /** Whether its home was told that it stands in the queue. */
  told: boolean;
  /** Whether an heir was told of it. */
  handed: boolean;
}

/** A sorted queue of claims. */
export class ClaimQueue {
  #waiting: Waiting[] = [];

  get length(): number {
    return this.#waiting.length;
  }

  /** Oldest first. */
  get all(): readonly Waiting[] {
    return this.#waiting;
  }

  /** Adds a claim, or finds it: one that asks again keeps its place and is told again. */
  add(claim: QueuedClaim, waits: boolean, told: boolean): void {
    const place = this.#placeOf(claim.stamp);
    const there = this.#waiting[place];
    if (there !== undefined && sameStamp(there.claim.stamp, claim.stamp)) there.told = told;
    else this.#waiting.splice(place, 0, { claim, waits, told, handed: false });
  }

  has(stamp: Stamp): boolean {
    const there = this.#waiting[this.#placeOf(stamp)];
    return there !== undefined && sameStamp(there.claim.stamp, stamp);
  }

  /** Takes one out; false: it was not there. */
  remove(stamp: Stamp): boolean {
    if (!this.has(stamp)) return false;
    this.#waiting.splice(this.#placeOf(stamp), 1);
    return true;
  }

  /** Takes out all of one home. */
  removeHome(home: PeerId): void {
    this.#waiting = this.#waiting.filter(({ claim }) => claim.stamp.home !== home);
  }

  /** Takes out, and returns, those that do not wait. */
  takeTries(): readonly Stamp[] {
    const tries = this.#waiting.filter(({ waits }) => !waits);
    if (tries.length > 0) this.#waiting = this.#waiting.filter(({ waits }) => waits);
    return tries.map(({ claim }) => claim.stamp);
  }

  /**
   * Those that were not told yet that they stand in a queue: now they are.
   *
   * @param tries - whether those that do not wait are, too
   */
  takeUntold(tries: boolean): readonly Stamp[] {
    const untold = this.#waiting.filter(({ waits, told }) => (waits || tries) && !told);
    for (const waiting of untold) waiting.told = true;
    return untold.map(({ claim }) => claim.stamp);
  }

  /** Those that wait, but for the one that is granted: to be told to the heir. */
  handOver(granted: Stamp): QueuedClaim[] {
    const claims: QueuedClaim[] = [];
    for (const waiting of this.#waiting) {
      if (!waiting.waits || sameStamp(waiting.claim.stamp, granted)) continue;
      waiting.handed = true;
      claims.push(waiting.claim);
    }
    return claims;
  }

  /** Takes out those that the heir knows. */
  removeHanded(): void {
    this.#waiting = this.#waiting.filter(({ handed }) => !handed);
  }

  /** Takes out, and returns, all. */
  takeAll(): readonly Waiting[] {
    const all = this.#waiting;
    this.#waiting = [];
    return all;
  }

  #placeOf(stamp: Stamp): number {
    let low = 0;
    let high = this.#waiting.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const there = this.#waiting[middle] as Waiting;
      if (compareStamps(there.claim.stamp, stamp) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
