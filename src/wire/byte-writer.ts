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
/** So few bytes are sooner copied one by one than by a call out of the engine. */
const FEW_BYTES = 128;

/** A growing buffer with one method for each primitive of the wire format. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #length = 0;
  /** Few in any frame: looking through them costs less than clearing a map for each frame. */
  #peers: PeerId[] | null = null;

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
    const { length } = bytes;
    this.#reserve(length);
    const to = this.#bytes;
    const at = this.#length;
    if (length > FEW_BYTES) to.set(bytes, at);
    else for (let i = 0; i < length; i++) to[at + i] = bytes[i]!;
    this.#length = at + length;
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
    // Most are sound: the text for the others is made for them alone.
    if (!Number.isSafeInteger(value) || value < 0) assert(false, `${value} is no natural number`);
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
    const { length } = value;
    this.#reserve(length);
    const at = this.#length;
    const bytes = this.#bytes;
    if (length > FEW_BYTES) bytes.write(value, at, 'latin1');
    else for (let i = 0; i < length; i++) bytes[at + i] = value.charCodeAt(i);
    this.#length = at + length;
  }

  /** A peer id: the number under which it was met before, from 1; else 0 and the id itself. */
  peer(id: PeerId): void {
    const index = this.#peers?.indexOf(id) ?? -1;
    this.varint(index + 1);
    if (index >= 0) return;
    this.text(id);
    if (this.#peers === null) this.#peers = [id];
    else this.#peers.push(id);
  }

  /** Begins a frame: forgets the peer ids met, and leaves room for the length. Where it begins. */
  beginFrame(): number {
    this.#peers = null;
    this.#reserve(LENGTH_BYTES);
    this.#length += LENGTH_BYTES;
    return this.#length - LENGTH_BYTES;
  }

  /** Fills in the length of the frame that began at `start`. */
  endFrame(start: number): void {
    const length = this.#length - start - LENGTH_BYTES;
    const bytes = this.#bytes;
    bytes[start] = length >>> 24;
    bytes[start + 1] = length >>> 16;
    bytes[start + 2] = length >>> 8;
    bytes[start + 3] = length;
  }

  /** Forgets all that was written from `length` on; the peer ids met there are not forgotten. */
  truncate(length: number): void {
    this.#length = length;
  }

  /** A copy of all bytes; the writer is empty afterwards. */
  take(): Uint8Array {
    const taken = Buffer.allocUnsafe(this.#length);
    this.#copyTo(taken);
    this.#length = 0;
    this.#peers = null;
    if (this.#bytes.length > KEPT_BYTES_MAX) this.#bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
    return taken;
  }

  #copyTo(to: Buffer): void {
    const bytes = this.#bytes;
    const length = this.#length;
    if (length > FEW_BYTES) bytes.copy(to, 0, 0, length);
    else for (let i = 0; i < length; i++) to[i] = bytes[i]!;
  }

  #reserve(count: number): void {
    if (this.#length + count > this.#bytes.length) this.#grow(count);
  }

  #grow(count: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#length + count));
    this.#copyTo(grown);
    this.#bytes = grown;
  }
}
