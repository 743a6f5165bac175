/**
 * Watches who holds what, as the clients of this process see it, and counts overlaps.
 *
 * A lock is taken here once the system said so, and given back here before the system is asked: so
 * whatever is seen to overlap did overlap. Asks no system anything.
 */

/** Mutual exclusion as seen by all clients at once. */
export class HolderCheck {
  readonly #holders = new Map<string, number>();
  #overlaps = 0;
  #handOvers = 0;
  readonly #lastHolders = new Map<string, number>();

  /** How often a lock was granted while somebody else held it. */
  get overlaps(): number {
    return this.#overlaps;
  }

  /** How often a lock went to another client than the one before. */
  get handOvers(): number {
    return this.#handOvers;
  }

  /** The system has just told `client` that it holds `name`. */
  taken(name: string, client: number): void {
    if (this.#holders.has(name)) this.#overlaps += 1;
    this.#holders.set(name, client);
    if (this.#lastHolders.get(name) !== client) this.#handOvers += 1;
    this.#lastHolders.set(name, client);
  }

  /** `client` is about to release `name`. */
  givenBack(name: string, client: number): void {
    if (this.#holders.get(name) === client) this.#holders.delete(name);
  }
}
