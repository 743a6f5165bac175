/**
 * Locks that this peer is about to inherit (rule 9): the keeper sends record and queue ahead, and
 * each voter tells the heir, too, when it accepts the record. On a quorum of them it is chosen, one
 * hop sooner than by the keeper's word. That word is not taken at all: a voter speaks once of a
 * ballot, so no ballot can be inherited twice, and none is used twice.
 *
 * Owns what was heard so far, for a bounded time; what is chosen is the voters' matter.
 */
import { compareBallots, sameBallot } from './ballot.ts';
import type { Context } from './context.ts';
import type { Handover, Inherit, QueuedClaim } from './message.ts';
import { lockOf } from './names.ts';
import type { Ballot, Instant, LockName, LockRecord, PeerId } from './types.ts';

/** A claim that came before the record was known to be chosen. */
export interface EarlyClaim {
  readonly claim: QueuedClaim;
  readonly waits: boolean;
  /** Whether its home was told that it stands in a queue: by the keeper before. */
  readonly told: boolean;
}

interface Pending extends Inherited {
  readonly queue: EarlyClaim[];
  /** Whether the keeper's queue has come. */
  announced: boolean;
  /** Whether a voter promised the lock to another: it may still be chosen, but hardly. */
  outrun: boolean;
  acceptedBy: number;
  accepted: number;
}

/** What a quorum accepted. */
export interface Inherited {
  readonly ballot: Ballot;
  readonly record: LockRecord;
  /** When this heir first heard of it. */
  readonly heardAt: Instant;
  /** Those voters, by bit. */
  readonly acceptedBy: number;
}

/** Who inherits. */
export interface Heir {
  /** The record is chosen: called once a ballot, for it may be used once. */
  inherited(lock: LockName, chosen: Inherited, queue: readonly EarlyClaim[]): void;
  /** The queue came later than that, when the lock may have been handed on already. */
  queueCame(lock: LockName, record: LockRecord, queue: readonly EarlyClaim[]): void;
  /** Nothing will come of it: who waits is told whom to ask, `null`: as far as is known here. */
  failed(lock: LockName, owner: PeerId | null, queue: readonly EarlyClaim[]): void;
}

/** Hand-overs to this peer that are under way, one a lock. */
export class Inheritance {
  readonly #context: Context;
  readonly #heir: Heir;
  readonly #pending = new Map<LockName, Pending>();

  constructor(context: Context, heir: Heir) {
    this.#context = context;
    this.#heir = heir;
  }

  /** Sent ahead by the keeper: who waits, should the record be chosen. */
  announced({ lock, ballot, record, queue }: Handover): void {
    const pending = this.#about(lock, ballot, record);
    for (const claim of queue) pending.queue.push({ claim, waits: true, told: true });
    // Else it has been here, gone, and come again: whoever waited for it then waits still.
    if (sameBallot(pending.ballot, ballot)) pending.announced = true;
    if (pending.accepted >= this.#context.quorum) {
      this.#heir.queueCame(lock, record, pending.queue.splice(0));
    } else if (pending.outrun) this.#heir.failed(lock, null, pending.queue.splice(0));
    this.#deleteWhole(lock, pending);
  }

  /** Takes a claim in, if the lock is about to be kept here: the sender is not sent elsewhere. */
  claim(lock: LockName, claim: QueuedClaim, waits: boolean): boolean {
    const pending = this.#pending.get(lock);
    if (pending === undefined || pending.accepted >= this.#context.quorum) return false;
    if (pending.outrun) return false;
    if (pending.queue.length >= this.#context.settings.waitersPerLock) return false;
    pending.queue.push({ claim, waits, told: false });
    return true;
  }

  /** A voter accepted. */
  accepted(from: PeerId, { register, ballot, record }: Inherit): void {
    const lock = lockOf(register);
    const voter = this.#context.voterIndex(from);
    if (lock === null || voter < 0 || record.kind !== 'lock') return;
    const pending = this.#about(lock, ballot, record);
    const counted = (pending.acceptedBy & (1 << voter)) !== 0;
    if (counted || !sameBallot(pending.ballot, ballot)) return;
    pending.acceptedBy |= 1 << voter;
    pending.accepted += 1;
    if (pending.accepted === this.#context.quorum) {
      this.#heir.inherited(lock, pending, pending.queue.splice(0));
    }
    this.#deleteWhole(lock, pending);
  }

  /** Nothing more comes: every voter has spoken, and so has the keeper before. */
  #deleteWhole(lock: LockName, { announced, accepted }: Pending): void {
    if (announced && accepted === this.#context.voters.length) this.#pending.delete(lock);
  }

  /** A voter promised the lock to another, who writes next: nobody is kept waiting here. */
  superseded(lock: LockName, promised: Ballot): void {
    const pending = this.#pending.get(lock);
    if (pending === undefined || pending.accepted >= this.#context.quorum) return;
    if (compareBallots(promised, pending.ballot) <= 0) return;
    pending.outrun = true;
    this.#heir.failed(lock, promised.peer, pending.queue.splice(0));
  }

  /** Nothing is handed over from one epoch to the next. */
  epochBegun(): void {
    this.#pending.clear();
  }

  #about(lock: LockName, ballot: Ballot, record: LockRecord): Pending {
    const there = this.#pending.get(lock);
    if (there !== undefined && compareBallots(there.ballot, ballot) >= 0) return there;
    const pending = newPending(ballot, record, this.#context.instant);
    // Who waits for what was outrun waits for what follows it.
    if (there !== undefined) pending.queue.push(...there.queue.splice(0));
    this.#pending.set(lock, pending);
    this.#context.after(this.#context.settings.answerMs, () => {
      if (this.#pending.get(lock) === pending) this.#pending.delete(lock);
      this.#heir.failed(lock, null, pending.queue.splice(0));
    });
    return pending;
  }
}

function newPending(ballot: Ballot, record: LockRecord, heardAt: Instant): Pending {
  const nothing = { announced: false, outrun: false, acceptedBy: 0, accepted: 0 };
  return { ballot, record, heardAt, queue: [], ...nothing };
}
