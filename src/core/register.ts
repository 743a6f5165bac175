/**
 * The voter: what it promises and accepts, for each register (rules 1, 2, 7, 12 and 17).
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
import type { DurableState } from './event.ts';
import type { Lease } from './lease.ts';
import type { Links } from './links.ts';
import { isHeldBy } from './lock.ts';
import type { Accept, Confirm, Forget, Holdings, Keeps, Prepare, Waive } from './message.ts';
import { CONFIGURATION_REGISTER, isMaker, sessionOf, sessionRegister } from './names.ts';
import { NO_REGISTERS, type Page, type Register, Registers } from './registers.ts';
import { isHome } from './session.ts';
import type {
  Ballot,
  Configuration,
  PeerId,
  RegisterName,
  RegisterRecord,
  SessionId,
  SessionRecord,
  Standing,
} from './types.ts';
import { NOBODY } from './types.ts';

/** Sessions that a voter remembers to have forgotten, in memory. */
const FORGOTTEN_MAX = 10_000;

/** The registers of this peer as a voter. */
export class Voter {
  readonly #context: Context;
  readonly #links: Links;
  readonly #lease: Lease;
  readonly #registers: Registers;
  /** Sessions that were forgotten lately, the oldest first: their first records are refused. */
  readonly #forgotten = new Set<RegisterName>();
  #standing: Standing;
  /** How often an epoch, or a standing in one, was entered. */
  #entries = 0;

  constructor(
    context: Context,
    links: Links,
    lease: Lease,
    durable: DurableState & { readonly standing: Standing },
  ) {
    this.#context = context;
    this.#links = links;
    this.#lease = lease;
    this.#registers = new Registers(context, durable);
    this.#standing = durable.standing;
    if (durable.standing === 'serving') this.#registers.lift();
  }

  /** What the registers here are worth in the present epoch. */
  get standing(): Standing {
    return this.#standing;
  }

  /** The next configuration, if this voter has accepted one: then it is sealed (rule 17). */
  get sealedFor(): Configuration | null {
    const record = this.#registers.find(CONFIGURATION_REGISTER)?.accepted?.record;
    return record?.kind === 'configuration' ? record.configuration : null;
  }

  /** Whether it takes part in the present epoch, and is not sealed. */
  get isServing(): boolean {
    return this.#standing === 'serving' && this.sealedFor === null;
  }

  /** Sealed, it answers for one register only (rule 17). */
  #answersFor(name: RegisterName): boolean {
    if (name === CONFIGURATION_REGISTER) return this.#standing === 'serving';
    return this.isServing;
  }

  get size(): number {
    return this.#registers.size;
  }

  /** All registers in the order of first use; may be changed while one iterates. */
  get all(): Iterable<readonly [RegisterName, Readonly<Register>]> {
    return this.#registers.all;
  }

  /** What this voter stored; a hint to everyone but itself. */
  peek(name: RegisterName): Readonly<Register> | null {
    return this.#registers.find(name) ?? null;
  }

  /** Looked after just now: not again before it has been idle for as long once more. */
  putOff(name: RegisterName): void {
    const register = this.#registers.find(name);
    if (register !== undefined) register.touchedAt = this.#context.instant;
  }

  /** Who may write the register next, as far as this voter knows (rule 8). */
  owner(name: RegisterName): PeerId | null {
    const peer = this.#registers.find(name)?.promised.peer ?? NOBODY;
    return peer === NOBODY ? null : peer;
  }

  /** Whether a record here names that session as a holder. */
  namesSession(session: SessionId): boolean {
    return this.#registers.namesSession(session);
  }

  /** The ballot promised here: an unknown name's is the floor's, and nobody's (rule 7). */
  promised(name: RegisterName): Ballot {
    const known = this.#registers.find(name)?.promised;
    return known ?? nobodysBallot(this.#context.configuration.epoch, this.#registers.floor.round);
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
    if (!this.#answersFor(name) || !this.#isTheirs(ballot, from)) return;
    const promised = this.promised(name);
    if (compareBallots(ballot, promised) <= 0) {
      this.#refuse(from, request, promised, 0);
      return;
    }
    const register = this.#registers.touch(name, ballot);
    this.#registers.promise(name, register, ballot);
    this.#tellSuperseded(name, promised, ballot);
    const record = register.accepted?.record;
    this.#context.vote(from, {
      kind: 'promise',
      request,
      accepted: register.accepted,
      floorToken: register.accepted === null ? this.#registers.floor.token : 0,
      leaseLeftMs:
        record?.kind === 'session'
          ? this.#lease.left(record, record, register, this.#asker(from))
          : 0,
    });
  }

  /** Rule 2, and rule 5 for a session's first record. */
  accept(from: PeerId, message: Accept): void {
    const { request, register: name, ballot, record } = message;
    if (!this.#answersFor(name) || !this.#isTheirs(ballot, from)) return;
    if (!this.#isSound(message)) return;
    const known = this.#registers.find(name);
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
    // What is chosen is over: this voter's word protects nobody any more.
    const left = message.chosen ? 0 : this.#leaseLeft(from, known, record);
    if (left > 0 || (!message.chosen && this.#isOfFormerHome(known, record))) {
      this.#refuse(from, request, promised, left);
      return;
    }
    this.#take(from, message, promised);
  }

  /**
   * Whether a lock would be granted to a claim of a home that the session has left since: the home
   * that has it may have listed its locks already, and would not know of this one (rule 16).
   */
  #isOfFormerHome(known: Register | undefined, record: RegisterRecord): boolean {
    if (record.kind !== 'lock' || record.holder === null) return false;
    const mine = known?.accepted;
    // What was merged is no vote of this epoch: a grant that few gave may stand at all voters now.
    const isVoted = mine?.ballot.epoch === this.#context.configuration.epoch;
    const isHeld = mine?.record.kind === 'lock' && isHeldBy(mine.record, record.holder.stamp);
    return !(isVoted && isHeld) && this.#registers.hasLeft(record.holder);
  }

  /** A configuration stands in one register only, and follows the present one (rule 17). */
  #isSound({ register, record }: Accept): boolean {
    if (record.kind !== 'configuration') return register !== CONFIGURATION_REGISTER;
    const follows = record.configuration.epoch === this.#context.configuration.epoch + 1;
    return register === CONFIGURATION_REGISTER && follows;
  }

  #take(from: PeerId, message: Accept, promised: Ballot): void {
    const { request, register: name, ballot, record, heir, heirIncarnation } = message;
    const register = this.#registers.touch(name, promised);
    const before = register.accepted?.record ?? null;
    this.#registers.accept(name, register, ballot, record);
    register.promised = nextBallot(ballot, heir, heirIncarnation);
    this.#registers.save(name, register);
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
      !this.#forgotten.has(register) &&
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
    if (this.#standing !== 'serving') return;
    const register = this.#registers.find(sessionRegister(session));
    const record = register?.accepted?.record;
    if (register === undefined || record?.kind !== 'session') return;
    if (isHome(record, from, this.#links.incarnationOf(from))) register.waived = true;
  }

  /** Which of a home's sessions stand here as it believes (rule 13). */
  confirm(from: PeerId, { sessions }: Confirm): void {
    if (!this.isServing) return;
    const incarnation = this.#links.incarnationOf(from);
    const confirmed = sessions.filter(({ session, attachment }) => {
      const record = this.#registers.find(sessionRegister(session))?.accepted?.record;
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

  /** What that keeper was told over a channel that broke, it may not have heard (rule 8). */
  keeps(from: PeerId, { registers }: Keeps): void {
    if (!this.isServing) return;
    for (const register of registers) {
      const promised = this.promised(register);
      if (promised.peer === NOBODY || promised.peer === from) continue;
      this.#context.vote(from, { kind: 'superseded', register, promised });
    }
  }

  /**
   * Which locks the records here give to a session, a page at a time (rule 16). Only to the home
   * whose record of it stands here, not one of an earlier stay: no other lock is granted to a
   * former one from then on (rule 2).
   */
  listHoldings(from: PeerId, { request, session, attachment, after }: Holdings): void {
    const record = this.#registers.find(sessionRegister(session))?.accepted?.record;
    if (!this.isServing || record?.kind !== 'session') return;
    if (!isHome(record, from, this.#links.incarnationOf(from))) return;
    if (record.attachment < attachment) return;
    const { pageSize } = this.#context.settings;
    const names = this.#registers.holdings(session, after, pageSize + 1);
    const last = names.length <= pageSize;
    const locks = names.slice(0, pageSize);
    this.#context.vote(from, { kind: 'holding', request, locks, last });
  }

  /** Rule 7: only what every voter holds, as its owner says; nothing newer may be promised. */
  forget(from: PeerId, { register: name, ballot }: Forget): void {
    if (!this.isServing) return;
    const register = this.#registers.find(name);
    if (register?.promised.peer !== from || !this.#isForgettable(name, register, ballot)) return;
    const record = register.accepted?.record;
    const token = record?.kind === 'lock' ? record.token : 0;
    this.#registers.raiseFloor({ round: register.promised.round, token });
    this.#registers.remove(name);
    if (sessionOf(name) !== null) this.#noteForgotten(name);
  }

  #noteForgotten(name: RegisterName): void {
    this.#forgotten.add(name);
    for (const oldest of this.#forgotten) {
      if (this.#forgotten.size <= FORGOTTEN_MAX) break;
      this.#forgotten.delete(oldest);
    }
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
    if (record.kind === 'configuration') return false;
    return record.state === 'expired' && session !== null && !this.namesSession(session);
  }

  // From one epoch to the next (rules 17 and 18)

  /**
   * Another epoch, or a life in one. What is not to be read is thrown away.
   *
   * @param ready - told when what stands here may be merged with what others have
   */
  enter(standing: Standing, ready: () => void): void {
    this.#standing = standing;
    if (this.peek(CONFIGURATION_REGISTER) !== null) this.#registers.remove(CONFIGURATION_REGISTER);
    this.#entries += 1;
    const entry = this.#entries;
    // An earlier throwing away must not go on: it would take what is merged here meanwhile.
    if (standing === 'sealed') ready();
    else this.#registers.discard(() => this.#entries === entry, ready);
  }

  /** Everything accepted here, for a voter that merges: nothing, in an epoch that it missed. */
  pages(): Iterator<Page> {
    return this.#standing === 'absent' ? [NO_REGISTERS].values() : this.#registers.pages();
  }

  /** Takes over a page of what another voter accepted. */
  merge({ registers, floorRound: round, floorToken: token, last }: Page): void {
    for (const register of registers) this.#registers.merge(register);
    if (last) this.#registers.raiseFloor({ round, token });
  }

  /** Takes part from now on: nobody keeps anything, and all leases start anew. */
  serve(): void {
    this.#standing = 'serving';
    this.#registers.lift();
    this.#lease.beginAnew();
  }
}
