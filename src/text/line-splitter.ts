/**
 * Chunks of bytes in, lines out, however the bytes were cut.
 *
 * A line is what stands before an LF, without the one CR just before it; it is told as a string of
 * one code unit a byte, with memory of its own. An unfinished line is never told. Costs linear time
 * and keeps at most one unfinished line beside the chunks that nobody has asked lines of yet.
 */
import { LINE_BYTES_MAX } from '../limits.ts';

const LF = 0x0a;
const CR = 0x0d;
const NOTHING = Buffer.alloc(0);
/** The first copy has room for the rest of a usual line. */
const CAPACITY_MIN = 256;

/** Told in the place of a line that is too long, whose bytes are gone. */
export const OVER_LONG: unique symbol = Symbol('over-long line');

/** Cuts one stream of bytes into lines. */
export class LineSplitter {
  /** What was not told yet is `#bytes[#start, #end)`; there is no LF in `[#start, #scanned)`. */
  #bytes: Buffer = NOTHING;
  #start = 0;
  #scanned = 0;
  #end = 0;
  /** Whether `#bytes` was made here, and may be written to. */
  #owned = false;
  /** Inside a line that is over-long already. */
  #skipping = false;
  readonly #lineBytesMax: number;

  /** @param lineBytesMax - LF not counted; what clients may say, unless told otherwise */
  constructor(lineBytesMax = LINE_BYTES_MAX) {
    this.#lineBytesMax = lineBytesMax;
  }

  /** Bytes taken in that no line was made of yet. */
  get pendingBytes(): number {
    return this.#end - this.#start;
  }

  /** Whether what comes now is of a line that is too long already. */
  get isOverLong(): boolean {
    return this.#skipping;
  }

  /** Takes in the next bytes; the chunk must not be changed afterwards. */
  push(chunk: Buffer): void {
    if (this.pendingBytes === 0) {
      this.#bytes = chunk;
      this.#start = 0;
      this.#scanned = 0;
      this.#end = chunk.length;
      this.#owned = false;
      return;
    }
    this.#reserve(chunk.length);
    chunk.copy(this.#bytes, this.#end);
    this.#end += chunk.length;
  }

  /** The next whole line; `null`: more bytes are needed. */
  next(): string | typeof OVER_LONG | null {
    const lineEnd = this.#findLineEnd();
    if (lineEnd === null) {
      this.#forgetOverLong();
      return null;
    }
    const start = this.#start;
    const overLong = this.#skipping || lineEnd - start > this.#lineBytesMax;
    this.#skipping = false;
    this.#start = lineEnd + 1;
    this.#scanned = this.#start;
    const line = overLong ? OVER_LONG : this.#decode(start, lineEnd);
    if (this.#start === this.#end) this.clear();
    return line;
  }

  /** Forgets what was not told. */
  clear(): void {
    this.#bytes = NOTHING;
    this.#start = 0;
    this.#scanned = 0;
    this.#end = 0;
    this.#owned = false;
  }

  /** Looks at each byte once. */
  #findLineEnd(): number | null {
    const bytes = this.#bytes;
    const end = this.#end;
    for (let at = this.#scanned; at < end; at += 1) {
      if (bytes[at] === LF) return at;
    }
    this.#scanned = end;
    return null;
  }

  #forgetOverLong(): void {
    if (!this.#skipping && this.pendingBytes <= this.#lineBytesMax) return;
    this.#skipping = true;
    this.clear();
  }

  #decode(start: number, lineEnd: number): string {
    const hasReturn = lineEnd > start && this.#bytes[lineEnd - 1] === CR;
    return this.#bytes.toString('latin1', start, hasReturn ? lineEnd - 1 : lineEnd);
  }

  /** Makes room for more bytes; doubles, so that each byte is copied a constant number of times. */
  #reserve(more: number): void {
    if (this.#owned && this.#end + more <= this.#bytes.length) return;
    const pending = this.pendingBytes;
    const grown = Buffer.allocUnsafe(Math.max(CAPACITY_MIN, 2 * (pending + more)));
    this.#bytes.copy(grown, 0, this.#start, this.#end);
    this.#bytes = grown;
    this.#scanned -= this.#start;
    this.#start = 0;
    this.#end = pending;
    this.#owned = true;
  }
}
