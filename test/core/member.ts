/**
 * One peer of a `Cluster` with what outlives it: its disk and its clock.
 */
import type { Effect, EpochState, Event, Floor, RegisterState } from '../../src/core/event.ts';
import { Peer } from '../../src/core/peer.ts';
import type { Settings } from '../../src/core/settings.ts';
import type {
  Configuration,
  Now,
  PeerId,
  Random,
  RegisterName,
  RegisterRecord,
} from '../../src/core/types.ts';

/** A peer, running or not. */
export class Member {
  readonly id: PeerId;
  incarnation = 0;
  readonly registers = new Map<RegisterName, RegisterState>();
  readonly remembered = new Map<PeerId, number>();
  floor: Floor = { round: 0, token: 0 };
  epoch: EpochState | null = null;
  /** `null`: it is down. */
  peer: Peer | null = null;
  paused = false;
  readonly #permille: number;
  #offset: number;
  /** Counted by the suspend-aware clock only: the home's, not the voter's. */
  #suspended = 0;

  /** Its clock shows `offset` + the world's time × `permille` / 1000. */
  constructor(id: PeerId, offset: number, permille: number) {
    this.id = id;
    this.#offset = offset;
    this.#permille = permille;
  }

  /** What its clocks show when the world's time is `at`. */
  clock(at: number): Now {
    const voter = this.#offset + Math.floor((at * this.#permille) / 1_000);
    return { home: voter + this.#suspended, voter };
  }

  /** When, in the world's time, it is next to be woken. */
  get wakesAt(): number {
    if (this.peer === null || this.paused) return Number.POSITIVE_INFINITY;
    const ticks = this.peer.deadline - this.#offset - this.#suspended;
    return Math.ceil((ticks * 1_000) / this.#permille);
  }

  /** Only the suspend-aware clock counted the last `ms` of the world's time. */
  slept(ms: number): void {
    const ticks = Math.floor((ms * this.#permille) / 1_000);
    this.#offset -= ticks;
    this.#suspended += ticks;
  }

  /** Begins another life from what is on the disk. */
  start(configuration: Configuration, settings: Settings, random: Random, at: number): void {
    this.incarnation += 1;
    this.paused = false;
    const { registers, floor, epoch, remembered } = this;
    this.peer = new Peer({
      self: this.id,
      incarnation: this.incarnation,
      configuration,
      settings,
      durable: { registers: [...registers], floor, epoch, remembered: [...remembered] },
      random,
      now: this.clock(at),
    });
  }

  step(event: Event, at: number): readonly Effect[] {
    return this.peer?.step(event, this.clock(at)) ?? [];
  }

  persist({ changes }: Extract<Effect, { kind: 'persist' }>): void {
    for (const change of changes) {
      if (change.kind === 'floor') this.floor = change.floor;
      else if (change.kind === 'epoch') this.epoch = change.state;
      else if (change.kind === 'remember') this.remembered.set(change.peer, change.incarnation);
      else if (change.state === null) this.registers.delete(change.name);
      else this.registers.set(change.name, change.state);
    }
  }

  /** The record that it holds as a voter. */
  record(register: RegisterName): RegisterRecord | null {
    return this.registers.get(register)?.accepted?.record ?? null;
  }
}
