/**
 * A journal of commits in a file of fixed length: one synced write makes a commit durable.
 *
 * The file has two halves, written in turn from their starts. What the full half says goes into
 * LMDB while the other is written; then it is written anew (`register-store.ts`). Owns the
 * file and the numbers of commits; knows no register. At most one commit is under way, so that
 * only the last can have been cut short by a crash, and that one nobody was told of: whatever else
 * is missing, or unsound, is damage. The file is filled when it is made: no disk is too full for a
 * commit, and no commit has to sync the length of the file.
 */
import {
  closeSync,
  constants,
  fdatasync,
  fsyncSync,
  openSync,
  readFileSync,
  write,
  writeSync,
} from 'node:fs';
import process from 'node:process';
import { assert } from '../core/invariant.ts';
import { JOURNAL_HALF_BYTES } from '../limits.ts';
import { type JournalEntry, readCommit } from './journal-commit.ts';
import {
  readSector,
  SECTOR_BYTES,
  type Sector,
  sectorsFor,
  writeSectors,
} from './journal-sector.ts';

/** Which journal, and how far the store has taken it in. */
export interface JournalMark {
  /** Random. */
  readonly id: number;
  /** The last commit of which nothing is missing in the store. */
  readonly sequence: number;
}

/** What a journal says beyond its mark. */
export interface JournalContents {
  /** In the order in which they were written. */
  readonly entries: readonly JournalEntry[];
  /** Above that of every commit begun. */
  readonly nextSequence: number;
}

/** On Linux the write itself can wait for the disk; elsewhere that would stop short of it. */
const SYNCED_WRITES = process.platform === 'linux' ? constants.O_DSYNC : 0;
const ZEROS = Buffer.alloc(65_536);

/** Makes an empty journal, durable when this returns; throws what the file system throws. */
export function createJournal(path: string): void {
  const file = openSync(path, 'w', 0o600);
  try {
    for (let at = 0; at < 2 * JOURNAL_HALF_BYTES; )
      at += writeSync(file, ZEROS, 0, ZEROS.length, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Reads a journal whose store says `mark`; a `string`: what is wrong with it. */
export function readJournal(path: string, mark: JournalMark): JournalContents | string {
  const bytes = readFileSync(path);
  if (bytes.length !== 2 * JOURNAL_HALF_BYTES) return `it has ${bytes.length} bytes`;
  const commits = new Map<number, Sector[]>();
  let last = 0;
  for (let at = 0; at < bytes.length; at += SECTOR_BYTES) {
    const sector = readSector(bytes.subarray(at, at + SECTOR_BYTES), mark.id);
    if (sector === undefined) return `the sector at ${at} fails its checksum`;
    if (sector === null) continue;
    last = Math.max(last, sector.sequence);
    const sectors = commits.get(sector.sequence);
    if (sectors === undefined) commits.set(sector.sequence, [sector]);
    else sectors.push(sector);
  }
  if (last < mark.sequence) return `it ends at commit ${last}, before ${mark.sequence}`;
  return readCommits(commits, mark.sequence + 1, last);
}

/** A commit cut short is the last one; before it every one must be whole. */
function readCommits(
  commits: ReadonlyMap<number, readonly Sector[]>,
  first: number,
  last: number,
): JournalContents | string {
  const entries: JournalEntry[] = [];
  for (let sequence = first; sequence <= last; sequence += 1) {
    const sectors = commits.get(sequence) ?? [];
    if (isWhole(sectors)) {
      const said = readCommit(Buffer.concat(sectors.map((sector) => sector.payload)));
      if (said === null) return `commit ${sequence} is unreadable`;
      for (const entry of said) entries.push(entry);
    } else if (sequence < last) {
      return `commit ${sequence} is missing or cut short, and ${last} is not`;
    }
  }
  return { entries, nextSequence: last + 1 };
}

function isWhole(sectors: readonly Sector[]): boolean {
  return (
    sectors.length > 0 &&
    sectors.every((sector, index) => sector.index === index && sector.sectors === sectors.length)
  );
}

/** Writes commits; the caller keeps to one at a time. */
export class Journal {
  readonly #file: number;
  readonly #id: number;
  #sequence: number;
  /** Where the half in use begins, and where the next commit goes. */
  #half = 0;
  #at = 0;
  #sectors = Buffer.allocUnsafeSlow(0);

  /** Begins with the first half: all that the journal says must be in the store. */
  constructor(path: string, id: number, nextSequence: number) {
    this.#file = openSync(path, constants.O_RDWR | SYNCED_WRITES);
    this.#id = id;
    this.#sequence = nextSequence - 1;
  }

  /** The mark of a store that has taken in every commit so far. */
  get mark(): JournalMark {
    return { id: this.#id, sequence: this.#sequence };
  }

  /** Whether a commit of so many bytes goes into what is left of the half. */
  hasRoom(bytes: number): boolean {
    const needed = sectorsFor(bytes) * SECTOR_BYTES;
    assert(needed <= JOURNAL_HALF_BYTES, 'one write never fills half of a journal');
    return this.#at + needed <= this.#half + JOURNAL_HALF_BYTES;
  }

  /** Goes on with the other half, from its start: the store must have taken in what it says. */
  turn(): void {
    this.#half = this.#half === 0 ? JOURNAL_HALF_BYTES : 0;
    this.#at = this.#half;
  }

  /** Writes a commit for which there is room; calls back when it is durable, or failed. */
  commit(payload: Uint8Array, done: (error: Error | null) => void): void {
    this.#sequence += 1;
    this.#reserve(sectorsFor(payload.length) * SECTOR_BYTES);
    const length = writeSectors(this.#sectors, this.#id, this.#sequence, payload);
    const at = this.#at;
    this.#at += length;
    this.#write(at, 0, length, done);
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(at: number, from: number, end: number, done: (error: Error | null) => void): void {
    write(this.#file, this.#sectors, from, end - from, at + from, (error, written) => {
      if (error !== null) done(error);
      else if (from + written < end) this.#write(at, from + written, end, done);
      else if (SYNCED_WRITES === 0) fdatasync(this.#file, done);
      else done(null);
    });
  }

  #reserve(bytes: number): void {
    if (bytes > this.#sectors.length) {
      this.#sectors = Buffer.allocUnsafeSlow(Math.max(bytes, 2 * this.#sectors.length));
    }
  }
}
