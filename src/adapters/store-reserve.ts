/**
 * Keeps written, empty space behind the last page of an LMDB file.
 *
 * So a full disk is met here, by a plain write that fails, and not inside a commit: there LMDB
 * 3.5 overruns the buffer of its own error message, and the process may end by a signal instead
 * of its exit status. Commits that do not lengthen the file also sync faster. Owns nothing that
 * LMDB has written; must not run while a commit does.
 *
 * @see `mdb_page_flush` in LMDB's mdb.c: `malloc(100)` before "Attempting to write page"
 */
import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { STORE_RESERVE_BYTES } from '../limits.ts';

const ZEROS = Buffer.alloc(65_536);

/** The end of one file. */
export class StoreReserve {
  readonly #file: number;
  #fileBytes: number;

  constructor(path: string) {
    this.#file = openSync(path, 'r+');
    this.#fileBytes = fstatSync(this.#file).size;
  }

  /** Lengthens the file when little is left behind `usedBytes`; throws what the disk says. */
  ensure(usedBytes: number): void {
    if (this.#fileBytes - usedBytes >= STORE_RESERVE_BYTES / 2) return;
    // LMDB may have lengthened it itself, in a commit larger than the reserve.
    const start = Math.max(fstatSync(this.#file).size, usedBytes);
    const end = usedBytes + STORE_RESERVE_BYTES;
    try {
      let at = start;
      while (at < end) at += writeSync(this.#file, ZEROS, 0, Math.min(ZEROS.length, end - at), at);
      this.#fileBytes = end;
    } catch (error) {
      ftruncateSync(this.#file, start);
      throw error;
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}
