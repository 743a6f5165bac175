/**
 * Cuts what comes from a socket into the records of noise: two bytes of length, then so many.
 *
 * Owns the bytes of the unfinished record. Records are views of the chunk where possible. Takes the
 * place of libp2p's own decoder, whose method has the same name and meaning.
 *
 * @see https://github.com/libp2p/specs/blob/master/noise/README.md#wire-format
 */
import type { StreamMessageEvent } from '@libp2p/interface';

const LENGTH_BYTES = 2;

/** From chunks to records, in order. */
export class RecordSplitter {
  #rest: Uint8Array | null = null;

  /** The records that a chunk completes, without their lengths; empty ones are left out. */
  decode(chunk: StreamMessageEvent['data']): readonly Uint8Array[] {
    const bytes = this.#joined(chunk instanceof Uint8Array ? chunk : chunk.subarray());
    const records: Uint8Array[] = [];
    let at = 0;
    while (bytes.length - at >= LENGTH_BYTES) {
      const from = at + LENGTH_BYTES;
      const end = from + (bytes[at]! << 8) + bytes[at + 1]!;
      if (end > bytes.length) break;
      if (end > from) records.push(bytes.subarray(from, end));
      at = end;
    }
    this.#rest = at < bytes.length ? bytes.subarray(at) : null;
    return records;
  }

  #joined(chunk: Uint8Array): Uint8Array {
    return this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk]);
  }
}
