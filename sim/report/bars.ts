/**
 * Who held which lock, in four views, as stretches of time.
 *
 * - *voted*: the chosen record names the session, and a quorum would still refuse to expire it;
 * - *home* and *client*: its home, or its client, would say *held*, each by its own clock;
 * - *effective*: from the first to the last write that the fenced resource took with the token.
 *
 * Owns the stretches. Looks at the world at every event, so ends are exact to the next event.
 */
import { lockOf } from '../../src/core/names.ts';
import type { LockName, RegisterName } from '../../src/core/types.ts';
import type { World } from '../world.ts';
import type { Leases } from './leases.ts';
import { type BarRow, VIEWS, type View, type Window } from './recording.ts';
import type { Words } from './words.ts';

interface Stretch {
  readonly view: View;
  readonly lock: LockName;
  readonly token: number;
  readonly holder: string;
  readonly fromUs: number;
  toUs: number;
  /** Seen at the latest look. */
  seen: boolean;
}

/** All stretches of one recording. */
export class Bars {
  readonly #world: World;
  readonly #leases: Leases;
  readonly #words: Words;
  readonly #open = new Map<string, Stretch>();
  readonly #written = new Map<string, Stretch>();
  readonly #closed: Stretch[] = [];
  readonly #window: Window;
  readonly #registers = new Set<RegisterName>();
  /** By session and lock: the token that its home answered last. */
  readonly #tokens = new Map<string, number>();

  constructor(world: World, leases: Leases, words: Words, window: Window) {
    this.#world = world;
    this.#leases = leases;
    this.#words = words;
    this.#window = window;
  }

  /** A register of a lock exists. */
  wrote(register: RegisterName): void {
    if (lockOf(register) !== null) this.#registers.add(register);
  }

  /** A home answered a session that it has a lock. */
  acquired(session: string, lock: LockName, token: number): void {
    this.#tokens.set(`${session} ${lock}`, token);
  }

  /** The fenced resource took a write. */
  written(lock: LockName, token: number, client: string): void {
    if (this.#world.scheduler.now >= this.#window.fromUs) {
      this.#see('effective', lock, token, client, this.#written);
    }
  }

  /** Looks at everybody who may hold something. */
  look(): void {
    for (const stretch of this.#open.values()) stretch.seen = false;
    for (const register of this.#registers) this.#lookAtVoters(register);
    this.#lookAtClients();
    this.#lookAtHomes();
    for (const [key, stretch] of this.#open) {
      if (!stretch.seen) this.#close(key, stretch);
    }
  }

  /** The stretches that touch the part that is shown. */
  rows(lockNumber: (lock: string) => number): BarRow[] {
    this.look();
    return [...this.#closed, ...this.#open.values(), ...this.#written.values()]
      .filter(({ fromUs }) => fromUs <= this.#window.toUs)
      .map(({ view, lock, token, holder, fromUs, toUs }) => [
        VIEWS.indexOf(view),
        lockNumber(lock),
        token,
        this.#words.number(holder),
        fromUs,
        toUs,
      ]);
  }

  #lookAtVoters(register: RegisterName): void {
    const record = this.#world.checkers.agreed.chosenRecord(register);
    if (record?.kind !== 'lock' || record.holder === null) return;
    const { session } = record.holder;
    if (!this.#leases.isVoted(session)) return;
    this.#see('voted', lockOf(register)!, record.token, this.#words.sessionName(session));
  }

  #lookAtClients(): void {
    for (const { belief } of this.#world.clients) {
      if (!belief.believes()) continue;
      for (const [lock, token] of belief.tokens) this.#see('client', lock, token, belief.session);
    }
  }

  #lookAtHomes(): void {
    for (const belief of this.#world.checkers.homeBeliefs) {
      if (!belief.believes()) continue;
      for (const lock of belief.locks) {
        const token = this.#tokens.get(`${belief.session} ${lock}`) ?? 0;
        this.#see('home', lock, token, belief.name);
      }
    }
  }

  #see(view: View, lock: LockName, token: number, holder: string, among = this.#open): void {
    const key = `${view} ${lock} ${token} ${holder}`;
    const { now } = this.#world.scheduler;
    const known = among.get(key);
    if (known !== undefined) {
      known.seen = true;
      known.toUs = now;
    } else {
      among.set(key, { view, lock, token, holder, fromUs: now, toUs: now, seen: true });
    }
  }

  #close(key: string, stretch: Stretch): void {
    stretch.toUs = this.#world.scheduler.now;
    if (stretch.toUs >= this.#window.fromUs) this.#closed.push(stretch);
    this.#open.delete(key);
  }
}
