/**
 * A file that is only replaced whole, under a token, by any number of processes on one machine.
 *
 * Owns the file and a directory beside it, `NAME.fence`, with the newest token and the writes that
 * are being prepared. There is no lock that a stopped process could hold:
 *
 *     remember the token ▸ delete the prepared writes of older tokens ▸ read
 *       ▸ prepare the new content, on disk ▸ look for a newer token ▸ rename it into place
 *
 * A writer that is overtaken between its look and its rename finds its prepared content deleted, so
 * the rename fails: the deleting and the renaming are both one step of the file system, and one of
 * them comes first. Whatever is killed midway leaves the old content or the new one.
 */
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, readFile, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StaleTokenError, storeFailure } from './fence-error.ts';
import { Lane } from './lane.ts';
import { checkResource, checkToken, type Token } from './token.ts';
import { codeOf, digitsOf, type Look, syncDirectory, TokenDirectory } from './token-directory.ts';

const PREPARED_FILE = /^prepared-(\d+)-/;
const PERMISSIONS = 0o7777;

/** What a file is replaced with. */
export type Content = string | Uint8Array;

/** What a file becomes. */
export type Change = (present: Buffer | null) => Content | Promise<Content>;

/** One guarded file, on a local disk. */
export class FencedFile {
  readonly path: string;
  readonly #tokens: TokenDirectory;
  readonly #lane: Lane;

  /**
   * @param path - of the file; `PATH.fence` becomes a directory, to be kept as long as the file
   * @throws FenceError `BAD_RESOURCE`
   */
  constructor(path: string) {
    this.path = checkResource(path);
    this.#tokens = new TokenDirectory(`${path}.fence`);
    this.#lane = new Lane(path);
  }

  /** The content, always of one whole write; `null`: there is no such file. */
  async read(): Promise<Buffer | null> {
    return this.#attempt('read', () => ifThere(() => readFile(this.path)));
  }

  /**
   * Replaces the content, durably, unless a newer token was seen.
   *
   * @throws as `update` does
   */
  async write(token: Token, content: Content): Promise<void> {
    await this.#guard(token, () => content);
  }

  /**
   * Replaces the content by what follows from it: no write that was let in is lost.
   *
   * A token belongs to one holder: two *processes* that update with the same one at once must agree
   * between themselves. Calls of one process take turns.
   *
   * @param change - handed the content, `null` if there is no file; what it throws passes through
   * @throws StaleTokenError a newer token was seen; the write had no effect
   * @throws FenceError `BAD_TOKEN`, `LIMIT_REACHED`: no effect; `STORE_FAILED`: the disk refused
   */
  async update(token: Token, change: Change): Promise<void> {
    await this.#guard(token, async () => change(await this.read()));
  }

  async #guard(token: Token, make: () => Content | Promise<Content>): Promise<void> {
    checkToken(token);
    await this.#lane.run(token, () =>
      this.#tokens.raise(token, async (look) => {
        await this.#takeOver(token, await look());
        await this.#replace(token, await make(), look);
      }),
    );
  }

  async #replace(token: Token, content: Content, look: () => Promise<Look>): Promise<void> {
    const name = `prepared-${digitsOf(token)}-${randomUUID()}`;
    try {
      await this.#prepare(name, content);
      this.#refuseStale(token, await look());
      await rename(join(this.#tokens.path, name), this.path);
    } catch (error) {
      await this.#giveUp(name, token, look);
      throw storeFailure(`${this.path} cannot be replaced`, error);
    }
    await this.#attempt('make durable', () => syncDirectory(dirname(this.path)));
  }

  /** From here on no older token's write takes effect. */
  async #takeOver(token: Token, look: Look): Promise<void> {
    for (const name of look.others) {
      const owner = PREPARED_FILE.exec(name)?.[1];
      if (owner !== undefined && Number(owner) < look.newest) await this.#tokens.remove(name);
    }
    await this.#tokens.tidy(look);
    this.#refuseStale(token, look);
  }

  /** Makes a file that is whole, and durable. */
  async #prepare(name: string, content: Content): Promise<void> {
    const file = await open(join(this.#tokens.path, name), 'wx');
    try {
      await this.#copyPermissions(file);
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async #copyPermissions(file: FileHandle): Promise<void> {
    const present = await ifThere(() => stat(this.path));
    if (present !== null) await file.chmod(present.mode & PERMISSIONS);
  }

  /** Throws if it is a newer token that has deleted the prepared file. */
  async #giveUp(name: string, token: Token, look: () => Promise<Look>): Promise<void> {
    const deleted = !(await this.#tokens.remove(name));
    if (deleted) this.#refuseStale(token, await look());
  }

  #refuseStale(token: Token, { newest }: Look): void {
    if (newest > token) throw new StaleTokenError(this.path, token, newest);
  }

  async #attempt<T>(verb: string, step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (cause) {
      throw storeFailure(`cannot ${verb} ${this.path}`, cause);
    }
  }
}

async function ifThere<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    return null;
  }
}
