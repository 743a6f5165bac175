/**
 * Ending the sessions of homes that are silent (rule 14).
 *
 *   reading ──lease left──▶ waiting ──▶ reading ──no lease left at a quorum──▶ writing ──▶ expired
 *      ├──lives at a home that is heard──▶ that home
 *      └──not known to a quorum──▶ written as it is, lest a voter wait for a former home's silence
 *
 * A wait ends early when the home is heard, or another writes the session: it may have moved.
 *
 * One attempt a session at a time, whoever asks. Never ends a session early: the voters decide,
 * each by what it heard; the accept goes out only when a quorum of promises says that no lease is
 * left, lest a lone *expired* stay that nobody can disprove (R25).
 */
import type { Timer } from './agenda.ts';
import { sameBallot } from './ballot.ts';
import type { Context } from './context.ts';
import { doubtHomes } from './doubt.ts';
import type { Links } from './links.ts';
import type { Superseded } from './message.ts';
import { sessionOf, sessionRegister } from './names.ts';
import type { Read } from './read.ts';
import { expired, isHome } from './session.ts';
import type { Ballot, PeerId, SessionId, SessionRecord } from './types.ts';
import type { Write, WriteOwner, Writer } from './writer.ts';

/** Expired for good, or where the session lives. */
export type Outcome = 'expired' | PeerId;

/** What expiry needs to know of this peer's own sessions. */
export interface OwnSessions {
  /** Whether this home has the session, or is about to (rule 16). */
  has(session: SessionId): boolean;
}

/** Attempts to expire sessions, one each. */
export class Expiry {
  readonly #attempts = new Map<SessionId, Attempt>();
  readonly #context: Context;
  readonly #links: Links;
  readonly #writer: Writer;
  readonly #own: OwnSessions;

  constructor(context: Context, links: Links, writer: Writer, own: OwnSessions) {
    this.#context = context;
    this.#links = links;
    this.#writer = writer;
    this.#own = own;
  }

  get size(): number {
    return this.#attempts.size;
  }

  /** Answers are counted within one epoch: every attempt reads anew. */
  epochBegun(): void {
    for (const attempt of this.#attempts.values()) attempt.epochBegun();
  }

  /**
   * Tells `done` once the session is expired, or found alive at a home that is heard.
   *
   * @param abandonedBy - a home that is heard, but said that it vouches for the session no more
   */
  expire(
    session: SessionId,
    done: (outcome: Outcome) => void,
    abandonedBy: PeerId | null = null,
  ): void {
    const attempt = this.#attempts.get(session);
    if (attempt !== undefined) {
      attempt.listen(done, abandonedBy);
      return;
    }
    const parts = {
      context: this.#context,
      links: this.#links,
      writer: this.#writer,
      own: this.#own,
      finished: () => this.#attempts.delete(session),
    };
    const begun = new Attempt(parts, session);
    this.#attempts.set(session, begun);
    begun.listen(done, abandonedBy);
    begun.read();
  }

  /** Some home is heard again. */
  channelOpened(): void {
    for (const attempt of [...this.#attempts.values()]) attempt.lookAgain();
  }

  onSuperseded({ register }: Superseded): void {
    const session = sessionOf(register);
    if (session !== null) this.#attempts.get(session)?.superseded();
  }
}

interface AttemptParts {
  readonly context: Context;
  readonly links: Links;
  readonly writer: Writer;
  readonly own: OwnSessions;
  readonly finished: () => void;
}

/** Listeners of one attempt: kept locks of this peer, each of which asks again in any case. */
const LISTENERS_MAX = 10_000;
/** Tries of one attempt; then it is given up, and whoever cares asks again. */
const ATTEMPTS_MAX = 20;

class Attempt implements WriteOwner {
  readonly #parts: AttemptParts;
  readonly #session: SessionId;
  readonly #listeners: ((outcome: Outcome) => void)[] = [];
  #write: Write | null = null;
  #attempts = 0;
  /** A home that vouches for the session no more, however well it is heard. */
  #abandonedBy: PeerId | null = null;
  #early: Timer | null = null;
  #pause: Timer | null = null;
  /** What was read last, if its lease is awaited. */
  #awaited: SessionRecord | null = null;

  constructor(parts: AttemptParts, session: SessionId) {
    this.#parts = parts;
    this.#session = session;
  }

  listen(done: (outcome: Outcome) => void, abandonedBy: PeerId | null): void {
    if (abandonedBy !== null) this.#abandonedBy = abandonedBy;
    if (this.#listeners.length < LISTENERS_MAX) this.#listeners.push(done);
    this.lookAgain();
  }

  /** The home that was silent may be heard by now: read anew, for it may be no more than former. */
  lookAgain(): void {
    const awaited = this.#awaited;
    if (awaited === null || !this.#livesAtItsHome(awaited)) return;
    this.#awaited = null;
    this.#again(0);
  }

  epochBegun(): void {
    if (this.#write !== null) this.#again(0);
  }

  read(): void {
    const { context, writer } = this.#parts;
    const write = writer.prepare(sessionRegister(this.#session), this);
    this.#write = write;
    this.#awaited = null;
    context.after(context.settings.answerMs, () => {
      if (this.#write === write && write.phase === 'preparing') this.#again(0);
    });
  }

  /** Another writes the session: it may live there long before the lease ends that is awaited. */
  superseded(): void {
    const { context } = this.#parts;
    const write = this.#write;
    this.#early ??= context.after(context.jittered(context.settings.reaskMs), () => {
      this.#early = null;
      if (this.#write === write) this.#again(0);
    });
  }

  onRead(write: Write, read: Read): void {
    if (write !== this.#write) return;
    const record = read.record as SessionRecord | null;
    // A session that a quorum does not know, though a lock names it, was expired (rule 7).
    if (record === null) this.#finish('expired');
    else if (record.state === 'expired') this.#onExpired(write, record, read.certain);
    else if (this.#livesAtItsHome(record)) this.#finish(record.home);
    // Without a former home it is ended as it is: it may be forgotten, and must not live again.
    else if (!read.certain && hasFormerHome(write, record)) this.#writeAgain(write, read);
    else if (read.leaseLeftMs > 0) this.#await(write, record, read.leaseLeftMs);
    else this.#parts.writer.accept(write, expired(record));
  }

  /**
   * A move that was begun, and given up, may be proven unchosen by more promises: then what it was
   * to follow is written again. The home before may be in use, and would lose its session.
   */
  #writeAgain(write: Write, { record, possible }: Read): void {
    const { context, writer } = this.#parts;
    const isTold = write.promises.length === context.voters.length;
    if (possible !== record || isTold) writer.accept(write, (possible ?? record) as SessionRecord);
    else {
      context.after(context.settings.askMs, () => {
        const isOpen = write === this.#write && write.phase === 'preparing';
        if (isOpen) writer.accept(write, record as SessionRecord);
      });
    }
  }

  /**
   * Not certain: it is written again. While its home is heard only that home may do so (rule 12):
   * asked about the session, it will.
   */
  #onExpired(write: Write, record: SessionRecord, certain: boolean): void {
    if (certain) this.#finish('expired');
    else if (this.#isHeardElsewhere(record)) this.#finish(record.home);
    else this.#parts.writer.accept(write, record);
  }

  #livesAtItsHome(record: SessionRecord): boolean {
    const { context, own } = this.#parts;
    if (isHome(record, context.self, context.incarnation)) return own.has(this.#session);
    return this.#isHeardElsewhere(record);
  }

  /** Whether its home is another peer that is heard, and has not given the session up. */
  #isHeardElsewhere({ home, incarnation }: SessionRecord): boolean {
    const { context, links } = this.#parts;
    if (home === context.self || home === this.#abandonedBy) return false;
    return links.hears(home) && links.incarnationOf(home) === incarnation;
  }

  /**
   * The answers of more voters may show less lease: they are given the time to come. A home that
   * is heard, and vouches no more, may have said so where it was not heard: it is asked.
   */
  #await(write: Write, record: SessionRecord, leaseLeftMs: number): void {
    this.#awaited = record;
    doubtHomes(this.#parts, this.#session, write);
    if (leaseLeftMs === Number.POSITIVE_INFINITY) return;
    const { context } = this.#parts;
    const isTold = write.promises.length === context.voters.length;
    const patienceMs = isTold ? 0 : Math.min(leaseLeftMs, context.settings.askMs);
    const goOn = () => {
      if (this.#write !== write || write.phase !== 'preparing') return;
      this.#attempts = 0;
      this.#again(leaseLeftMs - patienceMs + 1);
    };
    if (isTold) goOn();
    else context.after(patienceMs, goOn);
  }

  onChosen(write: Write): void {
    if (write !== this.#write) return;
    const { home, state } = write.record as SessionRecord;
    if (state === 'live') {
      this.#again(0);
      return;
    }
    this.#parts.context.observe({ kind: 'session-expired', session: this.#session, home });
    this.#finish('expired');
  }

  onRefused(write: Write, promised: Ballot, leaseLeftMs: number): void {
    if (write !== this.#write) return;
    const { context } = this.#parts;
    if (leaseLeftMs > 0) {
      doubtHomes(this.#parts, this.#session, write);
      this.#readAfter(write, leaseLeftMs + 1);
    }
    // Not refused, but to be asked anew over a new channel.
    else if (sameBallot(promised, write.ballot)) this.#again(0);
    else this.#again(context.jittered(context.settings.backoffMs << Math.min(this.#attempts, 3)));
  }

  /** A voter that hears the home refuses alone: a quorum may accept all the same meanwhile. */
  #readAfter(write: Write, delayMs: number): void {
    this.#parts.context.after(delayMs, () => {
      if (this.#write === write) this.#again(0);
    });
  }

  #again(delayMs: number): void {
    this.#parts.writer.drop(this.#write);
    this.#write = null;
    this.#attempts += 1;
    const { context } = this.#parts;
    context.agenda.cancel(this.#pause);
    if (this.#attempts > ATTEMPTS_MAX) this.#end();
    else this.#pause = context.after(delayMs, () => this.read());
  }

  #finish(outcome: Outcome): void {
    if (this.#write?.phase === 'preparing') this.#parts.writer.drop(this.#write);
    this.#write = null;
    this.#end();
    for (const listener of this.#listeners) listener(outcome);
  }

  #end(): void {
    const { agenda } = this.#parts.context;
    agenda.cancel(this.#early);
    agenda.cancel(this.#pause);
    this.#parts.finished();
  }
}

/** Whether a voter names another home, for whose silence it would wait for ever (rule 14). */
function hasFormerHome({ promises }: Write, { home, incarnation }: SessionRecord): boolean {
  return promises.some(({ accepted }) => {
    const held = accepted?.record;
    return held?.kind === 'session' && !isHome(held, home, incarnation);
  });
}
