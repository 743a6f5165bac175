/**
 * The bytes of a unit that has not come whole yet: of a frame, or of a record.
 *
 * Owns them, in memory that at least doubles when it is too small, so that time is linear in the
 * bytes however small the chunks are. Knows nothing of what a unit is.
 */
const NOTHING = Buffer.alloc(0);

/** What is left of a stream of bytes when all that is whole was cut off. */
export class Unfinished {
  #bytes: Buffer = NOTHING;
  #length = 0;

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** Keeps a copy of the bytes behind those that it has. */
  append(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(length, this.#bytes.length * 2));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    this.#bytes.set(chunk, this.#length);
    this.#length = length;
  }

  /**
   * Gives all bytes away, which are not written to again, and is empty.
   *
   * @param wanted - of fewer bytes than that nothing could be cut off: then `null`, and they stay
   */
  takeFrom(wanted: number): Uint8Array | null {
    if (this.#length < wanted) return null;
    const bytes = this.#bytes.subarray(0, this.#length);
    this.#bytes = NOTHING;
    this.#length = 0;
    return bytes;
  }
}
