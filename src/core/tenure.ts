/**
 * For how long a keeper has known what it knows of its lock, and whether that can be relied upon.
 *
 * To reach a quorum is not enough: a voter that never promised the lock to this keeper does not
 * tell it when it promises the lock to another. Who did promise says so before it answers any later
 * heartbeat on that channel, and on a new one it is asked before that: so what a quorum of those
 * answers proves that the lock was still this keeper's when they were asked (rules 8 and 11). Owns
 * what is known of the voters' promises; what is done in doubt is the lock's affair.
 */
import type { Context } from './context.ts';
import type { Links } from './links.ts';
import type { Instant } from './types.ts';

/** The time for which one lock is kept. */
export class Tenure {
  readonly #context: Context;
  readonly #links: Links;
  /** Voters that promised the lock to this keeper, by bit; more may come. */
  #promisedBy: () => number = () => 0;
  /** When a quorum of them was last asked to. */
  #askedAt: Instant = Number.NEGATIVE_INFINITY;
  /** When it was seen to have: from then on voters are asked over each new channel. */
  #provenAt: Instant = Number.NEGATIVE_INFINITY;
  /** When the holder was first known of. */
  #heldSince: Instant;

  constructor(context: Context, links: Links) {
    this.#context = context;
    this.#links = links;
    this.#heldSince = context.instant;
  }

  /**
   * A quorum has just promised, or accepted, which promises what comes next.
   *
   * @param askedAt - when they were asked to: each did since then
   * @param promisedBy - those voters, by bit
   * @param isNew - whether another holds the lock than the one known of
   */
  proven(askedAt: Instant, promisedBy: () => number, isNew: boolean): void {
    this.#promisedBy = promisedBy;
    this.#askedAt = askedAt;
    this.#provenAt = this.#context.instant;
    if (isNew) this.#heldSince = this.#provenAt;
  }

  /** For how long the present holder has been known of. */
  get heldMs(): number {
    return this.#context.instant - this.#heldSince;
  }

  /** Whether the lock was surely still kept here within the last `suspectMs`. */
  get isSure(): boolean {
    const { instant, settings, voters, quorum } = this.#context;
    if (instant - this.#askedAt < settings.suspectMs) return true;
    const promisedBy = this.#promisedBy();
    const counts = (voter: number) => (promisedBy & (1 << voter)) !== 0;
    return voters.filter((_, voter) => counts(voter) && this.#speaks(voter)).length >= quorum;
  }

  /** Whether that voter lately had the chance to say that it has promised the lock to another. */
  #speaks(voter: number): boolean {
    const openedAt = this.#links.openedAt(voter);
    // What it said between its promise and a later channel is lost, and nobody asked it there.
    const isHeard = openedAt <= this.#askedAt || openedAt > this.#provenAt;
    return isHeard && this.#links.answersOnChannel(voter);
  }
}
