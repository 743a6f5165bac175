/**
 * How many clients are there, in all and from each address.
 *
 * Owns the counts and both limits. Whoever was let in is to be let out once.
 */

/** How many there may be. */
export interface CrowdLimits {
  readonly connections: number;
  readonly connectionsPerAddress: number;
}

/** Which limit keeps a client out. */
export type Refusal = { readonly kind: keyof CrowdLimits; readonly max: number };

/** The clients of one peer. */
export class Crowd {
  readonly #limits: CrowdLimits;
  readonly #byAddress = new Map<string, number>();
  #size = 0;

  constructor(limits: CrowdLimits) {
    this.#limits = limits;
  }

  /**
   * Counts one more, unless there are too many.
   *
   * @param address - `null`: none that it could be counted to
   * @returns why it is not counted; `null`: it is
   */
  enter(address: string | null): Refusal | null {
    const { connections, connectionsPerAddress } = this.#limits;
    if (this.#size >= connections) return { kind: 'connections', max: connections };
    if (address !== null) {
      const there = this.#byAddress.get(address) ?? 0;
      if (there >= connectionsPerAddress) {
        return { kind: 'connectionsPerAddress', max: connectionsPerAddress };
      }
      this.#byAddress.set(address, there + 1);
    }
    this.#size += 1;
    return null;
  }

  /** One that was counted is gone. */
  leave(address: string | null): void {
    this.#size -= 1;
    if (address === null) return;
    const left = (this.#byAddress.get(address) ?? 0) - 1;
    if (left > 0) this.#byAddress.set(address, left);
    else this.#byAddress.delete(address);
  }
}
