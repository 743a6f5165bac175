/**
 * One session at its home: its record, who still counts for it, and until when it is valid.
 *
 *   blank ──first lock──▶ live ──end──▶ ending ──expired is chosen──▶ gone
 *     (no record yet)       └──validity over, or moved──▶ ending or gone, by its owner
 *
 * Owns the writes of the session's register from here (rules 5, 13, 15, 17 of the attacks). Knows
 * nothing of claims or connections: that is the home's part.
 */
import { nextBallot, sameBallot } from './ballot.ts';
import type { Context } from './context.ts';
import { CountedVoters } from './counted-voters.ts';
import type { Links } from './links.ts';
import type { Moved } from './message.ts';
import { isMaker, sessionRegister } from './names.ts';
import type { Read } from './read.ts';
import { expired, isHome, leaseFor, vouchedFor } from './session.ts';
import type { Ballot, Instant, PeerId, RegisterName, SessionId, SessionRecord } from './types.ts';
import type { Write, WriteOwner, Writer } from './writer.ts';

/** When a session that cannot be vouched for yet is looked at again. */
const SOON_MS = 20;

/** What a session tells its home. */
export interface SessionOwner {
  /** Its record, as it now is, was chosen. */
  recordChosen(): void;
  /** Another home has it, or it was expired by others: nothing of it may be vouched for. */
  sessionGone(): void;
  /** *Expired*, as this home wanted it, is chosen. */
  sessionEnded(): void;
}

/** A session's record as seen and written by its home. */
export class HomeSession implements WriteOwner {
  readonly id: SessionId;
  readonly register: RegisterName;
  readonly #context: Context;
  readonly #links: Links;
  readonly #writer: Writer;
  readonly #owner: SessionOwner;
  /** What the record should be. */
  #wanted: SessionRecord;
  /** What was chosen last. */
  #chosen: SessionRecord | null = null;
  /** The ballot that was promised to this home, if it still is. */
  #ballot: Ballot | null = null;
  #write: Write | null = null;
  #retrying = false;
  #ended = false;
  #attempts = 0;
  readonly #counted: CountedVoters;
  /** When it became a session of this home: taken over, or its first record chosen. */
  #begunAt: Instant = Number.NEGATIVE_INFINITY;
  /** When its first record was first sent. */
  #sentAt: Instant = Number.POSITIVE_INFINITY;
  /** Whether its owner knows that its record is chosen. */
  #isTold = false;
  /** The ballot of another record that voters said they hold, and which of them did. */
  #movedTo: Ballot | null = null;
  readonly #movedBy = new Set<number>();

  constructor(
    parts: { context: Context; links: Links; writer: Writer; owner: SessionOwner },
    id: SessionId,
    wanted: SessionRecord,
  ) {
    this.id = id;
    this.register = sessionRegister(id);
    this.#context = parts.context;
    this.#links = parts.links;
    this.#writer = parts.writer;
    this.#owner = parts.owner;
    this.#wanted = wanted;
    this.#counted = new CountedVoters(parts.context, parts.links);
  }

  /** Whether the session's record is chosen, and its owner was told: a lock may name it (rule 15). */
  get isChosen(): boolean {
    return this.#isTold;
  }

  /** Whether a record was ever sent to a voter. */
  get isBlank(): boolean {
    return this.#chosen === null && this.#write === null && !this.#retrying;
  }

  get isEnding(): boolean {
    return this.#wanted.state === 'expired';
  }

  get attachment(): number {
    return this.#wanted.attachment;
  }

  /** That of the record that was chosen last; 0: none was. */
  get chosenAttachment(): number {
    return this.#chosen?.attachment ?? 0;
  }

  /** A shorter time-out counts at once, a longer one when it is chosen (rule 15). */
  get timeoutMs(): number {
    return Math.min(this.#wanted.timeoutMs, this.#chosen?.timeoutMs ?? this.#wanted.timeoutMs);
  }

  /** Whether all that was asked to be written is chosen. */
  get isSettled(): boolean {
    return this.#chosen === this.#wanted;
  }

  /** Until when a quorum of voters lets this home vouch for the session (rule 13). */
  get validUntil(): Instant {
    return this.#counted.answeredAt + this.#vouchedMs;
  }

  get isValid(): boolean {
    return this.isChosen && !this.isEnding && this.#context.instant < this.validUntil;
  }

  /** Whether it was once vouched for beyond this moment, by voters that may count no longer. */
  get isReliedOn(): boolean {
    return this.#context.instant < this.#counted.furthestAnsweredAt + this.#vouchedMs;
  }

  /** Writes the first record: unprepared, if this very peer made the id (rule 5). */
  createRecord(): void {
    if (!this.isBlank) return;
    const { configuration, self, incarnation } = this.#context;
    if (!isMaker(this.id, self, incarnation)) {
      this.#begin();
      return;
    }
    this.#sentAt = this.#context.instant;
    const ballot = { epoch: configuration.epoch, round: 0, peer: self, incarnation };
    const write = this.#writer.propose(this.register, ballot, this.#wanted, this);
    this.#write = write;
    // It may be forgotten by then, and a voter's restart forgets that: it would be taken for new.
    this.#context.after(this.#vouchedMs, () => {
      if (write === this.#write) this.#retry(0);
    });
  }

  /** Begins with a record that a write of someone else's on this peer had chosen. */
  adopt(record: SessionRecord, write: Write): void {
    this.#wanted = record;
    this.#chosen = record;
    this.#ballot = nextBallot(write.ballot, write.heir, write.heirIncarnation);
    this.#counted.adopt(write.acceptedBy);
    this.#begunAt = this.#context.instant;
    this.#isTold = true;
  }

  /**
   * Whether it began here just now, and no quorum has answered a heartbeat since the epoch began:
   * nothing is vouched for yet, and nothing lost.
   */
  get isNew(): boolean {
    const { instant, settings } = this.#context;
    const isUnheard = this.#counted.answeredAt === Number.NEGATIVE_INFINITY;
    return isUnheard && instant - this.#begunAt < settings.answerMs;
  }

  /** The epoch ends: what is valid in it stands to its end, and nobody counts any more. */
  epochEnding(): void {
    this.#counted.epochEnding();
    this.#movedTo = null;
    this.#movedBy.clear();
  }

  /** Another epoch has begun: what was being written is written anew, and prepared. */
  epochBegun(): void {
    this.#counted.epochBegun();
    this.#ballot = null;
    if (this.#write !== null && !this.#retrying) this.#retry(0);
  }

  setTimeoutMs(timeoutMs: number): void {
    this.#want({ ...this.#wanted, timeoutMs });
  }

  /** Comes back to a client here: it may have been elsewhere meanwhile (rule 16). */
  reattach(): void {
    this.#want({ ...this.#wanted, attachment: this.#wanted.attachment + 1 });
  }

  /** Ends it for good, as its home: nobody need learn any more that it lived here. */
  end(): void {
    this.#writer.dropLive(this.register);
    this.#want(expired(this.#wanted));
  }

  /** Writes nothing more and counts nothing more: another took over. */
  letGo(): void {
    this.#ended = true;
    this.#writer.drop(this.#write);
    this.#writer.dropLive(this.register);
    this.#write = null;
  }

  #want(record: SessionRecord): void {
    const blank = this.isBlank;
    this.#wanted = record;
    if (blank || this.#write !== null || this.#retrying) return;
    this.#begin();
  }

  #begin(): void {
    if (this.#ended) return;
    if (this.isEnding) this.#writer.dropLive(this.register);
    const ballot = this.#ballot;
    this.#ballot = null;
    this.#counted.writes();
    this.#write =
      ballot === null
        ? this.#writer.prepare(this.register, this)
        : this.#writer.propose(this.register, ballot, this.#wanted, this);
  }

  #retry(delayMs: number): void {
    this.#writer.drop(this.#write);
    this.#write = null;
    this.#ballot = null;
    if (this.#retrying) return;
    this.#retrying = true;
    this.#context.after(delayMs, () => {
      this.#retrying = false;
      this.#begin();
    });
  }

  /** A higher attachment at this home is that of a later life of the session here (R14). */
  #isOurs(record: SessionRecord): boolean {
    const { self, incarnation } = this.#context;
    return isHome(record, self, incarnation) && record.attachment <= this.#wanted.attachment;
  }

  onRead(write: Write, read: Read): void {
    if (write !== this.#write) return;
    const record = read.record as SessionRecord | null;
    const known = record === null ? this.#mayBeUnknown : this.#isOurs(record);
    const ours = known && record?.state !== 'expired';
    if (ours && record !== null && this.isEnding && !read.certain) {
      // Voters that still name a former home would wait for its silence: they learn of this one.
      this.#writer.accept(write, record);
    } else if (ours || this.#isProvenOurs(read)) this.#writeWanted(write);
    else if (record?.state === 'expired' && this.isEnding && !read.certain) {
      this.#writer.accept(write, record);
    } else if (read.certain || this.isEnding) this.#gone(record);
    else if (write.promises.length === this.#context.quorum) this.#awaitProof(write, record);
  }

  #writeWanted(write: Write): void {
    this.#sentAt = Math.min(this.#sentAt, this.#context.instant);
    this.#writer.accept(write, this.#wanted);
  }

  /** A first record that was under way for a lease may have been taken, ended and forgotten. */
  get #mayBeUnknown(): boolean {
    return this.#chosen === null && this.#context.instant - this.#sentAt < this.#vouchedMs;
  }

  get #vouchedMs(): number {
    const { settings } = this.#context;
    return vouchedFor(leaseFor(this.timeoutMs, settings), settings);
  }

  /** Whatever others wrote was not chosen, and what may have been is ours still (R17). */
  #isProvenOurs({ possible }: Read): boolean {
    if (possible === null) return this.#mayBeUnknown;
    return possible.kind === 'session' && possible.state === 'live' && this.#isOurs(possible);
  }

  /** Further promises may yet prove the other record unchosen; without, it is taken for chosen. */
  #awaitProof(write: Write, record: SessionRecord | null): void {
    this.#context.after(this.#context.settings.askMs, () => {
      if (write === this.#write && write.phase === 'preparing') this.#gone(record);
    });
  }

  #gone(record: SessionRecord | null): void {
    const over = this.isEnding && record?.state !== 'live';
    this.letGo();
    if (over) this.#owner.sessionEnded();
    else this.#owner.sessionGone();
  }

  onChosen(write: Write): void {
    if (write !== this.#write) return;
    if (this.#chosen === null) this.#begunAt = this.#context.instant;
    this.#chosen = write.record as SessionRecord;
    this.#ballot = nextBallot(write.ballot, write.heir, write.heirIncarnation);
    this.#counted.chosen(write.acceptedBy);
    this.#attempts = 0;
    this.#write = null;
    if (this.#chosen.state === 'expired') this.#gone(this.#chosen);
    else {
      this.#tellChosen();
      if (!this.isSettled && this.#write === null) this.#begin();
    }
  }

  /** At once, but for a session that begins with an epoch: that is vouched for in a moment. */
  #tellChosen(): void {
    if (this.#ended) return;
    if (!this.#isTold && this.isNew) {
      this.#context.after(SOON_MS, () => this.#tellChosen());
      return;
    }
    this.#isTold = true;
    this.#owner.recordChosen();
  }

  onAccepted(write: Write, voter: number): void {
    if (write === this.#write) this.#counted.countNext(voter);
    else if (write.record === this.#chosen) this.#counted.count(voter);
  }

  /** Whoever was promised more may write nothing, and this voter would never count here. */
  onMissed(write: Write, voter: number): void {
    if (write.record === this.#chosen) this.#bringTo(voter);
  }

  onRefused(write: Write, promised: Ballot, leaseLeftMs: number): void {
    if (write !== this.#write) return;
    this.#attempts = Math.min(this.#attempts + 1, 3);
    if (leaseLeftMs > 0) this.#retryAfter(write, leaseLeftMs + 1);
    // Not refused, but to be asked anew over a new channel.
    else if (sameBallot(promised, write.ballot)) this.#retry(0);
    else this.#retry(this.#context.jittered(this.#context.settings.backoffMs << this.#attempts));
  }

  /** A voter that waits for a lease refuses alone: a quorum may accept all the same meanwhile. */
  #retryAfter(write: Write, delayMs: number): void {
    this.#context.after(delayMs, () => {
      if (write !== this.#write) return;
      this.#doubt(write.record as SessionRecord);
      this.#retry(0);
    });
  }

  /** What another home left is not accepted while that is heard: it is to write it itself. */
  #doubt({ home }: SessionRecord): void {
    if (home !== this.#context.self) this.#context.send(home, { kind: 'doubt', session: this.id });
  }

  /** Somebody else was promised the register: the next write prepares. */
  superseded(): void {
    this.#ballot = null;
  }

  /** A voter counts no longer, and says which record it holds (rule 13). */
  moved(voter: number, { ballot, record }: Moved): void {
    if (voter < 0 || this.#ended || (record.state === 'live' && this.#isOurs(record))) return;
    this.#counted.drop(voter);
    this.#ballot = null;
    if (this.#isMovedByQuorum(voter, ballot)) this.#gone(record);
    else if (this.#write === null && !this.#retrying) {
      // A take-over that goes on is given the time to finish; a lone *expired* is answered at once.
      this.#retry(record.state === 'expired' ? 0 : this.#context.settings.askMs);
    }
  }

  #isMovedByQuorum(voter: number, ballot: Ballot): boolean {
    if (this.#movedTo === null || !sameBallot(this.#movedTo, ballot)) {
      this.#movedTo = ballot;
      this.#movedBy.clear();
    }
    this.#movedBy.add(voter);
    return this.#movedBy.size >= this.#context.quorum;
  }

  /** A new channel: what the voter said before counts as far as it went (rule 13). */
  channelOpened(voter: number): void {
    this.#counted.channelOpened(voter);
  }

  /** On a new channel the voter confirmed that it holds the record, or the one being written. */
  confirmed(voter: number, attachment: number): void {
    if (this.#chosen?.attachment === attachment) this.#counted.count(voter);
    const next = this.#write?.record as SessionRecord | null | undefined;
    const accepted = ((this.#write?.acceptedBy ?? 0) & (1 << voter)) !== 0;
    if (accepted && next?.attachment === attachment) this.#counted.countNext(voter);
  }

  /**
   * On a new channel the voter said that it does not hold the record. If it did once, it holds
   * another by now, as whose it said over a channel that broke.
   */
  unconfirmed(from: PeerId): void {
    const voter = this.#context.voterIndex(from);
    if (this.isSettled && this.#counted.isFrozen(voter)) this.#counted.drop(voter);
    // If it merely missed the record, the writer's catching up will have mended that by then.
    this.#bringTo(voter);
  }

  /** Writes its record again if that voter does not hold it a while from now, and is there. */
  #bringTo(voter: number): void {
    this.#context.after(this.#context.settings.askMs, () => {
      const peer = this.#context.voters[voter];
      if (peer === undefined || this.#counted.counts(voter) || !this.#links.isOpen(peer)) return;
      const isIdle = !this.#ended && this.#write === null && !this.#retrying;
      if (isIdle && this.#chosen !== null) this.#retry(0);
    });
  }
}
