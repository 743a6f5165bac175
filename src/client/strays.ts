/**
 * What a session may hold though nobody wants it, and is to give back where it goes on.
 *
 * That is all that was declared lost; and what was given back just before, for a peer without a
 * quorum answers an `unlock` before it is done, and a session that moves before that takes the lock
 * along, for as long as it lives. So it is said again wherever the session goes on, until a peer
 * answers that it does not hold the lock.
 */
import type { Claim } from './claim.ts';
import { GIVEN_BACK_MAX } from './limits.ts';

const ALL = 'unlock_all';
const NOT_HELD = 403;
const unlockOf = (wire: string): string => `unlock ${wire}`;

/** Locks to be given back once more. */
export class Strays {
  #areLost = false;
  /** Wire names, the oldest first. */
  readonly #givenBack = new Set<string>();

  /** Whether locks that were declared lost may be held still. */
  get areLost(): boolean {
    return this.#areLost;
  }

  /** All that is held is declared lost: what is known of, and whatever else. */
  lose(claims: readonly Claim[]): void {
    this.#areLost = true;
    for (const { phase, wire } of claims) if (phase === 'held') this.add(wire);
  }

  /**
   * That lock is given back, or was, as far as its peer answered.
   *
   * @returns what gives it back
   */
  add(wire: string): string {
    this.#givenBack.delete(wire);
    this.#givenBack.add(wire);
    for (const oldest of this.#givenBack) {
      if (this.#givenBack.size <= GIVEN_BACK_MAX) break;
      this.#givenBack.delete(oldest);
    }
    return unlockOf(wire);
  }

  /** What is to be said where the session goes on. */
  lines(isWanted: (wire: string) => boolean): readonly string[] {
    if (this.#areLost) return [ALL];
    return [...this.#givenBack].filter((wire) => !isWanted(wire)).map(unlockOf);
  }

  /** One of those was answered: only a no says that nothing of it can be taken along once more. */
  answered(line: string, code: number): void {
    if (line === ALL) this.#areLost = false;
    else if (code === NOT_HELD) this.#givenBack.delete(line.slice(unlockOf('').length));
  }

  /** The session is over. */
  clear(): void {
    this.#areLost = false;
    this.#givenBack.clear();
  }
}
