/**
 * One client of an explored world: acquires the lock at its peer, then releases it.
 *
 * Owns where it stands and what it believes. Its belief counts from when it asked, shortened by
 * the drift bound, as in `client-belief.ts`.
 */
import type { Command, Response } from '../../src/core/command.ts';
import type { ConnectionId, LockName, Token } from '../../src/core/types.ts';

/** The one lock. */
export const LOCK = 'a' as LockName;
/** Each client has one connection, and its peer's life knows no other. */
export const CONNECTION = 1 as ConnectionId;
/** For how long a client that waits waits (ms): longer than anything that is explored. */
const WAIT_MS = 60_000;

/** A client, and what it was told. */
export class ExploredClient {
  readonly name: string;
  /** The peer that it is connected to. */
  readonly peer: number;
  readonly #waits: boolean;
  phase: 'begins' | 'asks' | 'holds' | 'unlocks' | 'done' | 'gone' = 'begins';
  #askedMs = 0;
  #untilMs = Number.NEGATIVE_INFINITY;
  token: Token = 0;
  /** The highest token answered to anybody when it asked. */
  floor: Token = 0;

  constructor(index: number, waits: boolean) {
    this.name = `c${index + 1}`;
    this.peer = index;
    this.#waits = waits;
  }

  /** Another that stands where this one does. */
  copy(): ExploredClient {
    const copy = new ExploredClient(this.peer, this.#waits);
    copy.phase = this.phase;
    copy.token = this.token;
    copy.floor = this.floor;
    copy.#askedMs = this.#askedMs;
    copy.#untilMs = this.#untilMs;
    return copy;
  }

  /** Whether it has something to ask now. */
  get ready(): boolean {
    return this.phase === 'begins' || this.phase === 'holds';
  }

  /** Whether somebody owes it an answer. */
  get owed(): boolean {
    return this.phase === 'asks' || this.phase === 'unlocks';
  }

  /** Its next command. */
  next(nowMs: number, floor: Token): Command {
    this.#askedMs = nowMs;
    if (this.phase === 'holds') {
      this.phase = 'unlocks';
      this.#forget();
      return { kind: 'unlock', name: LOCK };
    }
    this.phase = 'asks';
    this.floor = floor;
    return { kind: 'lock', name: LOCK, waitMs: this.#waits ? WAIT_MS : null };
  }

  /** Its answer; true: it acquired. */
  hears(response: Response, driftPermille: number): boolean {
    const acquired = this.phase === 'asks' && response.kind === 'acquired';
    if (acquired) {
      this.token = response.token;
      const safeMs = Math.floor((response.validityMs * (1_000 - driftPermille)) / 1_000);
      this.#untilMs = this.#askedMs + safeMs;
    }
    this.phase = acquired ? 'holds' : 'done';
    return acquired;
  }

  /** Its peer told of losses, or closed. */
  ended(): void {
    if (this.phase !== 'done') this.phase = 'gone';
    this.#forget();
  }

  /** Its peer is gone; until its time is up it goes on believing. */
  disconnected(): void {
    if (this.phase !== 'done') this.phase = 'gone';
  }

  believes(nowMs: number): boolean {
    return nowMs < this.#untilMs;
  }

  /** Everything that distinguishes it, as text. */
  state(): string {
    return `${this.phase} ${this.#askedMs} ${this.#untilMs} ${this.token} ${this.floor}`;
  }

  #forget(): void {
    this.#untilMs = Number.NEGATIVE_INFINITY;
  }
}
