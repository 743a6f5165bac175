/**
 * Which voters let a home vouch for one session, and since when (rule 13).
 *
 *   not counted ◀──holds another record── counted ──new channel──▶ frozen ──confirmed──▶ counted
 *
 * Owns what each voter counts for. What it says of the session's record is the session's matter.
 */
import type { Context } from './context.ts';
import type { Links } from './links.ts';
import { nthLargest } from './quorum.ts';
import type { Instant } from './types.ts';

/** The voters that count for one session at its home, by their index. */
export class CountedVoters {
  readonly #context: Context;
  readonly #links: Links;
  /** Those that hold the chosen record and said so on the channel that stands, by bit. */
  #now = 0;
  /** The same of the record being written. */
  #next = 0;
  /** By voter: how far it counted when its channel broke, until it has confirmed. */
  #frozen: Instant[] = [];
  /** How far a quorum of the epoch before had answered: that stands to its end. */
  #standing: Instant = Number.NEGATIVE_INFINITY;
  /** How far a quorum has answered at most, by voters some of which do not count any more. */
  #furthest: Instant = Number.NEGATIVE_INFINITY;

  constructor(context: Context, links: Links) {
    this.#context = context;
    this.#links = links;
    this.epochBegun();
  }

  /** When the newest heartbeat was sent that a quorum of them has answered. */
  get answeredAt(): Instant {
    const counting = this.#now | this.#next;
    const since = this.#frozen.map((frozen, voter) =>
      (counting & (1 << voter)) !== 0 ? this.#links.answeredAt(voter) : frozen,
    );
    const { quorum } = this.#context;
    return Math.max(this.#standing, nthLargest(since, quorum, Number.NEGATIVE_INFINITY));
  }

  /** The same at its latest: what was said by it stands, whoever counts no longer since. */
  get furthestAnsweredAt(): Instant {
    return Math.max(this.#furthest, this.answeredAt);
  }

  counts(voter: number): boolean {
    return ((this.#now | this.#next) & (1 << voter)) !== 0;
  }

  /** Whether it held the record that is chosen, and has not said so on the channel that stands. */
  isFrozen(voter: number): boolean {
    return (this.#frozen[voter] ?? Number.NEGATIVE_INFINITY) > Number.NEGATIVE_INFINITY;
  }

  /** It holds the chosen record. */
  count(voter: number): void {
    this.#now |= 1 << voter;
  }

  /** It holds the record being written. */
  countNext(voter: number): void {
    this.#next |= 1 << voter;
  }

  /** It holds another record, and counts for nothing. */
  drop(voter: number): void {
    this.#furthest = this.furthestAnsweredAt;
    this.#now &= ~(1 << voter);
    this.#next &= ~(1 << voter);
    this.#frozen[voter] = Number.NEGATIVE_INFINITY;
  }

  /** The session begins here with a record that is chosen; it may have been here just before. */
  adopt(acceptedBy: number): void {
    this.#now = acceptedBy;
    this.#furthest = this.#context.instant;
  }

  /** Another record is being written. */
  writes(): void {
    this.#furthest = this.furthestAnsweredAt;
    this.#next = 0;
  }

  /** It is chosen: who did not accept it counts for nothing, as far as was said before. */
  chosen(acceptedBy: number): void {
    this.#furthest = this.furthestAnsweredAt;
    this.#now = this.#next;
    this.#next = 0;
    for (const voter of this.#frozen.keys()) {
      if ((acceptedBy & (1 << voter)) === 0) this.#frozen[voter] = Number.NEGATIVE_INFINITY;
    }
  }

  /** What the voter said before counts as far as it went. */
  channelOpened(voter: number): void {
    if (!this.counts(voter)) return;
    this.#frozen[voter] = this.#links.answeredAt(voter);
    this.#now &= ~(1 << voter);
    this.#next &= ~(1 << voter);
  }

  /** What is valid in the epoch stands to its end, and nobody counts any more. */
  epochEnding(): void {
    this.#standing = this.answeredAt;
    this.#now = 0;
    this.#next = 0;
  }

  epochBegun(): void {
    this.#frozen = this.#context.voters.map(() => Number.NEGATIVE_INFINITY);
  }
}
