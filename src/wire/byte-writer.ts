/**
 * Appends primitive fields to a buffer that grows.
 *
 * Owns the bytes written so far and the peer ids met in them; knows no message. Never fails on
 * values that the core can make: an integer out of range is a broken invariant. `byte-reader.ts`
 * is its mirror image.
 */
import { assert } from '../core/invariant.ts';
import type { PeerId } from '../core/types.ts';

/** Bytes of a frame's length, in front of its body. */
export const LENGTH_BYTES = 4;
/** What a fresh writer holds without growing: a few dozen small messages. */
const INITIAL_BYTES = 4_096;
/** A buffer that grew beyond this is given back once it was taken. */
const KEPT_BYTES_MAX = 262_144;
/** Longest varint: 53 bits, 7 at a time. */
const VARINT_BYTES_MAX = 8;
/** Below this an integer can be shifted by the 32-bit operators. */
const SHIFTABLE_MAX = 0x7fffffff;

/** A growing buffer with one method for each primitive of the wire format. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #length = 0;
  /** Few in any frame: looking through them costs less than clearing a map for each frame. */
  readonly #peers: PeerId[] = [];

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** One byte, 0 to 255. */
  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** A whole byte string, without its length. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** A truth value: one byte, 0 or 1. */
  flag(value: boolean): void {
    this.byte(value ? 1 : 0);
  }

  /** An integer of 0 to 2^53-1 in groups of 7 bits, lowest first, as few as will do. */
  varint(value: number): void {
    this.#reserve(VARINT_BYTES_MAX);
    if ((value & 0x7f) === value) this.#bytes[this.#length++] = value;
    else this.#longVarint(value);
  }

  #longVarint(value: number): void {
    assert(Number.isSafeInteger(value) && value >= 0, `${value} is no natural number`);
    const bytes = this.#bytes;
    let rest = value;
    while (rest > SHIFTABLE_MAX) {
      bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    while (rest > 0x7f) {
      bytes[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[this.#length++] = rest;
  }

  /** A string of one code unit a byte, behind its length. */
  text(value: string): void {
    this.varint(value.length);
    this.#reserve(value.length);
    this.#length += this.#bytes.write(value, this.#length, 'latin1');
  }

  /** A peer id: the number under which it was met before, from 1; else 0 and the id itself. */
  peer(id: PeerId): void {
    const index = this.#peers.indexOf(id);
    this.varint(index + 1);
    if (index >= 0) return;
    this.text(id);
    this.#peers.push(id);
  }

  /** Begins a frame: forgets the peer ids met, and leaves room for the length. Where it begins. */
  beginFrame(): number {
    this.#peers.length = 0;
    this.#reserve(LENGTH_BYTES);
    this.#length += LENGTH_BYTES;
    return this.#length - LENGTH_BYTES;
  }

  /** Fills in the length of the frame that began at `start`. */
  endFrame(start: number): void {
    this.#bytes.writeUInt32BE(this.#length - start - LENGTH_BYTES, start);
  }

  /** Forgets all that was written from `length` on; the peer ids met there are not forgotten. */
  truncate(length: number): void {
    this.#length = length;
  }

  /** A copy of all bytes; the writer is empty afterwards. */
  take(): Uint8Array {
    const taken = Buffer.allocUnsafe(this.#length);
    this.#bytes.copy(taken, 0, 0, this.#length);
    this.#length = 0;
    this.#peers.length = 0;
    if (this.#bytes.length > KEPT_BYTES_MAX) this.#bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
    return taken;
  }

  #reserve(count: number): void {
    if (this.#length + count > this.#bytes.length) this.#grow(count);
  }

  #grow(count: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#length + count));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
