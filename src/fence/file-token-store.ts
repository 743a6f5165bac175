/**
 * The newest tokens of many resources, on disk: what a guard needs to survive a restart.
 *
 * Owns one directory for each resource, named by a digest, in a directory of its own; any number of
 * processes may share it. Takes some 4 KB of disk a resource, and forgets none.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { RECENT_RESOURCES_MAX } from './limits.ts';
import { checkResource, checkToken, type Token } from './token.ts';
import { TokenDirectory } from './token-directory.ts';
import type { TokenStore } from './token-store.ts';

/** Remembers tokens durably, in a directory on a local disk. */
export class FileTokenStore implements TokenStore {
  readonly #path: string;
  readonly #recent = new Map<string, TokenDirectory>();

  /** @param path - the directory, made when the first token comes */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * One sync of the disk for a token that is new; a look at a directory for one that is not.
   *
   * @throws FenceError `BAD_TOKEN`, `BAD_RESOURCE`, `STORE_FAILED`
   */
  async raise(resource: string, token: Token): Promise<Token> {
    const directory = this.#directory(checkResource(resource));
    return directory.raise(checkToken(token), async (look) => {
      const seen = await look();
      await directory.tidy(seen);
      return seen.newest;
    });
  }

  #directory(resource: string): TokenDirectory {
    const recent = this.#recent.get(resource);
    if (recent !== undefined) return recent;
    const name = createHash('sha256').update(resource).digest('hex');
    const directory = new TokenDirectory(join(this.#path, name));
    const [oldest] = this.#recent.keys();
    if (oldest !== undefined && this.#recent.size >= RECENT_RESOURCES_MAX) {
      this.#recent.delete(oldest);
    }
    this.#recent.set(resource, directory);
    return directory;
  }
}
