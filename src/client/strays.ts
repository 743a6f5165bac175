/**
 * What a session may hold though nobody wants it, and is to give back where it goes on.
 *
 * That is all that was declared lost; and what was given back just before, for a peer without a
 * quorum answers an `unlock` before it is done, and a session that moves before that takes the lock
 * along, for as long as it lives.
 */
import { GIVEN_BACK_MAX } from './limits.ts';

const ALL = 'unlock_all';

/** Locks to be given back once more. */
export class Strays {
  #areLost = false;
  /** Wire names, the oldest first. */
  readonly #givenBack = new Set<string>();

  /** Whether locks that were declared lost may be held still. */
  get areLost(): boolean {
    return this.#areLost;
  }

  /** All that is held is declared lost. */
  lose(): void {
    this.#areLost = true;
  }

  /** An `unlock` of that lock was answered. */
  add(wire: string): void {
    this.#givenBack.delete(wire);
    this.#givenBack.add(wire);
    for (const oldest of this.#givenBack) {
      if (this.#givenBack.size <= GIVEN_BACK_MAX) break;
      this.#givenBack.delete(oldest);
    }
  }

  /** What is to be said where the session goes on. */
  lines(isWanted: (wire: string) => boolean): readonly string[] {
    if (this.#areLost) return [ALL];
    return [...this.#givenBack].filter((wire) => !isWanted(wire)).map((wire) => `unlock ${wire}`);
  }

  /** One of those was answered. */
  answered(line: string): void {
    if (line === ALL) this.clear();
    else this.#givenBack.delete(line.slice('unlock '.length));
  }

  /** The session is over. */
  clear(): void {
    this.#areLost = false;
    this.#givenBack.clear();
  }
}
