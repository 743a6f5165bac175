/**
 * Changes of one lock's record that were asked of its keeper, besides the claims that wait: claims
 * to be released, and a session that moved and takes the lock along (rules 9 and 16).
 *
 * Owns what is still to be done; when it is done, the keeper's writes decide.
 */
import { sameStamp } from './ballot.ts';
import { isHeldBy, reclaimedBy } from './lock.ts';
import type { QueuedClaim } from './message.ts';
import type { LockRecord, SessionId, Stamp, Token } from './types.ts';

/** A session that moved here and takes its lock along (rule 16). */
export interface Reclaim {
  readonly claim: QueuedClaim;
  /** Whether what is read of the lock was asked for after this: else a no is not certain. */
  readonly isFresh: boolean;
  /** The token, once chosen; `null`: the lock is not, or no longer, that session's to take. */
  readonly done: (token: Token | null) => void;
  /** The keeping was lost first: to be tried again. */
  readonly again: () => void;
}

/** A claim that is to be released. */
interface Release {
  readonly stamp: Stamp;
  /** Whether its home was told to wait since it asked last. */
  told: boolean;
}

/** Requests that wait for a write. */
export class Requests {
  #releases: Release[] = [];
  /** By session. */
  readonly #reclaims = new Map<SessionId, Reclaim>();
  /** The queue that an heir was told of: who lets go of a claim in it is to ask there. */
  handedOver: readonly QueuedClaim[] = [];

  get isEmpty(): boolean {
    return this.#releases.length === 0 && this.#reclaims.size === 0;
  }

  /** Claims that are to be released. */
  get releases(): readonly Stamp[] {
    return this.#releases.map(({ stamp }) => stamp);
  }

  release(stamp: Stamp): void {
    const there = this.#find(stamp);
    if (there === undefined) this.#releases.push({ stamp, told: false });
    else there.told = false;
  }

  isReleased(stamp: Stamp): boolean {
    return this.#find(stamp) !== undefined;
  }

  #find(stamp: Stamp): Release | undefined {
    return this.#releases.find((other) => sameStamp(other.stamp, stamp));
  }

  /** Claims that are to be released whose homes were not told to wait: now they are. */
  takeUntold(): readonly Stamp[] {
    const untold = this.#releases.filter(({ told }) => !told);
    for (const release of untold) release.told = true;
    return untold.map(({ stamp }) => stamp);
  }

  /**
   * Takes out, and returns, those that a chosen record does not name, nor an heir may grant.
   *
   * @param before - the record before that: whom it named is released, whoever wrote since
   * @param isSure - whether nobody has written since
   */
  takeReleased(record: LockRecord, before: LockRecord, isSure: boolean): readonly Stamp[] {
    if (this.#releases.length === 0) return [];
    const isNamed = (stamp: Stamp) => isHeldBy(record, stamp) || this.#isHandedOver(stamp);
    const isDone = (stamp: Stamp) => !isNamed(stamp) && (isSure || isHeldBy(before, stamp));
    const done = this.releases.filter(isDone);
    this.#releases = this.#releases.filter(({ stamp }) => !isDone(stamp));
    return done;
  }

  #isHandedOver(stamp: Stamp): boolean {
    return this.handedOver.some((claim) => sameStamp(claim.stamp, stamp));
  }

  /** Only the latest of a session's moves counts. */
  reclaim(reclaim: Reclaim): void {
    const { session } = reclaim.claim;
    this.#reclaims.get(session)?.again();
    this.#reclaims.set(session, reclaim);
  }

  /** The record written again for the session that moved here, unless a later move did so (R24). */
  reclaimed(record: LockRecord): LockRecord | null {
    const { holder } = record;
    const claim = holder === null ? undefined : this.#reclaims.get(holder.session)?.claim;
    if (holder === null || claim === undefined) return null;
    return holder.attachment >= claim.attachment ? null : reclaimedBy(record, claim);
  }

  /** By a chosen record that needs no change for any of them. */
  answerReclaims(record: LockRecord): void {
    for (const { claim, isFresh, done, again } of this.#takeReclaims()) {
      if (isHeldBy(record, claim.stamp)) done(record.token);
      else if (isFresh) done(null);
      else again();
    }
  }

  /** What was being written is in vain: who was to be the heir is none, and all is read anew. */
  passedOver(): void {
    this.handedOver = [];
    this.giveUpReclaims();
  }

  /** The keeping is lost. */
  giveUpReclaims(): void {
    for (const { again } of this.#takeReclaims()) again();
  }

  #takeReclaims(): readonly Reclaim[] {
    const all = [...this.#reclaims.values()];
    this.#reclaims.clear();
    return all;
  }
}
