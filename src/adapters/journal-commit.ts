/**
 * What one commit of the journal says: entries of the store, put or removed, in order.
 *
 *     entry = key length (2) key, payload length + 1 (4) payload | 0 (4): removed
 *
 * An entry is stated whole, never as a difference: saying it again changes nothing. Owns the
 * memory that a commit is gathered in. Integers are little-endian.
 */

/** Key and payload of one entry; `null`: there is none any more. */
export type JournalEntry = readonly [key: string, payload: Uint8Array | null];

const KEY_LENGTH_BYTES = 2;
const PAYLOAD_LENGTH_BYTES = 4;
const INITIAL_BYTES = 16_384;

/** Gathers the entries of one commit after the other. */
export class CommitWriter {
  #bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #length = 0;

  /** How many bytes the commit has so far. */
  get length(): number {
    return this.#length;
  }

  /** The commit gathered so far; good until the next `add`. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Adds one entry. */
  add([key, payload]: JournalEntry): void {
    this.#reserve(KEY_LENGTH_BYTES + key.length + PAYLOAD_LENGTH_BYTES + (payload?.length ?? 0));
    const bytes = this.#bytes;
    this.#length = bytes.writeUInt16LE(key.length, this.#length);
    this.#length += bytes.write(key, this.#length, 'latin1');
    this.#length = bytes.writeUInt32LE(payload === null ? 0 : payload.length + 1, this.#length);
    if (payload === null) return;
    bytes.set(payload, this.#length);
    this.#length += payload.length;
  }

  /** Drops what was added beyond so many bytes. */
  truncate(length: number): void {
    this.#length = length;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.bytes);
    this.#bytes = larger;
  }
}

/** The entries of a commit; `null`: it is none. */
export function readCommit(bytes: Buffer): readonly JournalEntry[] | null {
  const entries: JournalEntry[] = [];
  let at = 0;
  while (at < bytes.length) {
    const keyAt = at + KEY_LENGTH_BYTES;
    if (keyAt > bytes.length) return null;
    const lengthAt = keyAt + bytes.readUInt16LE(at);
    const payloadAt = lengthAt + PAYLOAD_LENGTH_BYTES;
    if (payloadAt > bytes.length) return null;
    const length = bytes.readUInt32LE(lengthAt);
    at = payloadAt + Math.max(0, length - 1);
    if (at > bytes.length) return null;
    const payload = length === 0 ? null : bytes.subarray(payloadAt, at);
    entries.push([bytes.toString('latin1', keyAt, lengthAt), payload]);
  }
  return entries;
}
