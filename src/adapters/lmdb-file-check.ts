/**
 * Reads an LMDB file page by page and says what is wrong with it, before LMDB maps it.
 *
 * LMDB keeps no checksums and trusts every offset: a flipped bit in a page header makes it answer
 * from the wrong page, or end the process by a signal. This walk follows both trees (entries and
 * free pages) with every offset bounded. It never writes, and never looks at what values mean:
 * their checksums are the register store's.
 *
 * @see `MDB_page` and `MDB_node` in LMDB's mdb.c, data version 2
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import {
  expect,
  Flaw,
  META_BYTES,
  type Meta,
  NO_ROOT,
  PAGE_HEADER_BYTES,
  readCount,
  readMeta,
  type Tree,
} from './lmdb-meta.ts';

const NODE_HEADER_BYTES = 8;
/** Deeper trees than this do not fit any disk. */
const DEPTH_MAX = 32;
const BRANCH = 0x01;
const LEAF = 0x02;
const OVERFLOW = 0x04;
/** A value on pages of its own. */
const BIG_DATA = 0x01;
/** What was met on the way down, to be compared with what the root claims. */
interface Counts {
  branchPages: number;
  leafPages: number;
  overflowPages: number;
  entries: number;
}

/**
 * What is wrong with the file, in one sentence; `null`: its structure is whole.
 *
 * Throws only what the file system throws.
 */
export function findFlaw(path: string): string | null {
  const file = openSync(path, 'r');
  try {
    new Walk(file).run();
    return null;
  } catch (error) {
    if (error instanceof Flaw) return error.message;
    throw error;
  } finally {
    closeSync(file);
  }
}

class Walk {
  readonly #file: number;
  readonly #fileBytes: number;
  #meta!: Meta;
  /** One byte a page: whether something refers to it already. */
  #used = new Uint8Array(0);

  constructor(file: number) {
    this.#file = file;
    this.#fileBytes = fstatSync(file).size;
  }

  run(): void {
    this.#meta = this.#newestMeta();
    this.#used = new Uint8Array(this.#meta.lastPage + 1).fill(1, 0, 2);
    this.#tree('entries', this.#meta.main, null);
    this.#tree('free pages', this.#meta.free, (value) => this.#freePages(value));
  }

  #newestMeta(): Meta {
    const first = readMeta(0, this.#read(0, META_BYTES, 'meta page 0'));
    const second = readMeta(1, this.#read(first.pageBytes, META_BYTES, 'meta page 1'));
    const distance = Math.abs(first.transaction - second.transaction);
    expect(
      distance === 1 || (distance === 0 && first.transaction === 0),
      () => `transactions ${first.transaction} and ${second.transaction} do not follow each other`,
    );
    const [newest, older] =
      first.transaction > second.transaction ? [first, second] : [second, first];
    this.#checkWriter(newest, newest.transaction);
    this.#checkWriter(older, newest.transaction + 1);
    return newest;
  }

  /**
   * Every commit writes the root anew, and the root of the commit before stays until the next one:
   * else one of the meta pages has another number than it was written with. Or the next one failed
   * to write its meta page, over the older: that has its number again, and the roots of that one.
   *
   * @param failed - the number that the commit had whose meta page this may have become
   */
  #checkWriter({ main, pageBytes, transaction }: Meta, failed: number): void {
    if (main.root === NO_ROOT) return;
    const at = Number(main.root) * pageBytes;
    const writer = readCount(this.#read(at, PAGE_HEADER_BYTES, 'a root'), 8);
    expect(
      writer === transaction || writer === failed,
      () => `the root of transaction ${transaction} is of ${writer}`,
    );
  }

  #tree(name: string, tree: Tree, onValue: ((value: Buffer) => void) | null): void {
    const counts: Counts = { branchPages: 0, leafPages: 0, overflowPages: 0, entries: 0 };
    if (tree.root === NO_ROOT) {
      expect(tree.depth === 0, () => `the tree of ${name} has no root, but depth ${tree.depth}`);
    } else {
      expect(tree.depth <= DEPTH_MAX, () => `the tree of ${name} has depth ${tree.depth}`);
      this.#page(Number(tree.root), tree.depth, counts, onValue);
    }
    for (const key of ['branchPages', 'leafPages', 'overflowPages', 'entries'] as const) {
      expect(
        counts[key] === tree[key],
        () => `the tree of ${name} has ${counts[key]} ${key}, not ${tree[key]}`,
      );
    }
  }

  #page(page: number, depth: number, counts: Counts, onValue: ((value: Buffer) => void) | null) {
    this.#claim(page, 1);
    const bytes = this.#readPage(page);
    const branch = depth > 1;
    expect(
      bytes.readUInt16LE(18) === (branch ? BRANCH : LEAF),
      () => `page ${page} is not the ${branch ? 'branch' : 'leaf'} that it should be`,
    );
    if (branch) counts.branchPages += 1;
    else counts.leafPages += 1;
    let before: Buffer | null = null;
    for (const [index, offset] of this.#nodes(page, bytes).entries()) {
      const keyBytes = bytes.readUInt16LE(offset + 6);
      const key = this.#slice(page, bytes, offset + NODE_HEADER_BYTES, keyBytes);
      // The first key of a branch page stands for everything below the second, and is not kept.
      if (!branch || index > 0) {
        expect(
          before === null || onValue !== null || Buffer.compare(before, key) < 0,
          () => `page ${page} is out of order`,
        );
        before = key;
      }
      if (branch) this.#page(childOf(bytes, offset), depth - 1, counts, onValue);
      else this.#leafNode(page, bytes, offset, keyBytes, counts, onValue);
    }
  }

  /** Offsets of a page's nodes. */
  #nodes(page: number, bytes: Buffer): number[] {
    const lower = bytes.readUInt16LE(20) + PAGE_HEADER_BYTES;
    const upper = bytes.readUInt16LE(22) + PAGE_HEADER_BYTES;
    expect(
      lower % 2 === 0 && lower > PAGE_HEADER_BYTES && lower <= upper && upper <= bytes.length,
      () => `page ${page} has its bounds at ${lower} and ${upper}`,
    );
    const offsets: number[] = [];
    for (let at = PAGE_HEADER_BYTES; at < lower; at += 2) {
      const offset = bytes.readUInt16LE(at) + PAGE_HEADER_BYTES;
      expect(
        offset >= upper && offset + NODE_HEADER_BYTES <= bytes.length,
        () => `page ${page} has a node at ${offset}`,
      );
      offsets.push(offset);
    }
    return offsets;
  }

  #leafNode(
    page: number,
    bytes: Buffer,
    offset: number,
    keyBytes: number,
    counts: Counts,
    onValue: ((value: Buffer) => void) | null,
  ): void {
    counts.entries += 1;
    const flags = bytes.readUInt16LE(offset + 4);
    const size = bytes.readUInt16LE(offset) + bytes.readUInt16LE(offset + 2) * 0x10000;
    const at = offset + NODE_HEADER_BYTES + keyBytes;
    if (flags === 0) {
      const value = this.#slice(page, bytes, at, size);
      onValue?.(value);
      return;
    }
    expect(flags === BIG_DATA, () => `page ${page} has a node with flags ${flags}`);
    const pages = Math.ceil((PAGE_HEADER_BYTES + size) / bytes.length);
    const first = readCount(this.#slice(page, bytes, at, 24), 0);
    counts.overflowPages += pages;
    this.#overflow(first, pages);
    if (onValue !== null) {
      const start = first * bytes.length + PAGE_HEADER_BYTES;
      onValue(this.#read(start, size, `page ${first}`));
    }
  }

  #overflow(first: number, pages: number): void {
    this.#claim(first, pages);
    const { pageBytes } = this.#meta;
    const header = this.#read(first * pageBytes, pages * pageBytes, `page ${first}`);
    expect(
      readCount(header, 0) === first &&
        header.readUInt16LE(18) === OVERFLOW &&
        header.readUInt32LE(20) === pages,
      () => `page ${first} does not start the ${pages} pages of a value`,
    );
  }

  /** A list of page numbers; a negative word is the length of the run that starts at the next. */
  #freePages(value: Buffer): void {
    const words = Math.floor(value.length / 8) - 1;
    expect(words >= 0, () => 'a list of free pages has no length');
    const count = value.readBigInt64LE(0);
    expect(count >= 0n && count <= BigInt(words), () => `a list of ${count} free pages is cut`);
    for (let index = 1; index <= Number(count); index += 1) {
      const word = Number(value.readBigInt64LE(index * 8));
      if (word > 0) this.#claim(word, 1);
      if (word >= 0) continue;
      index += 1;
      expect(index <= Number(count), () => 'a run of free pages has no start');
      this.#claim(Number(value.readBigInt64LE(index * 8)), -word);
    }
  }

  /** Every page belongs to one place only. */
  #claim(first: number, pages: number): void {
    expect(
      first >= 2 && first + pages <= this.#used.length,
      () => `page ${first} is outside the ${this.#used.length} pages in use`,
    );
    for (let page = first; page < first + pages; page += 1) {
      expect(this.#used[page] === 0, () => `page ${page} is used twice`);
      this.#used[page] = 1;
    }
  }

  #readPage(page: number): Buffer {
    const { pageBytes } = this.#meta;
    const bytes = this.#read(page * pageBytes, pageBytes, `page ${page}`);
    expect(readCount(bytes, 0) === page, () => `page ${page} calls itself another`);
    return bytes;
  }

  #slice(page: number, bytes: Buffer, start: number, length: number): Buffer {
    expect(start + length <= bytes.length, () => `page ${page} has a node beyond its end`);
    return bytes.subarray(start, start + length);
  }

  #read(offset: number, length: number, what: string): Buffer {
    expect(
      offset + length <= this.#fileBytes,
      () => `${what} is behind the end of the file (${this.#fileBytes} bytes)`,
    );
    const bytes = Buffer.allocUnsafe(length);
    const count = readSync(this.#file, bytes, 0, length, offset);
    expect(count === length, () => `${what} was read in part only`);
    return bytes;
  }
}

function childOf(bytes: Buffer, offset: number): number {
  return (
    bytes.readUInt16LE(offset) +
    bytes.readUInt16LE(offset + 2) * 0x1_0000 +
    bytes.readUInt16LE(offset + 4) * 0x1_0000_0000
  );
}
