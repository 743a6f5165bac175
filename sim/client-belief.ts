/**
 * What a client believes of its session's locks, from what it was told and by its own clock.
 *
 * Owns the locks with their tokens and the deadline until which they are safe. A told validity
 * counts from when the client *asked*, shortened by the drift bound: the answer may have been long
 * under way. Believing too little costs nothing; believing too long is what checkers look for.
 * Several clients may speak for one session, each over its own connection, and each believes what
 * it was told; but what one of them lets go of is gone for all.
 */
import type { LockName, Token } from '../src/core/types.ts';
import type { Believer } from './checkers/exclusive.ts';
import type { MachineClock } from './clock.ts';

/** A session, as the clients that speak for it know it. */
export class SpokenSession {
  /** The clients' own name for it. */
  readonly name: string;
  /** What conn_id answered; `null`: not yet known. */
  id: string | null = null;
  /** What each of the clients that speak for it believes. */
  readonly beliefs = new Set<ClientBelief>();
  /** Locks whose resource one of them is reading and writing: one update at a time. */
  readonly updating = new Set<LockName>();

  constructor(name: string) {
    this.name = name;
  }
}

/** A client's belief in one session. */
export class ClientBelief implements Believer {
  readonly name: string;
  readonly spoken: SpokenSession;
  readonly locks = new Set<LockName>();
  readonly tokens = new Map<LockName, Token>();
  readonly #clock: MachineClock;
  readonly #driftPermille: number;
  #deadlineMs = Number.NEGATIVE_INFINITY;
  /** When another client of the session let go of a lock last, and of all (µs of the world). */
  readonly #letGoAt = new Map<LockName, number>();
  #letGoAllAt = Number.NEGATIVE_INFINITY;

  constructor(name: string, spoken: SpokenSession, clock: MachineClock, driftPermille: number) {
    this.name = name;
    this.spoken = spoken;
    this.#clock = clock;
    this.#driftPermille = driftPermille;
    spoken.beliefs.add(this);
  }

  get session(): string {
    return this.spoken.name;
  }

  get id(): string | null {
    return this.spoken.id;
  }

  /** It was told, in answer to what it asked at `askedMs`, that its locks are safe for so long. */
  told(askedMs: number, validityMs: number): void {
    const safeMs = Math.floor((validityMs * (1_000 - this.#driftPermille)) / 1_000);
    this.#deadlineMs = Math.max(this.#deadlineMs, askedMs + safeMs);
  }

  /** It knows what another client of the session knows. */
  learns(other: ClientBelief): void {
    for (const [lock, token] of other.tokens) this.tokens.set(lock, token);
    if (other.believes()) this.told(this.#clock.monotonicMs, other.leftMs());
  }

  /** Another client of the session lets go of a lock, or of all, at that time. */
  othersLetGo(lock: LockName | 'all', now: number): void {
    if (lock === 'all') this.#letGoAllAt = now;
    else this.#letGoAt.set(lock, now);
  }

  /**
   * Whether others have not let go of a lock since it was granted then: a home that the session has
   * left may say that it is held, until it hears of the move.
   */
  mayGain(lock: LockName, grantedAt: number): boolean {
    return grantedAt > Math.max(this.#letGoAllAt, this.#letGoAt.get(lock) ?? this.#letGoAllAt);
  }

  /** How much longer the locks are safe (ms). */
  leftMs(): number {
    return this.#deadlineMs - this.#clock.monotonicMs;
  }

  believes(): boolean {
    return this.leftMs() > 0;
  }

  leftUs(): number {
    return this.#clock.untilShows('monotonic', this.#deadlineMs);
  }
}
