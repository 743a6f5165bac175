/**
 * Changes of one lock's record that were asked of its keeper, besides the claims that wait: claims
 * to be released, and a session that moved and takes the lock along (rules 9 and 16).
 *
 * Owns what is still to be done; when it is done, the keeper's writes decide.
 */
import { sameStamp } from './ballot.ts';
import { isHeldBy, reclaimedBy } from './lock.ts';
import type { QueuedClaim } from './message.ts';
import type { LockRecord, Stamp, Token } from './types.ts';

/** A session that moved here and takes its lock along (rule 16). */
export interface Reclaim {
  readonly claim: QueuedClaim;
  /** The token, once chosen; `null`: the lock is not, or no longer, that session's to take. */
  readonly done: (token: Token | null) => void;
  /** The keeping was lost first: to be tried again. */
  readonly again: () => void;
}

/** Requests that wait for a write. */
export class Requests {
  #releases: Stamp[] = [];
  #reclaim: Reclaim | null = null;

  get isEmpty(): boolean {
    return this.#releases.length === 0 && this.#reclaim === null;
  }

  /** Claims that are to be released. */
  get releases(): readonly Stamp[] {
    return this.#releases;
  }

  release(stamp: Stamp): void {
    if (!this.isReleased(stamp)) this.#releases.push(stamp);
  }

  isReleased(stamp: Stamp): boolean {
    return this.#releases.some((other) => sameStamp(other, stamp));
  }

  /** Takes out, and returns, the claims that a chosen record does not name any more. */
  takeReleased(record: LockRecord): readonly Stamp[] {
    if (this.#releases.length === 0) return [];
    const done = this.#releases.filter((stamp) => !isHeldBy(record, stamp));
    this.#releases = this.#releases.filter((stamp) => isHeldBy(record, stamp));
    return done;
  }

  /** Only the latest of a session's moves counts. */
  reclaim(reclaim: Reclaim): void {
    this.#reclaim?.again();
    this.#reclaim = reclaim;
  }

  /** The record written again for the session that moved here, unless a later move did so (R24). */
  reclaimed(record: LockRecord): LockRecord | null {
    const { holder } = record;
    if (this.#reclaim === null || holder === null) return null;
    const { claim } = this.#reclaim;
    if (holder.session !== claim.session || holder.attachment >= claim.attachment) return null;
    return reclaimedBy(record, claim);
  }

  /** By a chosen record that needs no change for it. */
  answerReclaim(record: LockRecord): void {
    const reclaim = this.#reclaim;
    this.#reclaim = null;
    reclaim?.done(isHeldBy(record, reclaim.claim.stamp) ? record.token : null);
  }

  /** The keeping is lost. */
  giveUpReclaim(): void {
    const reclaim = this.#reclaim;
    this.#reclaim = null;
    reclaim?.again();
  }
}
