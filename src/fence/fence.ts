/**
 * The guard of resources that one process writes: refuses stale tokens, atomically with the write.
 *
 * Owns the order of writes of each resource; the newest tokens are its store's. A token is
 * remembered *before* its write begins, and a newer one waits until that write has ended, so that
 * no write lands after a newer one's. Where several processes write one resource, the check belongs
 * where they meet: `FencedFile`, or `SqlFence` in the transaction of the write.
 */
import { FenceError, StaleTokenError, storeFailure } from './fence-error.ts';
import { Lane, type Write } from './lane.ts';
import { checkResource, checkToken, type Token } from './token.ts';
import { MemoryTokenStore, type TokenStore } from './token-store.ts';

/** How a guard is made. */
export interface FenceOptions {
  /** What remembers the newest tokens; by default this process's memory. */
  readonly store?: TokenStore;
}

/** Guards any number of resources, told apart by name. */
export class Fence {
  readonly #store: TokenStore;
  readonly #lanes = new Map<string, Lane>();

  constructor(options: FenceOptions = {}) {
    this.#store = options.store ?? new MemoryTokenStore();
  }

  /**
   * Runs a write unless a newer token was seen; writes of one resource run one at a time.
   *
   * The same token may write again and again. A write must not run another one of its own resource:
   * that would wait for itself.
   *
   * @param write - handed a signal that is aborted when a newer token has come and waits
   * @returns what the write returned; what it throws passes through
   * @throws StaleTokenError nothing was written
   * @throws FenceError `BAD_TOKEN`, `BAD_RESOURCE`, `LIMIT_REACHED`, `STORE_FAILED`: nor then
   */
  async run<T>(resource: string, token: Token, write: Write<T>): Promise<T> {
    checkToken(token);
    const lane = this.#lane(checkResource(resource));
    try {
      return await lane.run(token, async (signal) => {
        await this.#raise(resource, token);
        return write(signal);
      });
    } finally {
      if (lane.idle && this.#lanes.get(resource) === lane) this.#lanes.delete(resource);
    }
  }

  /**
   * Shows a token before reading what is to be written later: no older holder writes from then on.
   *
   * @throws as `run` does
   */
  async show(resource: string, token: Token): Promise<void> {
    await this.run(resource, token, () => {});
  }

  #lane(resource: string): Lane {
    const present = this.#lanes.get(resource);
    if (present !== undefined) return present;
    const lane = new Lane(resource);
    this.#lanes.set(resource, lane);
    return lane;
  }

  async #raise(resource: string, token: Token): Promise<void> {
    const newest = await this.#ask(resource, token);
    if (newest > token) throw new StaleTokenError(resource, token, newest);
    if (newest === token) return;
    throw new FenceError('STORE_FAILED', `the store forgot token ${token} of '${resource}'`);
  }

  async #ask(resource: string, token: Token): Promise<Token> {
    try {
      return await this.#store.raise(resource, token);
    } catch (cause) {
      throw storeFailure(`the token ${token} of '${resource}' cannot be remembered`, cause);
    }
  }
}
