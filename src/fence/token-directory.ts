/**
 * The newest token of one resource, on disk, raised by any number of processes without a lock.
 *
 * A token is an empty file that bears it as its name; the newest is the highest name. So it rises
 * by one atomic step, the making of a file, and whatever is killed midway leaves nothing to repair.
 * It belongs on a local disk that honours fsync; processes on several machines need a server.
 *
 * A listing may miss a file that comes or goes meanwhile: it may miss token 7 if 8 came, and took 7
 * away, while it went on. So files are taken away from the lowest up, and who listed looks whether
 * its own, held open, still has its name: if a higher one had gone, its own would have gone first.
 */
import { type FileHandle, mkdir, open, readdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FenceError, storeFailure } from './fence-error.ts';
import { LOOKS_MAX, TOKEN_DIGITS_MAX, TOKEN_MAX } from './limits.ts';
import type { Token } from './token.ts';

const TOKEN_FILE = new RegExp(`^token-(\\d{${TOKEN_DIGITS_MAX}})$`);

/** What one look at the directory showed. */
export interface Look {
  /** The newest token, at one moment since the look began: one's own, or a higher one. */
  readonly newest: Token;
  /** All others, the lowest first. */
  readonly older: readonly Token[];
  /** Names of all other files. */
  readonly others: readonly string[];
}

/** The directory of one resource's tokens. */
export class TokenDirectory {
  readonly path: string;
  /** Known to be durable. */
  #synced: Token = 0;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * Remembers a token, durably, then runs `use`, which may look how things stand.
   *
   * @throws FenceError `STORE_FAILED`; what `use` throws passes through
   */
  async raise<T>(token: Token, use: (look: () => Promise<Look>) => Promise<T>): Promise<T> {
    const own = await this.#attempt(() => this.#mark(token));
    try {
      return await use(() => this.#attempt(() => this.#look(token, own)));
    } finally {
      await own.close();
    }
  }

  /** Takes away the tokens that no longer count. */
  async tidy(look: Look): Promise<void> {
    for (const token of look.older) await this.remove(fileOf(token));
  }

  /** Takes a file away. @returns whether it was there */
  remove(name: string): Promise<boolean> {
    return this.#attempt(() => unlinkIfThere(join(this.path, name)));
  }

  async #mark(token: Token): Promise<FileHandle> {
    const own = await this.#openOwn(join(this.path, fileOf(token)));
    if (token === this.#synced) return own;
    try {
      await syncDirectory(this.path);
      this.#synced = token;
      return own;
    } catch (error) {
      await own.close();
      throw error;
    }
  }

  async #openOwn(file: string): Promise<FileHandle> {
    try {
      return await open(file, 'a');
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      await mkdir(this.path, { recursive: true });
      await syncDirectory(dirname(this.path));
      return open(file, 'a');
    }
  }

  async #look(token: Token, own: FileHandle): Promise<Look> {
    for (let looks = 0; looks < LOOKS_MAX; looks++) {
      const look = sorted(await readdir(this.path));
      if (look.newest > token || (await own.stat()).nlink > 0) return look;
    }
    throw new Error('tokens vanish; who deletes them?');
  }

  async #attempt<T>(step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (cause) {
      throw storeFailure(`the tokens in ${this.path} cannot be kept`, cause);
    }
  }
}

/** Makes what was made, renamed or removed in a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** The system's name of an error, such as `ENOENT`; empty: it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** A token as part of a name: names sort as tokens do. */
export function digitsOf(token: Token): string {
  return String(token).padStart(TOKEN_DIGITS_MAX, '0');
}

function fileOf(token: Token): string {
  return `token-${digitsOf(token)}`;
}

function sorted(names: readonly string[]): Look {
  const tokens: Token[] = [];
  const others: string[] = [];
  for (const name of names) {
    const token = TOKEN_FILE.exec(name)?.[1];
    if (token === undefined) others.push(name);
    else tokens.push(Number(token));
  }
  tokens.sort((a, b) => a - b);
  const newest = tokens.at(-1) ?? 0;
  if (newest > TOKEN_MAX) throw new FenceError('STORE_FAILED', `${newest} cannot be a token`);
  return { newest, older: tokens.slice(0, -1), others };
}

async function unlinkIfThere(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    return false;
  }
}
