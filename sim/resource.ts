/**
 * The guarded resource: a counter for each lock, read and written with fencing tokens.
 *
 * Owns the highest token shown for each counter, and refuses every smaller one, on reading and on
 * writing. A client shows its token before its first read; then no update is ever lost, whatever
 * clocks and pauses do. This is the whole duty of a resource.
 */
import type { LockName, Token } from '../src/core/types.ts';

interface Counter {
  token: Token;
  version: number;
}

/** What a write did. */
export type WriteOutcome = 'written' | 'refused' | 'lost-update';

/** The same counters without tokens: shows what is lost where nobody refuses. */
export class UnguardedResource {
  readonly #versions = new Map<LockName, number>();
  /** Updates that another client overwrote without having seen them. */
  losses = 0;

  read(lock: LockName): number {
    return this.#versions.get(lock) ?? 0;
  }

  /** Writes what follows from the version that was read, whatever came since. */
  write(lock: LockName, version: number): void {
    const present = this.read(lock);
    if (present !== version) this.losses++;
    this.#versions.set(lock, present + 1);
  }
}

/** Counters behind tokens. */
export class FencedResource {
  readonly #counters = new Map<LockName, Counter>();
  /** Writes taken, and refused for their tokens. */
  readonly counts = { written: 0, refused: 0 };

  /** Shows a token and reads; `null`: a larger one was shown before. */
  read(lock: LockName, token: Token): number | null {
    const counter = this.#counter(lock);
    if (token < counter.token) {
      this.counts.refused++;
      return null;
    }
    counter.token = token;
    return counter.version;
  }

  /** Writes what follows from the version that was read. */
  write(lock: LockName, token: Token, version: number): WriteOutcome {
    const counter = this.#counter(lock);
    if (token < counter.token) {
      this.counts.refused++;
      return 'refused';
    }
    if (counter.version !== version) return 'lost-update';
    counter.token = token;
    counter.version++;
    this.counts.written++;
    return 'written';
  }

  #counter(lock: LockName): Counter {
    let counter = this.#counters.get(lock);
    if (counter === undefined) {
      counter = { token: 0, version: 0 };
      this.#counters.set(lock, counter);
    }
    return counter;
  }
}
