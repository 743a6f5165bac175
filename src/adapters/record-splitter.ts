/**
 * Cuts what comes from a socket into the records of noise: two bytes of length, then so many.
 *
 * Owns the bytes of the unfinished record. Records are views of the chunk where possible. Takes the
 * place of libp2p's own decoder, whose method has the same name and meaning.
 *
 * @see https://github.com/libp2p/specs/blob/master/noise/README.md#wire-format
 */
import type { StreamMessageEvent } from '@libp2p/interface';
import { Unfinished } from '../wire/unfinished.ts';

const LENGTH_BYTES = 2;

/** From chunks to records, in order; time is linear in the bytes. */
export class RecordSplitter {
  readonly #rest = new Unfinished();
  /** What must be at hand before anything can be cut off. */
  #wanted = LENGTH_BYTES;

  /** The records that a chunk completes, without their lengths; empty ones are left out. */
  decode(chunk: StreamMessageEvent['data']): readonly Uint8Array[] {
    const bytes = chunk instanceof Uint8Array ? chunk : chunk.subarray();
    if (this.#rest.isEmpty) return this.#cut(bytes);
    this.#rest.append(bytes);
    const joined = this.#rest.takeFrom(this.#wanted);
    return joined === null ? [] : this.#cut(joined);
  }

  #cut(bytes: Uint8Array): readonly Uint8Array[] {
    const records: Uint8Array[] = [];
    let at = 0;
    this.#wanted = LENGTH_BYTES;
    while (bytes.length - at >= LENGTH_BYTES) {
      const from = at + LENGTH_BYTES;
      const end = from + (bytes[at]! << 8) + bytes[at + 1]!;
      this.#wanted = end - at;
      if (end > bytes.length) break;
      if (end > from) records.push(bytes.subarray(from, end));
      at = end;
      this.#wanted = LENGTH_BYTES;
    }
    if (at < bytes.length) this.#rest.append(bytes.subarray(at));
    return records;
  }
}
