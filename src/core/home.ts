/**
 * The sessions of this home, by id: how they begin, come back, move, and end (rules 11 to 16).
 *
 * Owns the map of sessions and when their validity is looked at. What a client asks and hears is
 * in `desk.ts`, one session in `client.ts`, taking one over from another peer in `resume.ts`.
 */
import type { Timer } from './agenda.ts';
import type { Claims } from './claims.ts';
import { Client, type Desk } from './client.ts';
import type { Context } from './context.ts';
import type { Expiry, OwnSessions } from './expiry.ts';
import type { Keeper } from './keeper.ts';
import type { Links } from './links.ts';
import type {
  Confirmed,
  Holding,
  Inquire,
  Moved,
  Resumed,
  Resume as ResumeRequest,
  Superseded,
} from './message.ts';
import { newSessionId, sessionOf } from './names.ts';
import { Resume, type ResumeParts, type ResumeWaiter } from './resume.ts';
import { firstRecord, leaseFor } from './session.ts';
import type { ConnectionId, Instant, PeerId, SessionId, SessionRecord, Stamp } from './types.ts';
import type { Write, Writer } from './writer.ts';

/** What a home is made of. */
export interface HomeParts {
  readonly context: Context;
  readonly links: Links;
  readonly writer: Writer;
  readonly claims: Claims;
  readonly keeper: Keeper;
  /** For the locks of all sessions that come here. */
  readonly reclaims: ResumeParts['reclaims'];
  readonly expiry: Expiry;
  readonly desk: Omit<Desk, 'ended' | 'removed'>;
}

/** A session that was let go of. */
interface Leaving {
  readonly timer: Timer;
  /** Whether all claims of the session were known here. */
  readonly isWhole: boolean;
}

/** When a session that was just taken over is looked at again. */
const SOON_MS = 20;

/** All sessions that are attached or detached here. */
export class Home implements OwnSessions {
  readonly #parts: HomeParts;
  readonly #clients = new Map<SessionId, Client>();
  readonly #resumes = new Map<SessionId, Resume>();
  /** Let go for another peer that is taking them over, and may never write that. */
  readonly #leaving = new Map<SessionId, Leaving>();
  /** No session's validity ends before this. */
  #nextCheck: Instant = Number.POSITIVE_INFINITY;

  constructor(parts: HomeParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#clients.size;
  }

  /** When a session's validity may be over. */
  get deadline(): Instant {
    return this.#nextCheck;
  }

  /** What `stats` shows of sessions: those with a connection, all, and the locks they hold. */
  get counts(): { clients: number; sessions: number; locks: number } {
    let clients = 0;
    let locks = 0;
    for (const client of this.#clients.values()) {
      if (client.connection !== null) clients += 1;
      locks += client.heldCount;
    }
    return { clients, sessions: this.#clients.size, locks };
  }

  has(session: SessionId): boolean {
    const client = this.#clients.get(session);
    return this.#isMoving(session) || (client !== undefined && !client.isOver);
  }

  /** Whether it is on its way here, or from here to another home. */
  #isMoving(session: SessionId): boolean {
    return this.#resumes.has(session) || this.#leaving.has(session);
  }

  find(session: SessionId): Client | null {
    return this.#clients.get(session) ?? null;
  }

  /** A new session; nothing of it is written until its first lock is asked for (rule 15). */
  begin(connection: ConnectionId): Client {
    const { self, incarnation, random, settings } = this.#parts.context;
    const id = newSessionId(self, incarnation, random);
    return this.#add(id, firstRecord(self, incarnation, settings.sessionTimeoutMs), connection);
  }

  #add(id: SessionId, record: SessionRecord, connection: ConnectionId | null): Client {
    const desk: Desk = { ...this.#desk, removed: (client) => this.#forget(client) };
    const client = new Client({ ...this.#parts, desk }, id, record, connection);
    this.#clients.set(id, client);
    return client;
  }

  get #desk(): Omit<Desk, 'removed'> {
    const { desk } = this.#parts;
    return {
      granted: (client, claim) => desk.granted(client, claim),
      refused: (client, claim, reason) => desk.refused(client, claim, reason),
      released: (client, claim) => desk.released(client, claim),
      gone: (client) => desk.gone(client),
      ended: (client) => this.#resumes.get(client.session)?.clientGone(client),
      moved: (client) => desk.moved(client),
      recordChosen: (client) => {
        this.reconsider(client);
        desk.recordChosen(client);
      },
    };
  }

  #forget(client: Client): void {
    if (this.#clients.get(client.session) === client) this.#clients.delete(client.session);
    this.#resumes.get(client.session)?.clientGone(client);
  }

  /** Its validity may end sooner than was thought. */
  reconsider(client: Client): void {
    this.#nextCheck = Math.min(this.#nextCheck, client.record.validUntil);
  }

  /** Ends every session that can be vouched for no longer: before anything else is handled. */
  expireDue(): void {
    const { context } = this.#parts;
    if (context.instant < this.#nextCheck) return;
    let next = Number.POSITIVE_INFINITY;
    for (const client of [...this.#clients.values()]) {
      if (client.isOver || !client.record.isChosen) continue;
      if (client.record.isValid) next = Math.min(next, client.record.validUntil);
      else if (client.stage === 'resuming' && client.record.isNew) {
        next = Math.min(next, context.instant + SOON_MS);
      } else this.#lose(client);
    }
    this.#nextCheck = next;
  }

  /** Lost for good, however many voters may come back (rule 13). */
  #lose(client: Client): void {
    const { context, desk } = this.#parts;
    const { session } = client;
    context.observe({ kind: 'session-lost', session, locks: client.held.length });
    if (client.record.isReliedOn) {
      this.#yield(client);
      return;
    }
    desk.gone(client);
    client.lose();
    this.#waive(session);
    this.#resumes.get(session)?.clientGone(client);
  }

  /**
   * Its validity is cut short, for it is being taken over, or came back to other voters: what its
   * client was told before stands, so nothing ends it until a home has it, or a lease is over.
   */
  #yield(client: Client): void {
    const { session, record, stage } = client;
    client.sessionGone();
    this.#leave(session, record.timeoutMs, stage === 'live');
  }

  /** No voter need wait for its lease here (rule 12). */
  #waive(session: SessionId): void {
    const { context } = this.#parts;
    for (const voter of context.voters) context.send(voter, { kind: 'waive', session });
  }

  /** Takes a session over from wherever it is; joins an attempt for which nobody waits. */
  resume(session: SessionId, waiter: ResumeWaiter): void {
    const there = this.#resumes.get(session);
    if (there === undefined) this.#beginResume(session, waiter);
    else if (there.isOpen) there.join(waiter);
    else waiter.finished({ kind: 'refused', reason: 'attached' });
  }

  #beginResume(session: SessionId, waiter: ResumeWaiter): void {
    const resume: Resume = new Resume(
      {
        ...this.#parts,
        adopt: (record, write) => this.#adopt(session, record, write, resume.connection),
        finished: () => this.#resumes.delete(session),
      },
      session,
    );
    this.#resumes.set(session, resume);
    resume.join(waiter);
    resume.begin();
  }

  /** Nobody waits there any more for a session to be taken over. */
  disconnected(connection: ConnectionId): void {
    for (const resume of this.#resumes.values()) resume.left(connection);
  }

  #adopt(
    session: SessionId,
    record: SessionRecord,
    write: Write | null,
    connection: ConnectionId | null,
  ): Client {
    this.#clients.get(session)?.letGo();
    this.#cameBack(session);
    const client = this.#add(session, record, connection);
    if (write !== null) client.record.adopt(record, write);
    this.reconsider(client);
    this.#parts.context.observe({ kind: 'session-taken', session, from: null });
    return client;
  }

  /** Another peer wants the session (rule 16). */
  onResume(from: PeerId, { request, session }: ResumeRequest): void {
    const client = this.#clients.get(session);
    const timeoutMs = client?.record.timeoutMs ?? 0;
    const outcome = client === undefined ? this.#departed(session) : readiness(client);
    if (client !== undefined && (outcome === 'detached' || outcome === 'blank')) {
      const isWhole = client.stage === 'live';
      client.letGo();
      this.#leave(session, timeoutMs, isWhole);
    }
    this.#parts.context.send(from, { kind: 'resumed', request, outcome, timeoutMs });
  }

  /** Who was let go of is not unknown: whoever took it may have failed, and asks again. */
  #departed(session: SessionId): 'detached' | 'unknown' {
    return this.#leaving.has(session) ? 'detached' : 'unknown';
  }

  /**
   * The other peer may fail, and its client come back within a lease: until then nobody is told
   * that it is unknown here, nor is it ended from here, where no voter would wait for a lease.
   */
  #leave(session: SessionId, timeoutMs: number, isWhole: boolean): void {
    const { context } = this.#parts;
    this.#cameBack(session);
    const forMs = leaseFor(timeoutMs, context.settings) + context.settings.answerMs;
    const timer = context.after(forMs, () => this.#leftForGood(session));
    this.#leaving.set(session, { timer, isWhole });
  }

  /** If nobody took it, whoever ends it may hear this home as little as it hears of it. */
  #leftForGood(session: SessionId): void {
    this.#leaving.delete(session);
    if (!this.#clients.has(session) && !this.#resumes.has(session)) this.#waive(session);
  }

  /** It is here again: what was said of it as of one that left is over. */
  #cameBack(session: SessionId): void {
    this.#parts.context.agenda.cancel(this.#leaving.get(session)?.timer ?? null);
    this.#leaving.delete(session);
  }

  /** Whether the claim was over before its session left: it went nowhere. */
  #endedBefore(session: SessionId, stamp: Stamp): boolean {
    if (this.#clients.has(session) || this.#resumes.has(session)) return false;
    return this.#leaving.get(session)?.isWhole === true && this.#parts.claims.isOver(stamp);
  }

  onResumed(message: Resumed): void {
    for (const resume of this.#resumes.values()) resume.onResumed(message);
  }

  onHolding(from: PeerId, message: Holding): void {
    for (const resume of this.#resumes.values()) resume.onHolding(from, message);
  }

  onMoved(from: PeerId, message: Moved): void {
    const client = this.#clients.get(message.session);
    if (client === undefined) return;
    client.record.moved(this.#parts.context.voterIndex(from), message);
    this.reconsider(client);
  }

  onSuperseded({ register }: Superseded): void {
    const session = sessionOf(register);
    if (session !== null) this.#clients.get(session)?.record.superseded();
  }

  onConfirmed(from: PeerId, { sessions, missing }: Confirmed): void {
    const voter = this.#parts.context.voterIndex(from);
    if (voter < 0) return;
    for (const { session, attachment } of sessions) {
      this.#clients.get(session)?.record.confirmed(voter, attachment);
    }
    for (const session of missing) {
      const client = this.#clients.get(session);
      client?.record.unconfirmed(from);
      if (client !== undefined) this.reconsider(client);
    }
  }

  /** A new channel: a voter counts for nothing more until it has confirmed (rule 13). */
  channelOpened(peer: PeerId): void {
    const { context } = this.#parts;
    for (const resume of this.#resumes.values()) resume.met(peer);
    const voter = context.voterIndex(peer);
    if (voter < 0) return;
    const asked: { session: SessionId; attachment: number }[] = [];
    for (const { record, session, isOver, stage } of this.#clients.values()) {
      // On its way here again, it may have a record there that is to be vouched for.
      if (stage === 'lost' && !this.#isMoving(session)) {
        context.send(peer, { kind: 'waive', session });
      }
      if (record.isBlank || isOver) continue;
      record.channelOpened(voter);
      asked.push({ session, attachment: record.attachment });
    }
    for (let page = 0; page < asked.length; page += context.settings.pageSize) {
      const sessions = asked.slice(page, page + context.settings.pageSize);
      context.send(peer, { kind: 'confirm', sessions });
    }
    for (const resume of this.#resumes.values()) resume.channelOpened(peer);
  }

  /** Told before the voters change: see `HomeSession`. */
  epochEnding(): void {
    for (const { record } of this.#clients.values()) record.epochEnding();
  }

  /** Told after: the voters of the new epoch are to confirm what they hold (rule 13). */
  epochBegun(): void {
    for (const client of this.#clients.values()) client.record.epochBegun();
    for (const resume of this.#resumes.values()) resume.epochBegun();
    const { context, links } = this.#parts;
    for (const voter of context.voters) if (links.isOpen(voter)) this.channelOpened(voter);
  }

  /** A keeper asks whether the claim lives; what is not vouched for here is let go (rule 10). */
  onInquire(from: PeerId, inquire: Inquire): void {
    const { lock, holder } = inquire;
    const { session, stamp } = holder;
    const { context, claims } = this.#parts;
    const client = this.#clients.get(session);
    const claim = claims.find(stamp);
    const moves = this.#isMoving(session) || client?.stage === 'resuming';
    if (claim?.state === 'pending') claims.pursue(claim);
    else if (client?.isGivenUp === true && !this.#isMoving(session)) {
      context.send(from, { kind: 'abandoned', lock, stamp });
    } else if (this.#endedBefore(session, stamp)) {
      context.send(from, { kind: 'release', lock, stamp });
    } else if (claim?.state === 'held' || moves) context.send(from, { kind: 'lives', lock, stamp });
    else if (client === undefined) this.#inquiredOfUnknown(from, inquire);
    // A later claim is that of a home that has the session by now: this one has not heard of it,
    // and may itself be writing as high an attachment, in vain.
    else if (holder.attachment <= client.record.chosenAttachment) {
      context.send(from, { kind: 'release', lock, stamp });
    }
  }

  #inquiredOfUnknown(from: PeerId, { lock, holder: { session, stamp } }: Inquire): void {
    const { context, links, expiry } = this.#parts;
    if (!links.reachesQuorum()) {
      // It cannot be ended from here, and nobody need wait for this home to be silent (rule 12).
      this.#waive(session);
      context.send(from, { kind: 'abandoned', lock, stamp });
      return;
    }
    expiry.expire(session, (outcome) => {
      if (outcome === 'expired') context.send(from, { kind: 'release', lock, stamp });
      else context.send(from, { kind: 'ask', lock, stamp, owner: outcome });
    });
  }
}

/** Whether another peer may have the session. */
function readiness({ stage, connection, record }: Client): Resumed['outcome'] {
  if (stage === 'ending' || stage === 'removed') return 'over';
  if (connection !== null) return 'attached';
  return stage === 'live' && record.isBlank ? 'blank' : 'detached';
}
