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
    let i = 0;
    for (; i + 4 <= length; i += 4) {
      this.#word(bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
    }
    for (; i < length; i++) this.#word(bytes[i]!);
  }

  /** Takes in a text and its length. */
  text(text: string): void {
    this.#word(text.length);
    for (let i = 0; i < text.length; i++) this.#word(text.charCodeAt(i));
  }

  #word(word: number): void {
    this.#low = Math.imul((this.#low ^ word) + (this.#low >>> 15), 0x01000193);
    this.#high = Math.imul((this.#high + word) ^ (this.#high >>> 13), 0x5bd1e995);
  }

  /** 16 hexadecimal digits. */
  toString(): string {
    return hexadecimal(this.#high) + hexadecimal(this.#low);
  }
}

function hexadecimal(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
