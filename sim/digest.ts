/**
 * A rolling 64-bit digest of everything that happened in a run.
 *
 * Owns two 32-bit lanes with different multipliers. Two runs of one seed are the same run exactly
 * when their digests agree, on whatever engine they ran. No protection against an adversary.
 */

/** What was taken in so far, as 64 bits. */
export class Digest {
  #low = 0x811c9dc5 | 0;
  #high = 0x2f0b4a27 | 0;

  /** Takes in an integer of up to 53 bits. */
  integer(value: number): void {
    this.#word(value | 0);
    if (value > 0x7fffffff || value < -0x80000000) this.#word(Math.floor(value / 4_294_967_296));
  }

  /** Takes in bytes and their number. */
  bytes(bytes: Uint8Array): void {
    const { length } = bytes;
    this.#word(length);
    let low = this.#low;
    let high = this.#high;
    for (let i = 0; i < length; ) {
      let word = bytes[i++]!;
      if (i + 3 <= length) word |= (bytes[i++]! << 8) | (bytes[i++]! << 16) | (bytes[i++]! << 24);
      low = mixLow(low, word);
      high = mixHigh(high, word);
    }
    this.#low = low;
    this.#high = high;
  }

  /** Takes in a text and its length. */
  text(text: string): void {
    const { length } = text;
    this.#word(length);
    let low = this.#low;
    let high = this.#high;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      low = mixLow(low, unit);
      high = mixHigh(high, unit);
    }
    this.#low = low;
    this.#high = high;
  }

  #word(word: number): void {
    this.#low = mixLow(this.#low, word);
    this.#high = mixHigh(this.#high, word);
  }

  /** 16 hexadecimal digits. */
  toString(): string {
    return hexadecimal(this.#high) + hexadecimal(this.#low);
  }
}

function mixLow(low: number, word: number): number {
  return Math.imul((low ^ word) + (low >>> 15), 0x01000193);
}

function mixHigh(high: number, word: number): number {
  return Math.imul((high + word) ^ (high >>> 13), 0x5bd1e995);
}

function hexadecimal(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
