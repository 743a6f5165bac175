/**
 * What remembers the newest token of each resource; a guard forgets only what its store forgets.
 *
 * Kept in memory, tokens are gone when the process ends: then a stale holder can write until the
 * next one comes. Where that matters, give the guard a store that is durable: `FileTokenStore`,
 * `SqlFence`, or one of your own.
 */
import { FenceError } from './fence-error.ts';
import { RESOURCES_MAX } from './limits.ts';
import { checkResource, checkToken, type Token } from './token.ts';

/** Remembers the newest token of each resource. */
export interface TokenStore {
  /**
   * Remembers the token, durably if the store is, unless a newer one was seen.
   *
   * One step, whoever else raises at once: no call may return a token older than one that was
   * returned before.
   *
   * @returns the newest token seen, this one included
   */
  raise(resource: string, token: Token): Token | Promise<Token>;
}

/** What a memory begins with. */
export interface MemoryTokenStoreOptions {
  /** Tokens that were seen before, such as those of a back-up. */
  readonly newest?: Iterable<readonly [resource: string, token: Token]>;
  /** How many resources it remembers, 100,000 by default; no more are let in. */
  readonly resourcesMax?: number;
}

/** Remembers tokens while the process runs. */
export class MemoryTokenStore implements TokenStore {
  readonly #newest = new Map<string, Token>();
  readonly #resourcesMax: number;

  /** @throws FenceError `BAD_TOKEN`, `BAD_RESOURCE`, `LIMIT_REACHED` */
  constructor(options: MemoryTokenStoreOptions = {}) {
    this.#resourcesMax = options.resourcesMax ?? RESOURCES_MAX;
    for (const [resource, token] of options.newest ?? []) this.raise(resource, token);
  }

  /** @throws FenceError `BAD_TOKEN`, `BAD_RESOURCE`, `LIMIT_REACHED` */
  raise(resource: string, token: Token): Token {
    const before = this.#newest.get(checkResource(resource)) ?? 0;
    const newest = Math.max(before, checkToken(token));
    if (before === 0) this.#makeRoom();
    this.#newest.set(resource, newest);
    return newest;
  }

  /** The newest token of each resource, in no particular order. */
  entries(): IterableIterator<[resource: string, token: Token]> {
    return this.#newest.entries();
  }

  #makeRoom(): void {
    if (this.#newest.size < this.#resourcesMax) return;
    throw new FenceError(
      'LIMIT_REACHED',
      `the tokens of ${this.#resourcesMax} resources are remembered in memory, and none of them ` +
        'may be forgotten: name fewer resources, or keep the tokens in a store.',
    );
  }
}
