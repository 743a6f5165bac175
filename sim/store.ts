/**
 * The disk of one simulated machine: a `RegisterStore` that may be slow, stuck, full or gone.
 *
 * Owns what is durable and what is written but not yet synced. Writes that come while a sync runs
 * share the next one. A crash keeps a prefix of what was not yet acknowledged and loses the rest:
 * writes are ordered, and none is half done. Content outlives the processes that wrote it.
 */
import type { Change, DurableState, EpochState, Floor, RegisterState } from '../src/core/event.ts';
import type { NamedLife } from '../src/core/remembered.ts';
import type { Incarnation, PeerId, RegisterName } from '../src/core/types.ts';
import type { OpenedStore } from '../src/runtime/ports.ts';
import type { SimulatedProcess } from './process.ts';
import type { RandomStream } from './random.ts';
import type { Happening, Scheduler } from './scheduler.ts';
import { drawFrom, type Table } from './table.ts';

/** What a crash leaves of writes that were not acknowledged. */
export type Kept = 'all' | 'some' | 'none';

interface Write {
  readonly changes: readonly Change[];
  readonly done: (error: Error | null) => void;
  readonly process: SimulatedProcess;
}

/** Hears of each change at the moment at which it is durable. */
export type DurableListener = (change: Change, before: RegisterState | null) => void;

/** All that was durable at one moment. */
export interface DiskCopy {
  readonly registers: ReadonlyMap<RegisterName, RegisterState>;
  readonly remembered: ReadonlyMap<PeerId, NamedLife>;
  readonly floor: Floor;
  readonly epoch: EpochState | null;
  readonly incarnation: Incarnation;
}

/** One machine's disk. */
export class SimulatedDisk {
  readonly #scheduler: Scheduler;
  readonly #random: RandomStream;
  readonly #registers = new Map<RegisterName, RegisterState>();
  readonly #remembered = new Map<PeerId, NamedLife>();
  #floor: Floor = { round: 0, token: 0 };
  readonly #first: EpochState;
  #epoch: EpochState | null = null;
  #incarnation: Incarnation = 0;
  #pending: Write[] = [];
  /** How many of `#pending` the sync under way takes in; 0: none runs. */
  #syncing = 0;
  #syncBegan = 0;
  /** The end of the sync under way, if it is still to come. */
  #due: Happening | null = null;
  /** The sync under way was due while the disk was stuck. */
  #late = false;
  #stuck = 0;
  #full = 0;
  /** How long a sync takes (µs). */
  syncUs: Table;

  onDurable: DurableListener = () => {};

  /** @param first - the epoch that its peer is in as long as it has stored no other */
  constructor(scheduler: Scheduler, random: RandomStream, syncUs: Table, first: EpochState) {
    this.#first = first;
    this.#scheduler = scheduler;
    this.#random = random;
    this.syncUs = syncUs;
  }

  get full(): boolean {
    return this.#full > 0;
  }

  /** What a voter holds for certain; `null`: nothing. */
  register(name: RegisterName): RegisterState | null {
    return this.#registers.get(name) ?? null;
  }

  get registers(): ReadonlyMap<RegisterName, RegisterState> {
    return this.#registers;
  }

  get floor(): Floor {
    return this.#floor;
  }

  /** The epoch that its peer is in for certain, and what its registers are worth there. */
  get epoch(): EpochState {
    return this.#epoch ?? this.#first;
  }

  /** The epoch that was stored last; `null`: none. */
  get storedEpoch(): EpochState | null {
    return this.#epoch;
  }

  /** Opens it for a new life of its peer: the incarnation is raised durably before that. */
  open(process: SimulatedProcess): { store: OpenedStore; incarnation: Incarnation } {
    this.#incarnation++;
    const durable: DurableState = {
      registers: [...this.#registers],
      floor: this.#floor,
      epoch: this.#epoch,
      remembered: [...this.#remembered].map(([peer, { incarnation, nonce }]) => [
        peer,
        incarnation,
        nonce,
      ]),
    };
    const store: OpenedStore = {
      durable,
      write: (changes, done) => this.#write({ changes, done, process }),
    };
    return { store, incarnation: this.#incarnation };
  }

  /** The process that wrote is gone: a prefix of what it wrote last stays. */
  crash(kept: Kept): void {
    const { length } = this.#pending;
    const count = kept === 'all' ? length : kept === 'none' ? 0 : this.#random.between(0, length);
    for (const { changes } of this.#pending.slice(0, count)) this.#apply(changes);
    this.#pending = [];
    this.#syncing = 0;
    if (this.#due !== null) this.#due.cancelled = true;
    this.#due = null;
    this.#late = false;
  }

  copy(): DiskCopy {
    return {
      registers: new Map(this.#registers),
      remembered: new Map(this.#remembered),
      floor: this.#floor,
      epoch: this.#epoch,
      incarnation: this.#incarnation,
    };
  }

  /** What was durable then takes the place of what is now: no process may use it meanwhile. */
  restore({ registers, remembered, floor, epoch, incarnation }: DiskCopy): void {
    this.#registers.clear();
    for (const [name, state] of registers) this.#registers.set(name, state);
    this.#remembered.clear();
    for (const [peer, known] of remembered) this.#remembered.set(peer, known);
    this.#floor = floor;
    this.#epoch = epoch;
    this.#incarnation = incarnation;
  }

  /** No sync ends until the disk is unstuck as often. */
  stick(): void {
    this.#stuck++;
  }

  unstick(): void {
    this.#stuck--;
    if (this.#stuck > 0 || !this.#late) return;
    this.#late = false;
    this.#finish();
  }

  /** Writes fail until there is room as often. */
  fill(): void {
    this.#full++;
  }

  empty(): void {
    this.#full--;
  }

  /** A sync takes in what is written at the moment at which it begins, as a group commit does. */
  #write(write: Write): void {
    if (this.#pending.length === 0) this.#pending = [write];
    else this.#pending.push(write);
    if (this.#syncing === 0) this.#sync();
    else if (this.#syncBegan === this.#scheduler.now) this.#syncing++;
  }

  #sync(): void {
    this.#syncing = this.#pending.length;
    this.#syncBegan = this.#scheduler.now;
    this.#due = this.#scheduler.after(drawFrom(this.syncUs, this.#random), this.#isDue);
  }

  readonly #isDue = (): void => {
    this.#due = null;
    if (this.#stuck > 0) this.#late = true;
    else this.#finish();
  };

  #finish(): void {
    const synced = this.#takeSynced();
    const error = this.full ? new Error('ENOSPC: no space left on device') : null;
    for (const { changes, done, process } of synced) {
      if (error === null) this.#apply(changes);
      process.give(error, done);
    }
    if (this.#syncing === 0 && this.#pending.length > 0) this.#sync();
  }

  #takeSynced(): Write[] {
    const written = this.#pending;
    const count = this.#syncing;
    this.#syncing = 0;
    this.#pending = count === written.length ? [] : written.slice(count);
    return count === written.length ? written : written.slice(0, count);
  }

  #apply(changes: readonly Change[]): void {
    for (const change of changes) {
      const before = change.kind === 'register' ? this.register(change.name) : null;
      this.#set(change);
      this.onDurable(change, before);
    }
  }

  #set(change: Change): void {
    switch (change.kind) {
      case 'register':
        if (change.state === null) this.#registers.delete(change.name);
        else this.#registers.set(change.name, change.state);
        return;
      case 'floor':
        this.#floor = change.floor;
        return;
      case 'epoch':
        this.#epoch = change.state;
        return;
      case 'remember':
        this.#remembered.set(change.peer, change);
    }
  }
}
