/**
 * When a voter last heard each home, and how long it would still refuse *expired* (rule 12).
 *
 * In memory only: a restart counts as having heard everybody at that moment, so a lease is never
 * shortened by what was forgotten. Judged by the voter's own clock.
 */
import type { Context } from './context.ts';
import { isHome, isOnlyHome, leaseOf } from './session.ts';
import type { Incarnation, Instant, PeerId, SessionRecord } from './types.ts';

/** Lives of one peer that are told apart: forgetting older ones delays an end, never hastens it. */
const INCARNATIONS_REMEMBERED = 8;

/** Who asks for *expired*. */
export interface Asker {
  readonly peer: PeerId;
  readonly incarnation: Incarnation;
}

/** What a voter noted of one session. */
export interface Vote {
  /** When this voter took a record with another home. */
  readonly takenAt: Instant;
  /** Whether the home that its record names vouches no more, by that home's own word. */
  readonly waived: boolean;
}

/** A voter's memory of who was heard. */
export class Lease {
  readonly #context: Context;
  readonly #heard = new Map<PeerId, Map<Incarnation, Instant>>();
  /** Whoever is not in the map counts as heard then. */
  #floor: Instant;

  constructor(context: Context) {
    this.#context = context;
    this.#floor = context.now.voter;
  }

  /** When this voter started, or the latest moment that it can no longer attribute. */
  get floor(): Instant {
    return this.#floor;
  }

  /** An epoch in which this voter takes part begins: everybody counts as heard now (rule 18). */
  beginAnew(): void {
    this.#heard.clear();
    this.#floor = this.#context.now.voter;
  }

  /** A heartbeat came. */
  heard(peer: PeerId, incarnation: Incarnation): void {
    let lives = this.#heard.get(peer);
    if (lives === undefined) {
      lives = new Map();
      this.#heard.set(peer, lives);
    }
    lives.set(incarnation, this.#context.now.voter);
    if (lives.size > INCARNATIONS_REMEMBERED) this.#forgetOldest(lives);
  }

  #forgetOldest(lives: Map<Incarnation, Instant>): void {
    const oldest = Math.min(...lives.keys());
    this.#floor = Math.max(this.#floor, lives.get(oldest) ?? this.#floor);
    lives.delete(oldest);
  }

  /**
   * How long *expired* would still be refused (ms); 0: it may be accepted.
   *
   * @param mine - the record that this voter holds, if any
   * @param read - the record as the writer read it
   * @param vote - what this voter noted of the session
   * @param asker - not waited for, if it is itself the home
   */
  left(mine: SessionRecord | null, read: SessionRecord, vote: Vote, asker: Asker): number {
    const { settings, now } = this.#context;
    const records = mine === null ? [read] : [mine, read];
    // A restart, or an epoch, may hide another home's lease only where there was another.
    if (records.every((record) => isOnlyHome(record, asker.peer, asker.incarnation))) return 0;
    const lease = Math.max(leaseOf(read, settings), mine === null ? 0 : leaseOf(mine, settings));
    // Whatever it took before, another home may have vouched until then (rule 18).
    let since = Math.max(this.#floor, vote.takenAt);
    for (const record of records) {
      if (isHome(record, asker.peer, asker.incarnation)) continue;
      if (vote.waived && mine !== null && isHome(mine, record.home, record.incarnation)) continue;
      since = Math.max(since, this.#heardAt(record.home, record.incarnation));
    }
    return Math.max(0, since + lease - now.voter);
  }

  #heardAt(peer: PeerId, incarnation: Incarnation): Instant {
    return Math.max(this.#floor, this.#heard.get(peer)?.get(incarnation) ?? this.#floor);
  }
}
