/**
 * What the meta pages of an LMDB file say, checked field by field.
 *
 * An LMDB file starts with two meta pages; each commit writes the older one anew. They carry no
 * checksum: every field that has one right value is held against it. Never writes.
 *
 * @see `MDB_db` and `MDB_meta` in LMDB's mdb.c, data version 2
 */

const MAGIC = 0xbeefc0de;
const DATA_VERSION = 2;
/** In front of every page: its number, its transaction, its flags and bounds. */
export const PAGE_HEADER_BYTES = 24;
/** What is read of a meta page, the page header included. */
export const META_BYTES = PAGE_HEADER_BYTES + 144;
const PAGE_BYTES_MIN = 4_096;
const PAGE_BYTES_MAX = 65_536;
const PAGES_MAX = 2 ** 31;
const MAP_BYTES_MAX = 2 ** 44;
const META = 0x08;
/** Integer keys, a file and no directory, every commit synced: how this store is opened. */
const FREE_TREE_FLAGS = 0x4008;
/** The root of an empty tree. */
export const NO_ROOT = (1n << 64n) - 1n;

/** What is wrong with a file; caught by `findFlaw`. */
export class Flaw extends Error {}

/** Ends the walk unless `condition` holds. */
export function expect(condition: boolean, flaw: () => string): asserts condition {
  if (!condition) throw new Flaw(flaw());
}

/** The root of one tree, and what it claims to hold. */
export interface Tree {
  readonly flags: number;
  readonly depth: number;
  readonly branchPages: number;
  readonly leafPages: number;
  readonly overflowPages: number;
  readonly entries: number;
  readonly root: bigint;
}

/** What a meta page says. */
export interface Meta {
  readonly pageBytes: number;
  readonly mapBytes: number;
  readonly free: Tree;
  readonly main: Tree;
  readonly lastPage: number;
  readonly transaction: number;
}

/** Reads meta page `index` from its bytes, page header included. */
export function readMeta(index: number, page: Buffer): Meta {
  const where = `meta page ${index}`;
  expect(
    page.readBigUInt64LE(0) === BigInt(index) && page.readUInt16LE(18) === META,
    () => `${where} is none`,
  );
  const bytes = page.subarray(PAGE_HEADER_BYTES);
  expect(bytes.readUInt32LE(0) === MAGIC, () => `${where} is not LMDB's`);
  const version = bytes.readUInt32LE(4);
  expect(version === DATA_VERSION, () => `${where} has data version ${version}, not 2`);
  expect(bytes.readBigUInt64LE(8) === 0n, () => `${where} wants a fixed address`);
  const meta = {
    pageBytes: bytes.readUInt32LE(24),
    mapBytes: readCount(bytes, 16),
    free: readTree(bytes, 24),
    main: readTree(bytes, 72),
    lastPage: readCount(bytes, 120),
    transaction: readCount(bytes, 128),
  };
  checkMeta(where, index, meta);
  return meta;
}

function checkMeta(where: string, index: number, meta: Meta): void {
  const { pageBytes, mapBytes, lastPage, transaction } = meta;
  expect(
    pageBytes >= PAGE_BYTES_MIN &&
      pageBytes <= PAGE_BYTES_MAX &&
      (pageBytes & -pageBytes) === pageBytes,
    () => `${where} has pages of ${pageBytes} bytes`,
  );
  expect(lastPage < PAGES_MAX, () => `${where} has ${lastPage} as its last page`);
  expect(
    mapBytes >= (lastPage + 1) * pageBytes && mapBytes < MAP_BYTES_MAX,
    () => `${where} has a map of ${mapBytes} bytes for ${lastPage + 1} pages`,
  );
  expect(
    meta.free.flags === FREE_TREE_FLAGS && meta.main.flags === 0,
    () => `${where} has flags ${meta.free.flags} and ${meta.main.flags}`,
  );
  expect(
    transaction === 0 || transaction % 2 === index,
    () => `${where} has transaction ${transaction}`,
  );
}

/** An integer of 64 bits; Infinity when it is larger than any that can be right. */
export function readCount(bytes: Buffer, offset: number): number {
  const value = bytes.readBigUInt64LE(offset);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : Number.POSITIVE_INFINITY;
}

function readTree(bytes: Buffer, offset: number): Tree {
  return {
    flags: bytes.readUInt16LE(offset + 4),
    depth: bytes.readUInt16LE(offset + 6),
    branchPages: readCount(bytes, offset + 8),
    leafPages: readCount(bytes, offset + 16),
    overflowPages: readCount(bytes, offset + 24),
    entries: readCount(bytes, offset + 32),
    root: bytes.readBigUInt64LE(offset + 40),
  };
}
