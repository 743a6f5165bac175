/**
 * The entries of a store in one LMDB file, behind the journal (`register-store.ts`).
 *
 * Owns the file, what is put into it and when its reserve is looked at. What is read back is
 * checked in `store-contents.ts`. Never looks into records, never repairs.
 */
import { ElockError } from '../errors.ts';
import { CHECKPOINT_ENTRIES } from '../limits.ts';
import type { JournalEntry } from './journal-commit.ts';
import { readContents, type StoreContents } from './store-contents.ts';
import { Sealer } from './store-entry.ts';
import { type Database, messageOf, openDatabase, readPayload, refuseDamage } from './store-file.ts';
import { StoreReserve } from './store-reserve.ts';

/** What LMDB tells of its pages. */
interface PageStatistics {
  readonly lastPageNumber: number;
  readonly pageSize: number;
}

/** An LMDB file of one process. */
export class LmdbEntries {
  readonly path: string;
  readonly #database: Database;
  readonly #reserve: StoreReserve;
  readonly #sealer = new Sealer();

  /**
   * Opens the file, or makes an empty one.
   *
   * @throws ElockError `storeDamaged` when its structure is not whole
   */
  constructor(path: string) {
    refuseDamage(path);
    this.path = path;
    this.#database = openDatabase(path);
    this.#reserve = new StoreReserve(path);
  }

  /** Reads one entry, whoever has the file open; `checked`: no other process writes to it. */
  static async peek(path: string, key: string, checked: boolean): Promise<Buffer | null> {
    if (checked) refuseDamage(path);
    const database = openDatabase(path);
    try {
      const value = database.get(key);
      return value === undefined ? null : readPayload(path, key, value);
    } finally {
      await database.close();
    }
  }

  /** Everything; throws `storeDamaged` unless every entry is what was written. */
  read(): StoreContents {
    return readContents(this.path, this.#database);
  }

  /** Runs `action` in a transaction, which one process has at a time; LMDB's lock dies with it. */
  exclusively(action: () => void): void {
    try {
      this.#database.transactionSync(action);
    } catch (cause) {
      if (cause instanceof ElockError) throw cause;
      throw this.#failure(cause);
    }
  }

  /** Puts entries in one transaction, durable when this returns. */
  putAtOnce(entries: Iterable<JournalEntry>): void {
    this.exclusively(() => {
      for (const entry of entries) this.#put(entry);
    });
  }

  /** Puts entries, in order, while others have their turns; resolves when they are durable. */
  async putGently(entries: Iterable<JournalEntry>): Promise<void> {
    let last: Promise<boolean> | null = null;
    let count = 0;
    for (const entry of entries) {
      if (count % CHECKPOINT_ENTRIES === 0) {
        if (last !== null) await this.#durable(last);
        this.#keepReserve();
      }
      last = this.#put(entry);
      count += 1;
    }
    if (last !== null) await this.#durable(last);
  }

  async close(): Promise<void> {
    this.#reserve.close();
    await this.#database.close();
  }

  /** The promise is that of the commit that LMDB begins when the turn ends. */
  #put([key, payload]: JournalEntry): Promise<boolean> {
    if (payload === null) return this.#database.remove(key);
    return this.#database.put(key, this.#sealer.seal(key, payload));
  }

  async #durable(commit: Promise<boolean>): Promise<void> {
    try {
      await commit;
    } catch (error) {
      // The error says only that the commit failed; its cause comes as a promise that rejects.
      await Promise.resolve((error as { commitError?: unknown }).commitError).catch((cause) => {
        throw this.#failure(cause);
      });
      throw this.#failure(error);
    }
  }

  /** While no commit is under way. */
  #keepReserve(): void {
    const { lastPageNumber, pageSize } = this.#database.getStats() as PageStatistics;
    try {
      this.#reserve.ensure((lastPageNumber + 1) * pageSize);
    } catch (cause) {
      throw this.#failure(cause);
    }
  }

  #failure(cause: unknown): ElockError {
    return writeFailure(this.path, cause);
  }
}

/** What to say when a file of the store takes no more. */
export function writeFailure(path: string, cause: unknown): ElockError {
  return new ElockError('storeFailed', `cannot write ${path}: ${messageOf(cause)}`, { cause });
}
