/**
 * Writes of registers, from prepare to chosen (rules 3 to 6), and the catching up of slow voters.
 *
 *   prepare ──quorum of promises──▶ the owner decides ──accept──▶ quorum of accepted = chosen
 *      └──refused──▶ the owner decides            └──refused──▶ the owner decides; still counted
 *
 * Owns the ballots: no round is used twice by this incarnation. Never decides what is written:
 * that is the owner of a write (a kept lock, a session at its home, an expiry).
 *
 * @see Rystsov, "CASPaxos: Replicated State Machines without Logs" (2018), section 2.2
 */
import { compareBallots, roundBeyond } from './ballot.ts';
import type { Context } from './context.ts';
import { assert } from './invariant.ts';
import type { Links } from './links.ts';
import type { Accepted, Message, PromiseAnswer, Refused } from './message.ts';
import { bits } from './quorum.ts';
import { type Read, readOf } from './read.ts';
import type { Voter } from './register.ts';
import type {
  Ballot,
  Incarnation,
  Instant,
  PeerId,
  RegisterName,
  RegisterRecord,
} from './types.ts';

/** Who wants a write, and decides. */
export interface WriteOwner {
  /** A quorum promised; called again for each further promise until the owner acts. */
  onRead(write: Write, read: Read): void;
  /** Accepted by a quorum; called once, also after `onRefused`. */
  onChosen(write: Write): void;
  /** A voter refused: for its promise, or for the lease that is left; called at most once. */
  onRefused(write: Write, promised: Ballot, leaseLeftMs: number): void;
  /** One more voter holds the record, before or after it was chosen. */
  onAccepted?(write: Write, voter: number): void;
  /** A voter that was promised to another meanwhile refused the record, which is chosen. */
  onMissed?(write: Write, voter: number): void;
}

/** One attempt to write one register. */
export interface Write {
  readonly register: RegisterName;
  readonly ballot: Ballot;
  readonly owner: WriteOwner;
  phase: 'preparing' | 'accepting' | 'chosen' | 'dropped';
  /** Of the phase under way: answers to an earlier one do not count (rule 3). */
  request: number;
  /** When that was sent: whatever is answered was so at some moment since. */
  sentAt: Instant;
  /** Voters that promised or refused, or that accepted or refused, by bit. */
  answered: number;
  /** Voters that promised it by what outlasts their restart: they hold a record (rule 1). */
  promisedBy: number;
  /** Voters that hold the record, by bit. */
  acceptedBy: number;
  /** Voters that refused for the lease that is left, by bit: they take it once it is chosen. */
  leasedAt: number;
  refused: boolean;
  readonly promises: PromiseAnswer[];
  record: RegisterRecord | null;
  heir: PeerId;
  heirIncarnation: Incarnation;
}

/** How long a refused write is still counted, in case that it is chosen all the same. */
const REFUSED_COUNTED_MS = 5_000;

/** All writes of this peer. */
export class Writer {
  readonly #context: Context;
  readonly #links: Links;
  readonly #voter: Voter;
  readonly #writes = new Map<number, Write>();
  /** Chosen, but not yet held by every voter: at most one a register (rule 6). */
  readonly #lagging = new Map<RegisterName, Write>();
  /** By voter: lagging writes to be sent again, a page at a time. */
  readonly #catchingUp = new Map<PeerId, Write[]>();
  #request = 0;
  /** Above all rounds seen or used. */
  #round = 0;

  constructor(context: Context, links: Links, voter: Voter) {
    this.#context = context;
    this.#links = links;
    this.#voter = voter;
  }

  /** A number for a request that wants one answer; never used twice. */
  newRequest(): number {
    this.#request += 1;
    return this.#request;
  }

  get size(): number {
    return this.#writes.size;
  }

  /** Keeps the next ballot above one that was seen. */
  saw(ballot: Ballot): void {
    if (ballot.round > this.#round) this.#round = ballot.round;
  }

  /** Whether every voter holds the record of that write. */
  isHeldByAll(write: Write): boolean {
    return write.acceptedBy === this.#context.everyone;
  }

  /** Asks for promises, with a ballot above all that was seen or used (rule 3). */
  prepare(register: RegisterName, owner: WriteOwner): Write {
    this.saw(this.#voter.promised(register));
    this.#round += 1;
    const { self, incarnation, configuration } = this.#context;
    const { epoch } = configuration;
    const write = this.#begin(
      register,
      { epoch, round: this.#round, peer: self, incarnation },
      owner,
    );
    this.#writes.set(write.request, write);
    this.#tellAll({ kind: 'prepare', request: write.request, register, ballot: write.ballot });
    return write;
  }

  /** Writes without asking, under a ballot that the voters have promised (rules 4 and 5). */
  propose(
    register: RegisterName,
    ballot: Ballot,
    record: RegisterRecord,
    owner: WriteOwner,
    heir: PeerId = this.#context.self,
  ): Write {
    const write = this.#begin(register, ballot, owner);
    this.accept(write, record, heir);
    return write;
  }

  #begin(register: RegisterName, ballot: Ballot, owner: WriteOwner): Write {
    this.saw(ballot);
    const write: Write = {
      register,
      ballot,
      owner,
      phase: 'preparing',
      request: this.newRequest(),
      sentAt: this.#context.instant,
      answered: 0,
      promisedBy: 0,
      acceptedBy: 0,
      leasedAt: 0,
      refused: false,
      promises: [],
      record: null,
      heir: ballot.peer,
      heirIncarnation: ballot.incarnation,
    };
    return write;
  }

  /** Sends the one record that this ballot will ever carry. */
  accept(write: Write, record: RegisterRecord, heir: PeerId = this.#context.self): void {
    assert(write.record === null, 'a ballot carries one record for ever');
    this.#writes.delete(write.request);
    write.request = this.newRequest();
    this.#writes.set(write.request, write);
    write.sentAt = this.#context.instant;
    write.phase = 'accepting';
    write.answered = 0;
    write.refused = false;
    write.record = record;
    write.heir = heir;
    write.heirIncarnation = this.#links.incarnationOf(heir);
    this.#tellAll(acceptMessage(write));
  }

  /** Counts no more answers to it. */
  drop(write: Write | null): void {
    if (write === null) return;
    this.#writes.delete(write.request);
    if (this.#lagging.get(write.register) === write) this.#lagging.delete(write.register);
    if (write.phase !== 'chosen') write.phase = 'dropped';
  }

  /**
   * Sends a live record of that session no more to voters that missed it: another home may write it
   * by now, and every voter may have forgotten it, and would take it for new (rule 7).
   */
  dropLive(register: RegisterName): void {
    const lagging = this.#lagging.get(register);
    const record = lagging?.record;
    if (lagging === undefined || record?.kind !== 'session') return;
    if (record.state === 'live') this.drop(lagging);
  }

  #tellAll(message: Message): void {
    for (const voter of this.#context.voters) this.#tell(voter, message);
  }

  #tell(voter: PeerId, message: Message): void {
    if (this.#links.isOpen(voter)) this.#context.send(voter, message);
  }

  onPromise(from: PeerId, answer: PromiseAnswer): void {
    if (answer.accepted !== null) this.saw(answer.accepted.ballot);
    const write = this.#answeredBy(from, answer.request, 'preparing');
    if (write === null) return;
    write.promises.push(answer);
    if (answer.accepted !== null) write.promisedBy |= 1 << this.#context.voterIndex(from);
    const { promises, owner } = write;
    if (promises.length >= this.#context.quorum)
      owner.onRead(write, readOf(promises, this.#context));
  }

  onAccepted(from: PeerId, { request }: Accepted): void {
    const write = this.#writes.get(request);
    const voter = this.#context.voterIndex(from);
    if (write === undefined || voter < 0) return;
    write.acceptedBy |= 1 << voter;
    write.owner.onAccepted?.(write, voter);
    if (write.phase === 'accepting' && bits(write.acceptedBy) >= this.#context.quorum) {
      this.#choose(write);
    }
    this.#dropWhenSettled(write);
    this.#catchUp(from);
  }

  #choose(write: Write): void {
    write.phase = 'chosen';
    const { register, ballot, record } = write;
    this.drop(this.#lagging.get(register) ?? null);
    this.#lagging.set(register, write);
    if (record !== null) this.#context.observe({ kind: 'chosen', register, ballot, record });
    if (write.leasedAt !== 0) this.#tellLeased(write);
    write.owner.onChosen(write);
  }

  /** Those that refused for the lease that was left take the record now. */
  #tellLeased(write: Write): void {
    for (const [index, voter] of this.#context.voters.entries()) {
      if ((write.leasedAt & (1 << index)) !== 0) this.#tell(voter, acceptMessage(write));
    }
  }

  onRefused(from: PeerId, { request, promised, leaseLeftMs }: Refused): void {
    this.saw(promised);
    const write = this.#writes.get(request);
    const voter = this.#context.voterIndex(from);
    if (write === undefined || voter < 0) return;
    if (leaseLeftMs > 0 || isPassedOver(write, promised)) this.#awaitsChoice(write, from);
    else write.answered |= 1 << voter;
    this.#catchUp(from);
    this.#dropWhenSettled(write);
    if (write.phase === 'chosen' && (write.answered & (1 << voter)) !== 0) {
      write.owner.onMissed?.(write, voter);
    }
    if (write.refused || write.phase === 'chosen') return;
    write.refused = true;
    if (write.phase === 'preparing') {
      this.drop(write);
      this.#round = Math.max(this.#round, roundBeyond(write.ballot, promised));
    } else this.#context.after(REFUSED_COUNTED_MS, () => this.#giveUp(write));
    write.owner.onRefused(write, promised, leaseLeftMs);
  }

  /** Not for good: what its condition stands against a voter takes once it is chosen (rule 2). */
  #awaitsChoice(write: Write, from: PeerId): void {
    write.leasedAt |= 1 << this.#context.voterIndex(from);
    if (write.phase === 'chosen') this.#tell(from, acceptMessage(write));
  }

  /** Chosen, and held or refused by every voter: whoever was promised more brings up the rest. */
  #dropWhenSettled(write: Write): void {
    if (write.phase !== 'chosen') return;
    if ((write.acceptedBy | write.answered) === this.#context.everyone) this.drop(write);
  }

  #giveUp(write: Write): void {
    if (write.phase === 'accepting') this.drop(write);
  }

  #answeredBy(from: PeerId, request: number, phase: Write['phase']): Write | null {
    const write = this.#writes.get(request);
    const voter = this.#context.voterIndex(from);
    if (write === undefined || write.phase !== phase || voter < 0) return null;
    if ((write.answered & (1 << voter)) !== 0) return null;
    write.answered |= 1 << voter;
    return write;
  }

  /** Answers are counted within one epoch (rule 19): who still wants a write begins it anew. */
  epochBegun(): void {
    for (const write of this.#writes.values()) {
      if (write.phase !== 'chosen') write.phase = 'dropped';
    }
    this.#writes.clear();
    this.#lagging.clear();
    this.#catchingUp.clear();
  }

  /** What was lost with the old channel is asked anew, or sent again (rules 2, 3 and 6). */
  channelOpened(voter: PeerId): void {
    const index = this.#context.voterIndex(voter);
    if (index < 0) return;
    const bit = 1 << index;
    const behind: Write[] = [];
    for (const write of [...this.#writes.values()]) {
      if (write.phase === 'preparing' && (write.answered & bit) === 0) this.#prepareAnew(write);
      else if (write.phase !== 'preparing' && (write.acceptedBy & bit) === 0) behind.push(write);
    }
    this.#catchingUp.set(voter, behind.reverse());
    for (let sent = 0; sent < this.#context.settings.pageSize; sent++) this.#catchUp(voter);
  }

  /** Sends the next of the writes that the voter missed: one for each answer that came. */
  #catchUp(voter: PeerId): void {
    const behind = this.#catchingUp.get(voter);
    if (behind === undefined) return;
    for (let write = behind.pop(); write !== undefined; write = behind.pop()) {
      if (this.#writes.get(write.request) !== write) continue;
      this.#context.send(voter, acceptMessage(write));
      return;
    }
    this.#catchingUp.delete(voter);
  }

  /** Never the same prepare twice: its answer may be under way (rule 3). */
  #prepareAnew(write: Write): void {
    this.drop(write);
    write.owner.onRefused(write, write.ballot, 0);
  }
}

/** Refused though nothing higher is promised: its condition does not hold there (rule 2). */
export function isPassedOver({ phase, ballot }: Write, promised: Ballot): boolean {
  const isSent = phase === 'accepting' || phase === 'chosen';
  return isSent && compareBallots(promised, ballot) <= 0;
}

function acceptMessage(write: Write): Message {
  const { request, register, ballot, record, heir, heirIncarnation, phase } = write;
  if (record === null) throw new TypeError('an accept carries a record');
  const chosen = phase === 'chosen';
  return { kind: 'accept', request, register, ballot, record, heir, heirIncarnation, chosen };
}
