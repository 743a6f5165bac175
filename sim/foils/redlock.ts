/**
 * A foil: plain Redlock. Votes with a time to live, no fencing tokens, nothing on disk.
 *
 * Each voter is one of its Redis servers, each home one of its clients: asks all, has the lock when
 * a majority said yes before the votes can have run out, extends it while a majority does, and
 * tells its client when none did. Votes live in memory, and by the clock of their server.
 *
 * @see redis.io, "Distributed Locks with Redis"; Kleppmann, "How to do distributed locking" (2016)
 */

import { sameStamp } from '../../src/core/ballot.ts';
import type { Message } from '../../src/core/message.ts';
import type { LockName, PeerId, Stamp } from '../../src/core/types.ts';
import { FoilPeer, type Hold } from './foil-peer.ts';

/** Mean pause before a lock is asked for again (ms). */
const RETRY_MS = 100;

interface Vote {
  readonly stamp: Stamp;
  readonly until: number;
}

/** One question to all voters. */
interface Round {
  readonly hold: Hold;
  readonly askedAt: number;
  readonly giveUpAt: number;
  readonly yes: Set<PeerId>;
  readonly no: Set<PeerId>;
  /** Extends a lock that is held. */
  readonly extends: boolean;
}

/** A peer that is a server of Redlock, and a client of all servers. */
export class RedlockPeer extends FoilPeer {
  readonly #votes = new Map<LockName, Vote>();
  /** By the counter of the stamp: the newest question about it. */
  readonly #rounds = new Map<number, Round>();

  protected override acquire(hold: Hold, giveUpAt: number): void {
    this.#ask({ hold, giveUpAt, extends: false });
    const round = this.#rounds.get(hold.stamp.counter);
    this.after(this.options.settings.askMs, () => {
      if (this.#rounds.get(hold.stamp.counter) === round) this.#missed(hold, giveUpAt, round);
    });
  }

  protected override renew(hold: Hold): void {
    this.#ask({ hold, giveUpAt: this.now, extends: true });
  }

  #ask({ hold, giveUpAt, extends: extending }: Pick<Round, 'hold' | 'giveUpAt' | 'extends'>): void {
    const { lock, stamp, session } = hold;
    const round: Round = {
      hold,
      askedAt: this.now,
      giveUpAt,
      yes: new Set(),
      no: new Set(),
      extends: extending,
    };
    this.#rounds.set(stamp.counter, round);
    const claim = { session, attachment: 1, stamp };
    this.#tellAll({ kind: 'claim', lock, claim, waits: !extending });
  }

  #missed(hold: Hold, giveUpAt: number, round: Round | undefined): void {
    this.release(hold);
    if (!this.isWanted(hold)) return;
    const reached = (round?.yes.size ?? 0) + (round?.no.size ?? 0);
    if (this.now >= giveUpAt) {
      this.failed(hold, reached);
      return;
    }
    const pauseMs = Math.floor(RETRY_MS / 2) + (this.options.random() % RETRY_MS);
    this.after(pauseMs, () => {
      if (this.isWanted(hold)) this.acquire(hold, giveUpAt);
    });
  }

  protected override release({ lock, stamp }: Hold): void {
    this.#rounds.delete(stamp.counter);
    this.#tellAll({ kind: 'release', lock, stamp });
  }

  protected override meets(): void {}

  protected override hears(from: PeerId, message: Message): void {
    if (message.kind === 'claim') this.#vote(from, message);
    else if (message.kind === 'release') this.#forget(message.lock, message.stamp);
    else if (message.kind === 'granted') this.#count(from, message.stamp, true);
    else if (message.kind === 'held') this.#count(from, message.stamp, false);
  }

  // A server

  #vote(from: PeerId, { lock, claim, waits }: Extract<Message, { kind: 'claim' }>): void {
    const { stamp } = claim;
    const vote = this.#votes.get(lock);
    const isTheirs = vote !== undefined && sameStamp(vote.stamp, stamp);
    const isFree = vote === undefined || vote.until <= this.now;
    if (isTheirs ? isFree && !waits : !isFree || !waits) {
      this.send(from, { kind: 'held', lock, stamp });
      return;
    }
    this.#votes.set(lock, { stamp, until: this.now + this.ttlMs });
    this.send(from, { kind: 'granted', lock, stamp, token: 0 });
  }

  #forget(lock: LockName, stamp: Stamp): void {
    const vote = this.#votes.get(lock);
    if (vote !== undefined && sameStamp(vote.stamp, stamp)) this.#votes.delete(lock);
  }

  // A client

  #count(from: PeerId, stamp: Stamp, yes: boolean): void {
    const round = this.#rounds.get(stamp.counter);
    if (round === undefined || stamp.incarnation !== this.options.incarnation) return;
    const { hold, askedAt, giveUpAt } = round;
    (yes ? round.yes : round.no).add(from);
    const inTime = this.now - askedAt < this.ttlMs;
    if (round.yes.size >= this.quorum && inTime) {
      this.#rounds.delete(stamp.counter);
      if (!this.isWanted(hold)) this.release(hold);
      else if (round.extends) this.renewed(hold, askedAt);
      else this.acquired(hold, askedAt);
    } else if (!round.extends && round.no.size > this.#voters.length - this.quorum) {
      this.#missed(hold, giveUpAt, round);
    }
  }

  get #voters(): readonly PeerId[] {
    return this.options.configuration.voters;
  }

  #tellAll(message: Message): void {
    for (const voter of this.#voters) this.send(voter, message);
  }
}
