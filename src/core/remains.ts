/**
 * What remains of sessions: settled once nobody touched a record for long (rules 7 and 14).
 *
 *   reading ──live──▶ its home is asked (`doubt`), or, where that is gone, it is ended
 *      ├──over, but a voter does not know──▶ written again ──held by all──▶ forgotten
 *      └──over, or never known──────────────────────────────────────────▶ forgotten
 *
 * Goes by what the voters hold together, never by what one of them does: it may have missed more
 * than the others. Never forgets anything itself, and never ends what a home vouches for: that is
 * for the voters to decide, and for that home.
 */
import type { Timer } from './agenda.ts';
import type { Context } from './context.ts';
import { doubtHomes } from './doubt.ts';
import type { Expiry, OwnSessions } from './expiry.ts';
import type { Links } from './links.ts';
import { sessionRegister } from './names.ts';
import type { Read } from './read.ts';
import type { Voter } from './register.ts';
import { expired } from './session.ts';
import type { PeerId, RegisterRecord, SessionId, SessionRecord } from './types.ts';
import type { Write, WriteOwner, Writer } from './writer.ts';

/** How often a pause doubles, from `backoffMs` on. */
const DOUBLINGS_MAX = 5;

/** What it takes to settle them. */
export interface RemainsParts {
  readonly context: Context;
  readonly links: Links;
  readonly voter: Voter;
  readonly writer: Writer;
  readonly expiry: Expiry;
  readonly own: OwnSessions;
}

/** Attempts to settle what remains of sessions, one each. */
export class Remains {
  readonly #parts: RemainsParts;
  readonly #attempts = new Map<SessionId, Attempt>();

  constructor(parts: RemainsParts) {
    this.#parts = parts;
  }

  /** Of a session that a voter holds as live: its home is asked, or the voters, if that is gone. */
  look(session: SessionId, record: SessionRecord): void {
    if (this.#isGone(session, record)) this.#expire(session);
    else if (record.home !== this.#parts.context.self) this.#ask(record.home, session);
  }

  /** Whether its home is silent, or is this one, and does not know it. */
  #isGone(session: SessionId, { home, incarnation }: SessionRecord): boolean {
    const { context, links, own } = this.#parts;
    const isHere = home === context.self && incarnation === context.incarnation;
    if (isHere) return !own.has(session);
    return !links.hears(home) || links.incarnationOf(home) !== incarnation;
  }

  /** A voter holds a record of it that names this home, and asks whether it is here. */
  doubted(session: SessionId): void {
    const { context, own } = this.#parts;
    if (own.has(session)) return;
    // No voter need wait for the silence of a home that does not vouch for it (rule 12).
    for (const voter of context.voters) context.send(voter, { kind: 'waive', session });
    this.settle(session);
  }

  /** Reads what all voters hold of it, and has it forgotten, brought to all, ended or asked for. */
  settle(session: SessionId): void {
    if (this.#attempts.has(session)) return;
    const attempt = new Attempt(this.#parts, session, {
      isGone: (record) => this.#isGone(session, record),
      live: (record) => this.look(session, record),
      over: () => this.#attempts.delete(session),
    });
    this.#attempts.set(session, attempt);
    attempt.begin();
  }

  #ask(home: PeerId, session: SessionId): void {
    this.#parts.context.send(home, { kind: 'doubt', session });
  }

  /** What a quorum told may be news to this voter: then all are to learn it. */
  #expire(session: SessionId): void {
    const { expiry, voter } = this.#parts;
    expiry.expire(session, (outcome) => {
      if (outcome !== 'expired') this.#ask(outcome, session);
      else if (isLive(voter.peek(sessionRegister(session))?.accepted)) this.settle(session);
    });
  }
}

/** What an attempt leaves to others. */
interface Others {
  /** Whether no home can be asked for it. */
  readonly isGone: (record: SessionRecord) => boolean;
  /** It lives, as far as the voters know. */
  readonly live: (record: SessionRecord) => void;
  /** The attempt is over, whatever came of it. */
  readonly over: () => void;
}

class Attempt implements WriteOwner {
  readonly #parts: RemainsParts;
  readonly #session: SessionId;
  readonly #others: Others;
  #patience: Timer | null = null;
  #write: Write | null = null;
  #record: SessionRecord | null = null;
  #outrun = 0;
  #pause: Timer | null = null;

  constructor(parts: RemainsParts, session: SessionId, others: Others) {
    this.#parts = parts;
    this.#session = session;
    this.#others = others;
  }

  begin(): void {
    const { context } = this.#parts;
    this.#patience = context.after(context.settings.forgetMs, () => this.#giveUp());
    this.#prepare();
  }

  #prepare(): void {
    this.#write = this.#parts.writer.prepare(sessionRegister(this.#session), this);
  }

  /** Unless it is certain, the answers of all voters count: one may hold what a quorum does not. */
  onRead(write: Write, read: Read): void {
    const everyone = write.promises.length === this.#parts.context.voters.length;
    const record = read.record as SessionRecord | null;
    this.#record = record;
    if (record?.state === 'live' && (read.certain || everyone)) this.#lives(write, record);
    else if (everyone) this.#isOver(write, record);
  }

  /** What a quorum does not know was expired, and is not to live again for being ended. */
  #lives(write: Write, record: SessionRecord): void {
    const { context, writer } = this.#parts;
    const unknown = write.promises.filter(({ accepted }) => accepted === null);
    if (unknown.length >= context.quorum && this.#others.isGone(record)) {
      writer.accept(write, expired(record));
      return;
    }
    this.#finish(write);
    this.#others.live(record);
  }

  /** A voter that missed the end of the session is brought up first. */
  #isOver(write: Write, record: SessionRecord | null): void {
    const isMissed = write.promises.some(({ accepted }) => isLive(accepted));
    if (isMissed && record !== null) this.#parts.writer.accept(write, record);
    else this.#forget(write);
  }

  /** Every voter holds it as *expired*, has so forgotten it, or never knew it (rule 7). */
  #forget(write: Write): void {
    const { context, voter } = this.#parts;
    const { register, ballot } = write;
    this.#finish(write);
    if (voter.namesSession(this.#session)) return;
    for (const to of context.voters) context.send(to, { kind: 'forget', register, ballot });
  }

  /** Some voter does not answer: only what none of the others knows is forgotten all the same. */
  #giveUp(): void {
    const write = this.#write as Write;
    const record = this.#record;
    const isRead = write.promises.length >= this.#parts.context.quorum;
    if (write.phase !== 'preparing' || !isRead) this.#finish(write);
    else if (record === null) this.#forget(write);
    else {
      this.#finish(write);
      if (record.state === 'live') this.#others.live(record);
    }
  }

  #finish(write: Write): void {
    this.#parts.context.agenda.cancel(this.#patience);
    this.#parts.context.agenda.cancel(this.#pause);
    this.#parts.writer.drop(write);
    this.#others.over();
  }

  onChosen(): void {}

  onAccepted(write: Write): void {
    if (this.#parts.writer.isHeldByAll(write)) this.#forget(write);
  }

  /** A voter that waits for a lease takes it once a quorum has, or once no home vouches for it. */
  onRefused(write: Write, _promised: unknown, leaseLeftMs: number): void {
    if (leaseLeftMs > 0) doubtHomes(this.#parts, this.#session, write);
    else if (write.record !== null) this.#finish(write);
    else this.#again();
  }

  /** Outrun, or it knew of no ballot so high: it is read anew, after longer and longer pauses. */
  #again(): void {
    const { context } = this.#parts;
    const pauseMs = context.settings.backoffMs << Math.min(this.#outrun, DOUBLINGS_MAX);
    this.#outrun += 1;
    this.#pause = context.after(context.jittered(pauseMs), () => this.#prepare());
  }
}

function isLive(accepted: { readonly record: RegisterRecord } | null | undefined): boolean {
  return accepted?.record.kind === 'session' && accepted.record.state === 'live';
}
