/**
 * A session and its client at this home: the claims, and what stage the session is in.
 *
 *   live ◀──all locks written again── resuming (moved here, rule 16)
 *    │ ├──detached for its time-out──▶ ending ──expired is chosen────────────────────────▶ removed
 *    │ ├──its validity over──────────▶ lost ────expired is chosen────────────────────────▶ removed
 *    │ └──another home took it or takes it, or it was let go─────────────────────────────▶ removed
 *
 * Owns the claims of the session. Whom to tell is the desk's part (`home.ts`).
 */
import type { Timer } from './agenda.ts';
import type { Claim, ClaimOwner, Claims } from './claims.ts';
import type { LostLock } from './command.ts';
import type { Context } from './context.ts';
import { HomeSession, type SessionOwner } from './home-session.ts';
import type { Links } from './links.ts';
import type { ConnectionId, LockName, SessionId, SessionRecord, Stamp, Token } from './types.ts';
import type { Writer } from './writer.ts';

/** Who has the client's ear. */
export interface Desk {
  granted(client: Client, claim: Claim): void;
  refused(client: Client, claim: Claim, reason: 'held' | 'busy'): void;
  released(client: Client, claim: Claim): void;
  recordChosen(client: Client): void;
  /** Its validity is over: its locks are lost. */
  gone(client: Client): void;
  /** It ends for good. */
  ended(client: Client): void;
  /** Another home has it, or it was expired by others. */
  moved(client: Client): void;
  /** Nothing is left to do for it. */
  removed(client: Client): void;
}

/** What clients share. */
export interface ClientParts {
  readonly context: Context;
  readonly links: Links;
  readonly writer: Writer;
  readonly claims: Claims;
  readonly desk: Desk;
}

/** `lost`: ending, but it may live elsewhere, and may be taken over still. */
export type Stage = 'live' | 'resuming' | 'lost' | 'ending' | 'removed';

/** One session of this home. */
export class Client implements ClaimOwner, SessionOwner {
  readonly #parts: ClientParts;
  readonly #record: HomeSession;
  /** Pending and held claims, by lock. */
  readonly claims = new Map<LockName, Claim>();
  readonly #releasing = new Set<Claim>();
  #connection: ConnectionId | null;
  #stage: Stage = 'live';
  #detached: Timer | null = null;
  /** *Expired* is chosen. */
  #ended = false;
  /** It ended before all its locks were written again. */
  #wasResuming = false;
  /** Who wants to know what became of it. */
  #curious: ((ended: boolean) => void)[] = [];

  constructor(
    parts: ClientParts,
    id: SessionId,
    record: SessionRecord,
    connection: ConnectionId | null,
  ) {
    this.#parts = parts;
    this.#record = new HomeSession({ ...parts, owner: this }, id, record);
    this.#connection = connection;
  }

  get session(): SessionId {
    return this.#record.id;
  }

  get attachment(): number {
    return this.#record.attachment;
  }

  /** The session's record, as its home sees it. */
  get record(): HomeSession {
    return this.#record;
  }

  /** `null`: detached. */
  get connection(): ConnectionId | null {
    return this.#connection;
  }

  /** Whether it is vouched for no more. */
  get isOver(): boolean {
    return this.#stage !== 'live' && this.#stage !== 'resuming';
  }

  get stage(): Stage {
    return this.#stage;
  }

  /** Whether it vouches for nothing, and locks of it that it does not know may be another home's. */
  get isGivenUp(): boolean {
    return this.#stage === 'lost' || (this.#stage === 'ending' && this.#wasResuming);
  }

  /** Claims that count against the session's limit. */
  get claimCount(): number {
    return this.claims.size + this.#releasing.size;
  }

  get held(): Claim[] {
    return [...this.claims.values()].filter(({ state }) => state === 'held');
  }

  /** Whether that claim is pending or held. */
  has(claim: Claim): boolean {
    return this.claims.get(claim.name) === claim;
  }

  get #pending(): Claim[] {
    return [...this.claims.values()].filter(({ state }) => state === 'pending');
  }

  /** Locks held, those of detached clients included. */
  get heldCount(): number {
    let count = 0;
    for (const { state } of this.claims.values()) if (state === 'held') count += 1;
    return count;
  }

  /** The locks that are lost with it. */
  get lost(): LostLock[] {
    return this.held.map(({ name, token }) => ({ name, token }));
  }

  /** For how long from now the client may rely on its locks (ms); 0: not at all. */
  get validityMs(): number {
    if (this.isOver || !this.#record.isValid) return 0;
    return Math.min(this.#record.validUntil - this.#parts.context.instant, this.#record.timeoutMs);
  }

  /** Claims a lock; the record of the session is chosen before any lock names it (rule 15). */
  lock(name: LockName, waits: boolean): Claim {
    const claim = this.#parts.claims.make(this, name, waits);
    this.claims.set(name, claim);
    if (this.#record.isChosen) this.#parts.claims.pursue(claim);
    else this.#record.createRecord();
    return claim;
  }

  /** From now on they are not vouched for; `Desk.released` follows when that is chosen. */
  release(claims: readonly Claim[]): void {
    for (const claim of claims) {
      this.claims.delete(claim.name);
      this.#releasing.add(claim);
    }
    this.#parts.claims.release(claims);
  }

  /** Gives pending claims up; `done` follows when it is sure that one will not be granted. */
  withdraw(claims: readonly Claim[], done?: (claim: Claim) => void): void {
    for (const { name } of claims) this.claims.delete(name);
    this.#parts.claims.withdraw(claims, done);
  }

  attach(connection: ConnectionId): void {
    this.#parts.context.agenda.cancel(this.#detached);
    this.#detached = null;
    this.#connection = connection;
  }

  /** The client is gone: the session stays for its time-out (rule 15). */
  detach(): void {
    const { context } = this.#parts;
    this.#connection = null;
    this.#withdrawPending();
    if (this.isOver) return;
    const { timeoutMs } = this.#record;
    if (timeoutMs === 0) this.end();
    else this.#detached = context.after(timeoutMs, () => this.end());
  }

  #withdrawPending(): void {
    this.withdraw(this.#pending);
  }

  /** Vouches no more, releases the locks, writes *expired* (rule 15). */
  end(): void {
    if (this.isOver) return;
    this.#wasResuming = this.#stage === 'resuming';
    this.#stop('ending');
    this.#parts.desk.ended(this);
    this.release(this.held);
    if (this.#record.isBlank) this.#remove();
    else this.#record.end();
  }

  /**
   * Vouches no more and writes *expired*, for validity ran out (rule 13). The session may live
   * elsewhere by now: its locks are released only once *expired* is chosen.
   */
  lose(): void {
    if (this.isOver) return;
    this.#stop('lost');
    this.#record.end();
  }

  #stop(stage: 'ending' | 'lost'): void {
    this.#stage = stage;
    this.#connection = null;
    this.#parts.context.agenda.cancel(this.#detached);
    this.#withdrawPending();
  }

  /** Calls once it is known whether it ended for good, or moved to another home instead. */
  onceOver(then: (ended: boolean) => void): void {
    if (this.#ended) then(true);
    else this.#curious.push(then);
  }

  #satisfy(ended: boolean): void {
    const curious = this.#curious;
    this.#curious = [];
    for (const then of curious) then(ended);
  }

  /**
   * Another home has it: nothing of it is written, released or vouched for here any more. What its
   * client was never told of is given up: granted once that home has looked, it would be nobody's.
   */
  letGo(): void {
    const { context, claims } = this.#parts;
    context.agenda.cancel(this.#detached);
    this.#withdrawPending();
    for (const claim of [...this.claims.values(), ...this.#releasing]) claims.forsake(claim);
    this.claims.clear();
    this.#releasing.clear();
    this.#record.letGo();
    this.#remove();
    this.#satisfy(false);
  }

  /** Takes a lock over that the session brought along (rule 16). */
  adopt(name: LockName, stamp: Stamp, token: Token): void {
    this.claims.set(name, this.#parts.claims.adopt(this, name, stamp, token));
  }

  /** Its locks are being written again: no other claim, and "lives" to every question (R23). */
  beginResuming(): void {
    this.#stage = 'resuming';
  }

  /** All its locks are written again. */
  endResuming(): void {
    if (this.#stage === 'resuming') this.#stage = 'live';
  }

  claimGranted(claim: Claim): void {
    this.#parts.desk.granted(this, claim);
  }

  claimRefused(claim: Claim, reason: 'held' | 'busy'): void {
    this.claims.delete(claim.name);
    this.#parts.desk.refused(this, claim, reason);
  }

  claimReleased(claim: Claim): void {
    this.#releasing.delete(claim);
    this.#parts.desk.released(this, claim);
    this.#removeWhenDone();
  }

  recordChosen(): void {
    if (this.isOver) return;
    for (const claim of this.claims.values()) {
      if (claim.state === 'pending' && claim.keeper === null) this.#parts.claims.pursue(claim);
    }
    this.#parts.desk.recordChosen(this);
  }

  sessionGone(): void {
    if (this.#stage !== 'ending') this.#parts.desk.moved(this);
    this.letGo();
  }

  sessionEnded(): void {
    this.#ended = true;
    this.#satisfy(true);
    this.release(this.held);
    this.#removeWhenDone();
  }

  #removeWhenDone(): void {
    if (this.#ended && this.#releasing.size === 0) this.#remove();
  }

  #remove(): void {
    if (this.#stage === 'removed') return;
    this.#stage = 'removed';
    this.#parts.desk.removed(this);
  }
}
