/**
 * Reads the primitive fields that `byte-writer.ts` wrote, from bytes that cannot be trusted.
 *
 * Owns a position in the bytes and the peer ids met on the way. Never reads beyond the end, never
 * allocates more than the bytes at hand justify. What is wrong leaves as a `WireFault`, which the
 * decoders of this folder turn into a typed result; it never leaves the folder.
 */
import type { PeerId } from '../core/types.ts';
import { PAGE_ITEMS_MAX, PEER_ID_BYTES_MAX } from '../limits.ts';
import { sharedPeerId } from './peer-id-pool.ts';
import { sharedWord } from './word-pool.ts';

/** The bytes are not what they should be; `message` says in what. */
export class WireFault extends Error {
  override readonly name = 'WireFault';
}

/** Below this many bytes, a varint's value fits the 32-bit operators. */
const SHIFTABLE_BITS = 28;

/** A position in untrusted bytes, with one method for each primitive of the wire format. */
export class ByteReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at = 0;
  #peers: PeerId[] | null = null;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.length;
  }

  /** Whether all bytes were read. */
  get atEnd(): boolean {
    return this.#at === this.#end;
  }

  /** One byte, 0 to 255. */
  byte(): number {
    if (this.#at === this.#end) throw new WireFault('truncated');
    return this.#bytes[this.#at++]!;
  }

  /** That many bytes, as a view. */
  raw(count: number): Buffer {
    const start = this.#skip(count);
    return this.#bytes.subarray(start, start + count);
  }

  /** A truth value. */
  flag(): boolean {
    const value = this.byte();
    if (value > 1) throw new WireFault(`flag of ${value}`);
    return value === 1;
  }

  /** An integer of 0 to 2^53-1, in its shortest form. */
  varint(): number {
    const first = this.byte();
    return first < 0x80 ? first : this.#longVarint(first & 0x7f);
  }

  #longVarint(low: number): number {
    let value = low;
    let byte: number;
    let shift = 7;
    do {
      byte = this.byte();
      value += shift < SHIFTABLE_BITS ? (byte & 0x7f) << shift : (byte & 0x7f) * 2 ** shift;
      if (value > Number.MAX_SAFE_INTEGER) throw new WireFault('integer out of range');
      shift += 7;
    } while (byte >= 0x80);
    if (byte === 0) throw new WireFault('integer not in its shortest form');
    return value;
  }

  /** A string of one code unit a byte, at most `bytesMax` long. */
  text(bytesMax: number): string {
    const length = this.#textLength(bytesMax);
    const start = this.#skip(length);
    return this.#bytes.toString('latin1', start, start + length);
  }

  #textLength(bytesMax: number): number {
    const length = this.varint();
    if (length > bytesMax) throw new WireFault(`text of ${length} bytes, at most ${bytesMax}`);
    return length;
  }

  /** A text that is not empty and has neither space nor LF: a name or an id. */
  word(bytesMax: number): string {
    const length = this.#textLength(bytesMax);
    const start = this.#skip(length);
    return sharedWord(this.#bytes, start, start + length, decodeWord);
  }

  /** How many items follow, each of at least `itemBytes` bytes. */
  count(itemBytes: number, itemsMax = PAGE_ITEMS_MAX): number {
    const count = this.varint();
    if (count > itemsMax) throw new WireFault(`list of ${count} items, at most ${itemsMax}`);
    if (count * itemBytes > this.#end - this.#at) throw new WireFault('truncated');
    return count;
  }

  /** A peer id, met before or new. */
  peer(): PeerId {
    const index = this.varint();
    if (index > 0) {
      const known = this.#peers?.[index - 1];
      if (known === undefined) throw new WireFault(`peer number ${index} is not known`);
      return known;
    }
    const id = sharedPeerId(this.word(PEER_ID_BYTES_MAX));
    if (this.#peers === null) this.#peers = [id];
    else this.#peers.push(id);
    return id;
  }

  /** Refuses anything behind what was read. */
  end(): void {
    if (!this.atEnd) throw new WireFault(`${this.#end - this.#at} trailing bytes`);
  }

  #skip(count: number): number {
    const start = this.#at;
    if (count > this.#end - start) throw new WireFault('truncated');
    this.#at = start + count;
    return start;
  }
}

function decodeWord(bytes: Buffer, start: number, end: number): string {
  const word = bytes.toString('latin1', start, end);
  if (word.length === 0) throw new WireFault('empty name');
  if (word.includes(' ') || word.includes('\n')) throw new WireFault('name with space or LF');
  return word;
}
