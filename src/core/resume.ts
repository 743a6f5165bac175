/**
 * Taking a session over from another peer (rule 16), one attempt.
 *
 *   reading ──its home is heard──▶ asking ──detached or silent──▶ writing ──chosen──▶ listing
 *      │                              └──attached──▶ refused                             │
 *      └──expired, or unknown to its maker──▶ refused      resumed ◀──all written── reclaiming
 *
 * Owns the order of those steps, and who waits for the last. Until then the session takes no other
 * claim, and this home answers every question about it with "lives" (R23, R29). Where two rounds of
 * the voters take longer than a client waits, the attempt outlasts its client by as long again:
 * whoever comes back meanwhile joins it, and what is decided already is not begun anew. Nothing is
 * begun anew for which nobody waits, nor decided: what was read is kept for whoever joins.
 */
import type { Timer } from './agenda.ts';
import { sameBallot } from './ballot.ts';
import type { Client } from './client.ts';
import type { RefusalReason } from './command.ts';
import type { Context } from './context.ts';
import type { Keeper } from './keeper.ts';
import type { Lanes } from './lanes.ts';
import type { Links } from './links.ts';
import { Listing } from './listing.ts';
import type { Holding, QueuedClaim, Resumed } from './message.ts';
import { isMakersOwn, sessionRegister } from './names.ts';
import { Question } from './question.ts';
import type { Read } from './read.ts';
import { firstRecord, movedTo } from './session.ts';
import type {
  Ballot,
  ConnectionId,
  Instant,
  LockName,
  PeerId,
  SessionId,
  SessionRecord,
} from './types.ts';
import type { Write, WriteOwner, Writer } from './writer.ts';

/** When it is looked again whether a session that was taken over can be vouched for. */
const VOUCH_AGAIN_MS = 20;

/** How an attempt ended. */
export type ResumeOutcome =
  | { readonly kind: 'resumed'; readonly locks: number }
  | { readonly kind: 'refused'; readonly reason: RefusalReason }
  | { readonly kind: 'indeterminate' };

/** Who waits for an attempt; told once, unless the connection ends first. */
export interface ResumeWaiter {
  readonly connection: ConnectionId;
  /** Its client can say nothing more: only that it may hear is why it is not gone. */
  readonly mayBeGone: () => boolean;
  readonly finished: (outcome: ResumeOutcome) => void;
}

/** What an attempt needs. */
export interface ResumeParts {
  readonly context: Context;
  readonly links: Links;
  readonly writer: Writer;
  readonly keeper: Keeper;
  /** Only so many locks are written again at a time. */
  readonly reclaims: Lanes<SessionId, QueuedClaim>;
  /** Makes the session this home's; its record was chosen by that write, or it has none yet. */
  readonly adopt: (record: SessionRecord, write: Write | null) => Client;
  /** The attempt is over; called before whoever waits for it is told. */
  readonly finished: () => void;
}

/** How often a pause doubles, from `backoffMs` on: until it is as long as slow rounds of voters. */
const DOUBLINGS_MAX = 5;

/** One attempt to take one session over. */
export class Resume implements WriteOwner {
  readonly #parts: ResumeParts;
  readonly session: SessionId;
  #write: Write | null = null;
  #record: SessionRecord | null = null;
  /** What was read last; `null`: nothing yet. */
  #read: Read | null = null;
  /** Of a first record that is not certain: how many voters do not know the session. */
  #unknown = 0;
  /** Whether its home has let it go before the latest read. */
  #readAfter = false;
  #client: Client | null = null;
  readonly #question: Question;
  readonly #listing: Listing;
  /** Locks not yet written again, each with the one claim that takes it, however often tried. */
  readonly #reclaiming = new Map<LockName, QueuedClaim>();
  /** `null`: nobody, for now. */
  #waiter: ResumeWaiter | null = null;
  #joinedAt: Instant = 0;
  #patience: Timer | null = null;
  #begunAt: Instant = 0;
  #outrun = 0;
  #over = false;

  constructor(parts: ResumeParts, session: SessionId) {
    this.#parts = parts;
    this.session = session;
    this.#question = new Question(parts, session, (answer) => this.#answered(answer));
    this.#listing = new Listing(parts, session, (names) => this.#reclaimAll(names));
  }

  /** Whose connection is the session's once it is this home's. */
  get connection(): ConnectionId | null {
    return this.#waiter?.connection ?? null;
  }

  /** Whether somebody else may wait for this attempt now. */
  get isOpen(): boolean {
    return this.#waiter === null || this.#waiter.mayBeGone();
  }

  /** Waits for this attempt from now on; whoever did before is told that another does. */
  join(waiter: ResumeWaiter): void {
    this.#waiter?.finished({ kind: 'refused', reason: 'attached' });
    this.#waiter = waiter;
    this.#joinedAt = this.#parts.context.instant;
    this.#client?.attach(waiter.connection);
    this.#bePatient(() => this.#keepWaiting());
    if (this.#write !== null && this.#read !== null) this.onRead(this.#write, this.#read);
  }

  /** Whether somebody waits. A client that can say nothing more may be gone after a while. */
  get #isWanted(): boolean {
    const { instant, settings } = this.#parts.context;
    if (!this.isOpen) return true;
    return this.#waiter !== null && instant - this.#joinedAt < settings.askMs;
  }

  /** That connection has ended: whoever waited there may come back over another. */
  left(connection: ConnectionId): void {
    if (this.connection !== connection) return;
    this.#waiter = null;
    this.#client?.detach();
    this.#bePatient(() => this.#giveUp());
  }

  #bePatient(then: () => void): void {
    const { context } = this.#parts;
    context.agenda.cancel(this.#patience);
    this.#patience = context.after(context.settings.answerMs, then);
  }

  /** Once the session is this home's, its validity is the bound: it is told as lost. */
  #keepWaiting(): void {
    if (this.#client !== null) return;
    const waiter = this.#waiter;
    this.#waiter = null;
    this.#bePatient(() => this.#giveUp());
    waiter?.finished({ kind: 'indeterminate' });
  }

  #giveUp(): void {
    if (this.#client === null) this.#finish({ kind: 'indeterminate' });
  }

  begin(): void {
    this.#begunAt = this.#parts.context.instant;
    this.#unknown = 0;
    this.#read = null;
    this.#write = this.#parts.writer.prepare(sessionRegister(this.session), this);
  }

  /** The session was lost again before all its locks were written. */
  clientGone(client: Client): void {
    if (client === this.#client) this.#finish({ kind: 'indeterminate' });
  }

  #finish(outcome: ResumeOutcome): void {
    if (this.#over) return;
    this.#over = true;
    this.#listing.stop();
    this.#stopReclaiming();
    this.#parts.context.agenda.cancel(this.#patience);
    this.#parts.writer.drop(this.#client === null ? this.#write : null);
    this.#parts.finished();
    this.#waiter?.finished(outcome);
  }

  #refuse(reason: RefusalReason): void {
    this.#finish({ kind: 'refused', reason });
  }

  /** Of use only while somebody waits: whoever did may be back elsewhere. Kept for who joins. */
  onRead(write: Write, read: Read): void {
    if (write !== this.#write || write.phase !== 'preparing' || this.#over) return;
    this.#read = read;
    if (this.#question.isUnasked && this.#isWanted) this.#decide(write, read);
  }

  #decide(write: Write, read: Read): void {
    const record = read.record as SessionRecord | null;
    this.#record = record;
    this.#unknown = 0;
    if (record === null) this.#askMaker();
    // Even if not certain: nobody but its home could still disprove it, and there it is refused.
    else if (record.state === 'expired') this.#refuse('unknown-session');
    else if (!read.certain && isMakersOwn(this.session, record)) this.#onLone(write, record);
    else this.#question.askHome(record);
  }

  /** What its maker wrote and few know may have come late, when it was forgotten: all are heard. */
  #onLone(write: Write, record: SessionRecord): void {
    const { context } = this.#parts;
    this.#unknown = write.promises.filter(({ accepted }) => accepted === null).length;
    const isTold = this.#unknown === 0 || write.promises.length === context.voters.length;
    context.after(isTold ? 0 : context.settings.askMs, () => {
      const isUnasked = write.phase === 'preparing' && this.#question.isUnasked;
      if (isUnasked) this.#question.askHome(record);
    });
  }

  /** Unknown to a quorum, or to its home: it was expired (rule 7), or never told of any lock. */
  #isForgotten(answer: Resumed | null): boolean {
    const isLone = this.#unknown >= this.#parts.context.quorum;
    return this.#unknown > 0 && (answer === null ? isLone : answer.outcome === 'unknown');
  }

  #askMaker(): void {
    // Without a record it holds nothing: if its maker is gone there is nothing to be resumed.
    if (!this.#question.askMaker()) this.#refuse('unknown-session');
  }

  onResumed(message: Resumed): void {
    this.#question.onResumed(message);
  }

  /** `null`: silent. A session without a record exists only where it was made. */
  #answered(answer: Resumed | null): void {
    if (this.#over) return;
    const isOver = answer?.outcome === 'over' || this.#isForgotten(answer);
    if (answer?.outcome === 'attached') this.#refuse('attached');
    else if (isOver) this.#refuse('unknown-session');
    else if (this.#record !== null) this.#take();
    else if (answer?.outcome === 'blank') this.#takeBlank(answer.timeoutMs);
    // Written once, and known to no quorum: it was expired, or what was written is read now.
    else if (answer?.outcome === 'detached' && !this.#readAfter) this.#again();
    else if (answer !== null) this.#refuse('unknown-session');
    else this.#finish({ kind: 'indeterminate' });
    this.#readAfter ||= answer?.outcome === 'detached';
  }

  #takeBlank(timeoutMs: number): void {
    const { self, incarnation } = this.#parts.context;
    this.#parts.writer.drop(this.#write);
    this.#client = this.#parts.adopt(firstRecord(self, incarnation, timeoutMs), null);
    if (this.#waiter === null) this.#client.detach();
    this.#finish({ kind: 'resumed', locks: 0 });
  }

  /** Only while somebody waits: whoever joins asks its home once more. */
  #take(): void {
    if (this.#waiter === null) {
      this.#question.reset();
      return;
    }
    const { context, writer } = this.#parts;
    const write = this.#write;
    const record = this.#record;
    if (write?.phase === 'preparing' && record !== null) {
      writer.accept(write, movedTo(record, context.self, context.incarnation));
    } else this.#again();
  }

  /** @param meanMs - of the pause before it */
  #again(meanMs = this.#parts.context.settings.backoffMs): void {
    if (this.#over) return;
    const { context, writer } = this.#parts;
    writer.drop(this.#write);
    this.#question.reset();
    context.after(context.jittered(meanMs), () => {
      if (!this.#over && this.#client === null) this.begin();
    });
  }

  /**
   * To be asked anew, or outrun: tried again, if somebody waits. Else whoever did may be back at
   * another home by now, from which it would be taken.
   */
  onRefused(write: Write, promised: Ballot, _leaseLeftMs: number): void {
    if (write !== this.#write || this.#client !== null) return;
    if (sameBallot(promised, write.ballot) && this.#waiter !== null) this.#again();
    else if (this.isOpen) this.#giveUp();
    else this.#againLater();
  }

  /** At the pace of rounds. */
  #againLater(): void {
    const { settings, instant } = this.#parts.context;
    this.#outrun += 1;
    const roundMs = Math.max(settings.backoffMs, instant - this.#begunAt);
    const pauseMs = settings.backoffMs << Math.min(this.#outrun, DOUBLINGS_MAX);
    this.#again(Math.min(pauseMs, roundMs));
  }

  onChosen(write: Write): void {
    if (write !== this.#write || this.#over) return;
    const record = write.record as SessionRecord;
    this.#client = this.#parts.adopt(record, write);
    this.#client.beginResuming();
    if (this.#waiter === null) this.#client.detach();
    this.#listing.begin(record.attachment);
  }

  /** It counts for the session's validity, also when this attempt is over. */
  onAccepted(write: Write, voter: number): void {
    this.#client?.record.onAccepted(write, voter);
    const peer = this.#parts.context.voters[voter];
    if (this.#client !== null && !this.#over && peer !== undefined) this.#listing.ask(peer);
  }

  onMissed(write: Write, voter: number): void {
    this.#client?.record.onMissed(write, voter);
  }

  /** The answers of one epoch prove nothing in the next: it is begun, or listed, anew. */
  epochBegun(): void {
    if (this.#over) return;
    if (this.#client !== null) this.#listing.epochBegun();
    else if (this.isOpen) this.#giveUp();
    else this.#again();
  }

  /** A channel to a peer stands, or stands again. */
  met(peer: PeerId): void {
    if (!this.#over) this.#question.channelOpened(peer);
  }

  /** A channel to a voter stands again: what it was asked may be lost. */
  channelOpened(voter: PeerId): void {
    if (this.#client === null) this.#askAgain(voter);
    else this.#listing.ask(voter);
  }

  /** A voter that accepted may have moved on, its word of that lost: it says so anew (R11). */
  #askAgain(voter: PeerId): void {
    const index = this.#parts.context.voterIndex(voter);
    if (this.#write !== null && index >= 0) this.#write.acceptedBy &= ~(1 << index);
  }

  onHolding(from: PeerId, message: Holding): void {
    if (!this.#over) this.#listing.onHolding(from, message);
  }

  #reclaimAll(names: ReadonlySet<LockName>): void {
    const { session } = this;
    const { attachment } = this.#client as Client;
    for (const name of names) {
      this.#reclaiming.set(name, { session, attachment, stamp: this.#parts.context.newStamp() });
    }
    for (const [name, claim] of [...this.#reclaiming]) {
      this.#parts.reclaims.add(session, claim, () => this.#reclaim(name, claim));
    }
    this.#resumedWhenDone();
  }

  #stopReclaiming(): void {
    const { reclaims } = this.#parts;
    reclaims.drop(this.session);
    for (const claim of this.#reclaiming.values()) reclaims.done(this.session, claim);
  }

  /** The lock is written again under a claim of this home's: tried until done (R12, R13). */
  #reclaim(name: LockName, claim: QueuedClaim, attempts = 0): void {
    const client = this.#client as Client;
    const { context, keeper, reclaims } = this.#parts;
    if (client.stage !== 'resuming') return;
    keeper.reclaim(name, claim, {
      done: (token) => {
        if (client.stage !== 'resuming') return;
        this.#reclaiming.delete(name);
        reclaims.done(claim.session, claim);
        if (token !== null) client.adopt(name, claim.stamp, token);
        this.#resumedWhenDone();
      },
      again: () => {
        const pauseMs = context.settings.backoffMs << Math.min(attempts, DOUBLINGS_MAX);
        context.after(context.jittered(pauseMs), () => this.#reclaim(name, claim, attempts + 1));
      },
    });
  }

  #resumedWhenDone(): void {
    if (this.#reclaiming.size > 0 || this.#over) return;
    const client = this.#client as Client;
    if (client.record.isNew) {
      // In an epoch that has just begun a quorum may not have answered a heartbeat yet (rule 13).
      this.#parts.context.after(VOUCH_AGAIN_MS, () => this.#resumedWhenDone());
      return;
    }
    client.endResuming();
    this.#finish({ kind: 'resumed', locks: client.claims.size });
  }
}
