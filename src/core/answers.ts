/**
 * What a keeper tells homes of their claims to one lock (rules 10 and 11).
 *
 * All of it leaves as messages, to this peer's own home, too: so nothing is entered twice. Knows
 * nothing of when an answer is due.
 */
import type { Context } from './context.ts';
import type { LockName, PeerId, Stamp, Token } from './types.ts';

/** The keeper's words about one lock. */
export class Answers {
  readonly #context: Context;
  readonly #lock: LockName;

  constructor(context: Context, lock: LockName) {
    this.#context = context;
    this.#lock = lock;
  }

  /** The chosen record names that claim. */
  granted(stamp: Stamp, token: Token): void {
    this.#context.send(stamp.home, { kind: 'granted', lock: this.#lock, stamp, token });
  }

  /** The queue is full. */
  busy(stamp: Stamp): void {
    this.#context.send(stamp.home, { kind: 'busy', lock: this.#lock, stamp });
  }

  /** Another is to be asked; `null`: whoever the home thinks it is. */
  ask(stamp: Stamp, owner: PeerId | null): void {
    this.#context.send(stamp.home, { kind: 'ask', lock: this.#lock, stamp, owner });
  }

  /** The same to each of those. */
  all(kind: 'held' | 'queued' | 'released', stamps: readonly Stamp[]): void {
    for (const stamp of stamps) this.#context.send(stamp.home, { kind, lock: this.#lock, stamp });
  }
}
