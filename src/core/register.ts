/**
 * The voter: one durable register per lock and per session (rules 1, 2, 7 and 12).
 *
 *           prepare(b), b > promised              accept(b), b ≥ promised
 * promised ─────────────────────────▶ promised b ─────────────────────────▶ accepted b,
 *                                                                           promised (b + 1, heir)
 * Nothing is said before it is durable: every answer is a `vote`. Never counts answers, never
 * chooses; that is the writer's part.
 *
 * @see Lamport, "Paxos Made Simple" (2001), section 2; Rystsov, "CASPaxos" (2018), section 2.2
 */
import { compareBallots, nextBallot, nobodysBallot, sameBallot } from './ballot.ts';
import type { Context } from './context.ts';
import type { DurableState, Floor, RegisterState } from './event.ts';
import type { Lease } from './lease.ts';
import type { Links } from './links.ts';
import type { Accept, Confirm, Forget, Holdings, Prepare, Waive } from './message.ts';
import { isMaker, lockOf, sessionOf, sessionRegister } from './names.ts';
import { isHome } from './session.ts';
import type {
  Ballot,
  Instant,
  LockName,
  LockRecord,
  PeerId,
  RegisterName,
  RegisterRecord,
  SessionId,
  SessionRecord,
} from './types.ts';
import { NOBODY } from './types.ts';

interface Register extends RegisterState {
  promised: Ballot;
  accepted: { readonly ballot: Ballot; readonly record: RegisterRecord } | null;
  /** When this voter last took a record with another home (rule 12), by the voter's clock. */
  takenAt: Instant;
  /** Whether the home that the record names said that it vouches no more (rule 12). */
  waived: boolean;
  /** When it was last written, by the home's clock; for forgetting. */
  touchedAt: Instant;
}

/** The registers of this peer as a voter. */
export class Voter {
  readonly #context: Context;
  readonly #links: Links;
  readonly #lease: Lease;
  readonly #registers = new Map<RegisterName, Register>();
  /** Which locks the records here give to each session. */
  readonly #holdings = new Map<SessionId, Set<LockName>>();
  #floor: Floor;

  constructor(context: Context, links: Links, lease: Lease, durable: DurableState) {
    this.#context = context;
    this.#links = links;
    this.#lease = lease;
    this.#floor = durable.floor;
    const { voter, home } = context.now;
    for (const [name, { promised, accepted }] of durable.registers) {
      this.#registers.set(name, {
        promised,
        accepted,
        takenAt: voter,
        waived: false,
        touchedAt: home,
      });
      if (accepted !== null) this.#index(name, null, accepted.record);
    }
  }

  get size(): number {
    return this.#registers.size;
  }

  /** All registers in the order of first use; may be changed while one iterates. */
  get all(): Iterable<readonly [RegisterName, Readonly<Register>]> {
    return this.#registers.entries();
  }

  /** What this voter stored; a hint to everyone but itself. */
  peek(name: RegisterName): Readonly<Register> | null {
    return this.#registers.get(name) ?? null;
  }

  /** Who may write the register next, as far as this voter knows (rule 8). */
  owner(name: RegisterName): PeerId | null {
    const peer = this.#registers.get(name)?.promised.peer ?? NOBODY;
    return peer === NOBODY ? null : peer;
  }

  /** Whether a record here names that session as a holder. */
  namesSession(session: SessionId): boolean {
    return this.#holdings.has(session);
  }

  /** The ballot promised here: an unknown name's is the floor's, and nobody's (rule 7). */
  promised(name: RegisterName): Ballot {
    const known = this.#registers.get(name)?.promised;
    return known ?? nobodysBallot(this.#context.configuration.epoch, this.#floor.round);
  }

  /** Only the peer and incarnation that a ballot names may use it. */
  #isTheirs(ballot: Ballot, from: PeerId): boolean {
    return (
      ballot.peer === from &&
      ballot.incarnation === this.#links.incarnationOf(from) &&
      ballot.epoch === this.#context.configuration.epoch
    );
  }

  /** Rule 1. */
  prepare(from: PeerId, message: Prepare): void {
    const { request, register: name, ballot } = message;
    if (!this.#isTheirs(ballot, from)) return;
    const promised = this.promised(name);
    if (compareBallots(ballot, promised) <= 0) {
      this.#refuse(from, request, promised, 0);
      return;
    }
    const register = this.#touch(name, ballot);
    register.promised = ballot;
    this.#save(name, register);
    this.#tellSuperseded(name, promised, ballot);
    const record = register.accepted?.record;
    this.#context.vote(from, {
      kind: 'promise',
      request,
      accepted: register.accepted,
      floorToken: register.accepted === null ? this.#floor.token : 0,
      leaseLeftMs:
        record?.kind === 'session'
          ? this.#lease.left(record, record, register, this.#asker(from))
          : 0,
    });
  }

  /** Rule 2, and rule 5 for a session's first record. */
  accept(from: PeerId, message: Accept): void {
    const { request, register: name, ballot, record } = message;
    if (!this.#isTheirs(ballot, from)) return;
    const known = this.#registers.get(name);
    if (known?.accepted !== null && known !== undefined) {
      if (sameBallot(known.accepted.ballot, ballot)) {
        this.#context.vote(from, { kind: 'accepted', request });
        return;
      }
    }
    const promised = this.promised(name);
    const first = known === undefined && this.#isFirstRecord(from, message);
    if (!first && compareBallots(ballot, promised) < 0) {
      this.#refuse(from, request, promised, 0);
      return;
    }
    // What is chosen is over: this voter's lease protects nobody any more.
    const left = message.chosen ? 0 : this.#leaseLeft(from, known, record);
    if (left > 0) {
      this.#refuse(from, request, promised, left);
      return;
    }
    this.#take(from, message, promised);
  }

  #take(from: PeerId, message: Accept, promised: Ballot): void {
    const { request, register: name, ballot, record, heir, heirIncarnation } = message;
    const register = this.#touch(name, promised);
    const before = register.accepted?.record ?? null;
    register.accepted = { ballot, record };
    register.waived = false;
    register.promised = nextBallot(ballot, heir, heirIncarnation);
    this.#index(name, before, record);
    this.#save(name, register);
    this.#context.vote(from, { kind: 'accepted', request });
    if (heir !== from && this.#links.incarnationOf(heir) === heirIncarnation) {
      this.#context.vote(heir, { kind: 'inherit', register: name, ballot, record });
    }
    this.#tellSuperseded(name, promised, ballot);
    if (before?.kind === 'session' && record.kind === 'session') {
      this.#tellMoved(name, from, before, record, register);
    }
  }

  /** Only by the very peer and incarnation that made the id, at round 0 (rule 5). */
  #isFirstRecord(from: PeerId, { register, ballot, record }: Accept): boolean {
    const session = sessionOf(register);
    return (
      session !== null &&
      ballot.round === 0 &&
      record.kind === 'session' &&
      isHome(record, from, ballot.incarnation) &&
      isMaker(session, from, ballot.incarnation)
    );
  }

  /** Rule 12: *expired* is accepted only of homes that were silent for a lease. */
  #leaseLeft(from: PeerId, known: Register | undefined, record: RegisterRecord): number {
    if (record.kind !== 'session' || record.state !== 'expired') return 0;
    const mine = known?.accepted?.record ?? null;
    if (mine !== null && (mine.kind !== 'session' || mine.state === 'expired')) return 0;
    const vote = known ?? { takenAt: Number.NEGATIVE_INFINITY, waived: false };
    return this.#lease.left(mine, record, vote, this.#asker(from));
  }

  #asker(from: PeerId) {
    return { peer: from, incarnation: this.#links.incarnationOf(from) };
  }

  #refuse(to: PeerId, request: number, promised: Ballot, leaseLeftMs: number): void {
    this.#context.vote(to, { kind: 'refused', request, promised, leaseLeftMs });
  }

  /** To the peer that had the promise before and lost it to another (rule 2). */
  #tellSuperseded(register: RegisterName, promised: Ballot, by: Ballot): void {
    if (promised.peer === NOBODY || promised.peer === by.peer) return;
    this.#context.vote(promised.peer, { kind: 'superseded', register, promised: by });
  }

  /** To a home whose session this voter counts for no longer (rule 13). */
  #tellMoved(
    name: RegisterName,
    from: PeerId,
    before: SessionRecord,
    record: SessionRecord,
    register: Register,
  ): void {
    const session = sessionOf(name) as SessionId;
    const stays = isHome(record, before.home, before.incarnation);
    if (!stays) register.takenAt = this.#context.now.voter;
    if (before.state === 'expired' || (stays && record.state === 'live')) return;
    if (before.home === from) return;
    const ballot = register.accepted?.ballot as Ballot;
    this.#context.vote(before.home, { kind: 'moved', session, ballot, record });
  }

  /** A home that lost a session is not waited for, however well it is heard (rule 12). */
  waive(from: PeerId, { session }: Waive): void {
    const register = this.#registers.get(sessionRegister(session));
    const record = register?.accepted?.record;
    if (register === undefined || record?.kind !== 'session') return;
    if (isHome(record, from, this.#links.incarnationOf(from))) register.waived = true;
  }

  /** Which of a home's sessions stand here as it believes (rule 13). */
  confirm(from: PeerId, { sessions }: Confirm): void {
    const incarnation = this.#links.incarnationOf(from);
    const confirmed = sessions.filter(({ session, attachment }) => {
      const record = this.#registers.get(sessionRegister(session))?.accepted?.record;
      return (
        record?.kind === 'session' &&
        record.state === 'live' &&
        isHome(record, from, incarnation) &&
        record.attachment === attachment
      );
    });
    const known = new Set(confirmed);
    const missing = sessions.filter((asked) => !known.has(asked)).map(({ session }) => session);
    this.#context.vote(from, { kind: 'confirmed', sessions: confirmed, missing });
  }

  /** Which locks the records here give to a session, a page at a time (rule 16). */
  listHoldings(from: PeerId, { request, session, after }: Holdings): void {
    const names = [...(this.#holdings.get(session) ?? [])].filter((name) => name > after).sort();
    const locks = names.slice(0, this.#context.settings.pageSize);
    const last = locks.length === names.length;
    this.#context.vote(from, { kind: 'holding', request, locks, last });
  }

  /** Rule 7: only what every voter holds, as its owner says; nothing newer may be promised. */
  forget(from: PeerId, { register: name, ballot }: Forget): void {
    const register = this.#registers.get(name);
    if (register?.promised.peer !== from || !this.#isForgettable(name, register, ballot)) return;
    const record = register.accepted?.record;
    const token = record?.kind === 'lock' ? record.token : 0;
    this.#floor = {
      round: Math.max(this.#floor.round, register.promised.round),
      token: Math.max(this.#floor.token, token),
    };
    this.#registers.delete(name);
    this.#context.persist({ kind: 'floor', floor: this.#floor });
    this.#context.persist({ kind: 'register', name, state: null });
  }

  /** A free lock, an expired session that no lock names, or a session that was never written. */
  #isForgettable(name: RegisterName, { promised, accepted }: Register, ballot: Ballot): boolean {
    const session = sessionOf(name);
    const asked = session !== null && sameBallot(promised, ballot);
    if (accepted === null) return asked;
    const settled = sameBallot(accepted.ballot, ballot) && promised.round === ballot.round + 1;
    if (!settled && !asked) return false;
    const { record } = accepted;
    if (record.kind === 'lock') return record.holder === null;
    return record.state === 'expired' && session !== null && !this.namesSession(session);
  }

  #touch(name: RegisterName, promised: Ballot): Register {
    let register = this.#registers.get(name);
    if (register === undefined) {
      const takenAt = Number.NEGATIVE_INFINITY;
      register = { promised, accepted: null, takenAt, waived: false, touchedAt: 0 };
      this.#registers.set(name, register);
    }
    register.touchedAt = this.#context.instant;
    return register;
  }

  #save(name: RegisterName, { promised, accepted }: Register): void {
    this.#context.persist({ kind: 'register', name, state: { promised, accepted } });
  }

  #index(name: RegisterName, before: RegisterRecord | null, record: RegisterRecord): void {
    const lock = lockOf(name);
    if (lock === null || record.kind !== 'lock') return;
    const old = (before as LockRecord | null)?.holder?.session;
    const holder = record.holder?.session;
    if (old === holder) return;
    if (old !== undefined) this.#unindex(old, lock);
    if (holder === undefined) return;
    const locks = this.#holdings.get(holder);
    if (locks === undefined) this.#holdings.set(holder, new Set([lock]));
    else locks.add(lock);
  }

  #unindex(session: SessionId, lock: LockName): void {
    const locks = this.#holdings.get(session);
    locks?.delete(lock);
    if (locks?.size === 0) this.#holdings.delete(session);
  }
}
