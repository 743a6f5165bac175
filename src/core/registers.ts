/**
 * What a voter holds: its registers and its floor, and that each change of them is made durable.
 * Promises of locks that nobody has written are, all at once: their rounds are reserved (rule 1).
 *
 * Owns the map, which locks stand under which session, and how registers leave one epoch and are
 * merged in the next (rule 18). Decides nothing about ballots of the present one: see `register.ts`.
 */
import { compareBallots, nobodysBallot } from './ballot.ts';
import type { Context } from './context.ts';
import type { DurableState, Floor, RegisterState } from './event.ts';
import type { Fetched, FetchedRegister } from './message.ts';
import { CONFIGURATION_REGISTER, lockOf, sessionRegister } from './names.ts';
import { isHome } from './session.ts';
import type {
  Ballot,
  Holder,
  Instant,
  LockName,
  LockRecord,
  RegisterName,
  RegisterRecord,
  SessionId,
} from './types.ts';

/** One register of a voter. */
export interface Register extends RegisterState {
  promised: Ballot;
  accepted: { readonly ballot: Ballot; readonly record: RegisterRecord } | null;
  /** When this voter last took a record with another home (rule 12), by the voter's clock. */
  takenAt: Instant;
  /** Whether the home that the record names said that it vouches no more (rule 12). */
  waived: boolean;
  /** When it was last written, by the home's clock; for forgetting. */
  touchedAt: Instant;
}

/** A page of registers as it is sent (rule 18). */
export type Page = Omit<Fetched, 'kind' | 'request' | 'page' | 'serving'>;

/** The only page of a voter that holds none (rule 18). */
export const NO_REGISTERS: Page = { registers: [], floorRound: 0, floorToken: 0, last: true };

/** So many rounds are reserved at once: one write for as many promises of new locks. */
const ROUNDS_RESERVED = 1_000;
/** What a page may hold in names and records: a commit is larger. */
const PAGE_BYTES = 131_072;
/** What a record and its ballot take, at most, beside the name; see `wire/`. */
const FETCHED_BYTES = 256;

/** All registers of this peer, in the order of first use. */
export class Registers {
  readonly #context: Context;
  readonly #registers = new Map<RegisterName, Register>();
  /** Which locks the records here give to each session: mostly one, which needs no set. */
  readonly #holdings = new Map<SessionId, LockName | Set<LockName>>();
  #floor: Floor;
  /** What the round of the floor is on disk, and so after the next start: no less than here. */
  #reserved: number;

  constructor(context: Context, durable: DurableState) {
    this.#context = context;
    this.#floor = durable.floor;
    this.#reserved = durable.floor.round;
    const { voter: takenAt, home: touchedAt } = context.now;
    for (const [name, state] of durable.registers) {
      const promised = this.#promisedBefore(name, state);
      const { accepted } = state;
      this.#registers.set(name, { promised, accepted, takenAt, waived: false, touchedAt });
      if (accepted !== null) this.#index(name, null, accepted.record);
    }
  }

  /** What was only promised may have been promised higher since, up to the floor. */
  #promisedBefore(name: RegisterName, { promised, accepted }: RegisterState): Ballot {
    const floor = nobodysBallot(promised.epoch, this.#floor.round);
    const isFloor = isUnwritten(name, accepted) && compareBallots(floor, promised) > 0;
    return isFloor ? floor : promised;
  }

  get size(): number {
    return this.#registers.size;
  }

  get floor(): Floor {
    return this.#floor;
  }

  /** May be changed while one iterates. */
  get all(): Iterable<readonly [RegisterName, Readonly<Register>]> {
    return this.#registers.entries();
  }

  find(name: RegisterName): Register | undefined {
    return this.#registers.get(name);
  }

  /** Of the locks that the records here give to a session, the first `count` behind `after`. */
  holdings(session: SessionId, after: LockName, count: number): LockName[] {
    const locks = this.#holdings.get(session) ?? [];
    return firstBehind(typeof locks === 'string' ? [locks] : locks, after, count);
  }

  /** Whether the session is at another home by now than at that of its claim. */
  hasLeft({ session, attachment, stamp }: Holder): boolean {
    const record = this.#registers.get(sessionRegister(session))?.accepted?.record;
    // Of one that is over no former home vouches for anything: nobody relies on what it is granted.
    if (record?.kind !== 'session' || record.state !== 'live') return false;
    return record.attachment >= attachment && !isHome(record, stamp.home, stamp.incarnation);
  }

  /** Whether a record here names that session as a holder. */
  namesSession(session: SessionId): boolean {
    return this.#holdings.has(session);
  }

  /** The register as it is about to be changed; made, if there is none. */
  touch(name: RegisterName, promised: Ballot): Register {
    let register = this.#registers.get(name);
    if (register === undefined) {
      const takenAt = Number.NEGATIVE_INFINITY;
      register = { promised, accepted: null, takenAt, waived: false, touchedAt: 0 };
      this.#registers.set(name, register);
    }
    register.touchedAt = this.#context.instant;
    return register;
  }

  /**
   * Promises, durably: of a lock that nobody has written, by a round that is reserved. After a
   * crash such locks are promised to nobody, at the last of all rounds that are (rule 1).
   */
  promise(name: RegisterName, register: Register, ballot: Ballot): void {
    register.promised = ballot;
    if (isUnwritten(name, register.accepted)) this.#reserve(ballot.round);
    else this.save(name, register);
  }

  #reserve(round: number): void {
    if (round <= this.#reserved) return;
    this.#reserved = (Math.floor(round / ROUNDS_RESERVED) + 1) * ROUNDS_RESERVED;
    this.#saveFloor();
  }

  save(name: RegisterName, { promised, accepted }: Register): void {
    this.#context.persist({ kind: 'register', name, state: { promised, accepted } });
  }

  /** Puts another record in place of what was accepted; to be saved. */
  accept(name: RegisterName, register: Register, ballot: Ballot, record: RegisterRecord): void {
    const before = register.accepted?.record ?? null;
    register.accepted = { ballot, record };
    register.waived = false;
    this.#index(name, before, record);
  }

  /** Takes a register out. */
  remove(name: RegisterName): void {
    const record = this.#registers.get(name)?.accepted?.record;
    const lock = lockOf(name);
    if (record?.kind === 'lock' && record.holder !== null && lock !== null) {
      this.#unindex(record.holder.session, lock);
    }
    this.#registers.delete(name);
    this.#context.persist({ kind: 'register', name, state: null });
  }

  /** At least as high as all that is forgotten, here or elsewhere (rules 7 and 18). */
  raiseFloor({ round, token }: Floor): void {
    const { round: ownRound, token: ownToken } = this.#floor;
    if (round <= ownRound && token <= ownToken) return;
    this.#floor = { round: Math.max(round, ownRound), token: Math.max(token, ownToken) };
    this.#saveFloor();
  }

  #saveFloor(): void {
    const { round, token } = this.#floor;
    this.#reserved = Math.max(round, this.#reserved);
    this.#context.persist({ kind: 'floor', floor: { round: this.#reserved, token } });
  }

  #index(name: RegisterName, before: RegisterRecord | null, record: RegisterRecord): void {
    if (record.kind !== 'lock') return;
    const old = (before as LockRecord | null)?.holder?.session;
    const holder = record.holder?.session;
    const lock = old === holder ? null : lockOf(name);
    if (lock === null) return;
    if (old !== undefined) this.#unindex(old, lock);
    if (holder === undefined) return;
    const locks = this.#holdings.get(holder);
    if (locks === undefined) this.#holdings.set(holder, lock);
    else if (typeof locks === 'string') this.#holdings.set(holder, new Set([locks, lock]));
    else locks.add(lock);
  }

  #unindex(session: SessionId, lock: LockName): void {
    const locks = this.#holdings.get(session);
    if (typeof locks === 'object') locks.delete(lock);
    if (locks === lock || (typeof locks === 'object' && locks.size === 0)) {
      this.#holdings.delete(session);
    }
  }

  // From one epoch to the next (rule 18)

  /** Throws everything away, a page at a time; `done` when nothing is left. */
  discard(goesOn: () => boolean, done: () => void): void {
    if (!goesOn()) return;
    let left = this.#context.settings.pageSize;
    for (const name of this.#registers.keys()) {
      if (left-- === 0) break;
      this.remove(name);
    }
    if (this.#registers.size === 0) done();
    else this.#context.after(1, () => this.discard(goesOn, done));
  }

  /** Everything accepted here, in pages; what is accepted meanwhile may be missing. */
  *pages(): Generator<Page> {
    let registers: FetchedRegister[] = [];
    let bytes = 0;
    for (const [register, { accepted }] of this.#registers) {
      if (accepted === null || register === CONFIGURATION_REGISTER) continue;
      registers.push({ register, ...accepted });
      bytes += register.length + FETCHED_BYTES;
      if (bytes < PAGE_BYTES && registers.length < this.#context.settings.pageSize) continue;
      yield this.#page(registers, false);
      registers = [];
      bytes = 0;
    }
    yield this.#page(registers, true);
  }

  #page(registers: readonly FetchedRegister[], last: boolean): Page {
    const { round: floorRound, token: floorToken } = this.#floor;
    return { registers, floorRound, floorToken, last };
  }

  /**
   * Takes over what another voter accepted, if it is newer. One that takes part already may have
   * accepted it in this epoch: then nothing below is promised here, as it is there.
   */
  merge({ register: name, ballot, record }: FetchedRegister): void {
    const known = this.#registers.get(name)?.accepted ?? null;
    if (known !== null && compareBallots(known.ballot, ballot) >= 0) return;
    const { epoch } = this.#context.configuration;
    const promised = nobodysBallot(epoch, ballot.epoch === epoch ? ballot.round : 0);
    const register = this.touch(name, promised);
    register.promised = promised;
    this.accept(name, register, ballot, record);
    this.save(name, register);
  }

  /** What was promised in epochs before binds no more: who writes first in this one prepares. */
  lift(): void {
    const { epoch } = this.#context.configuration;
    const lifted = nobodysBallot(epoch, 0);
    for (const register of this.#registers.values()) {
      if (register.promised.epoch < epoch) register.promised = lifted;
    }
  }
}

/** In order, without putting more than a few of a great many in order. */
function firstBehind(names: Iterable<LockName>, after: LockName, count: number): LockName[] {
  let first: LockName[] = [];
  let beyond: LockName | undefined;
  for (const name of names) {
    if (name <= after || (beyond !== undefined && name >= beyond)) continue;
    first.push(name);
    if (first.length < 2 * count) continue;
    first = first.sort().slice(0, count);
    beyond = first.at(-1);
  }
  return first.sort().slice(0, count);
}

/** Whether it is a lock of which this voter holds no record. */
function isUnwritten(name: RegisterName, accepted: RegisterState['accepted']): boolean {
  return accepted === null && lockOf(name) !== null;
}
