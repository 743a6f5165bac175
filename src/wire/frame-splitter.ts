/**
 * Cuts a stream of bytes into frames, wherever the chunks are cut.
 *
 * Owns the bytes of the unfinished frame, at most FRAME_BYTES_MAX of them, and touches each byte at
 * most once more than it must. Knows nothing of what is in a frame. After an over-long length the
 * stream has no meaning any more: the splitter stays broken.
 */
import { FRAME_BYTES_MAX } from '../limits.ts';
import { LENGTH_BYTES } from './codec.ts';

/** The whole frames of a chunk, or why the stream is of no use. */
export type SplitFrames =
  | { readonly ok: true; readonly frames: readonly Uint8Array[] }
  | { readonly ok: false; readonly reason: string };

/** From chunks to frame bodies, in order. */
export class FrameSplitter {
  /** Chunks of the unfinished frame, in order, and the sum of their lengths. */
  #pieces: Uint8Array[] = [];
  #pending = 0;
  /** What `#pending` must reach before anything can be cut off. */
  #wanted = LENGTH_BYTES;
  #broken: string | null = null;

  /**
   * Takes the next chunk of the stream.
   *
   * @returns the bodies of the frames that it completes; views of the chunk where possible, valid
   * as long as the chunk is
   */
  push(chunk: Uint8Array): SplitFrames {
    if (this.#broken !== null) return { ok: false, reason: this.#broken };
    this.#pieces.push(chunk);
    this.#pending += chunk.length;
    if (this.#pending < this.#wanted) return { ok: true, frames: [] };
    return this.#cut(this.#join());
  }

  #join(): Buffer {
    const first = this.#pieces[0]!;
    const joined =
      this.#pieces.length === 1
        ? Buffer.from(first.buffer, first.byteOffset, first.length)
        : Buffer.concat(this.#pieces, this.#pending);
    return joined;
  }

  #cut(bytes: Buffer): SplitFrames {
    const frames: Uint8Array[] = [];
    let at = 0;
    this.#wanted = LENGTH_BYTES;
    while (bytes.length - at >= LENGTH_BYTES) {
      const length = bytes.readUInt32BE(at);
      if (length > FRAME_BYTES_MAX) return this.#break(length);
      this.#wanted = LENGTH_BYTES + length;
      if (bytes.length - at < this.#wanted) break;
      frames.push(bytes.subarray(at + LENGTH_BYTES, at + this.#wanted));
      at += this.#wanted;
      this.#wanted = LENGTH_BYTES;
    }
    this.#pieces = at === bytes.length ? [] : [bytes.subarray(at)];
    this.#pending = bytes.length - at;
    return { ok: true, frames };
  }

  #break(length: number): SplitFrames {
    this.#broken = `frame of ${length} bytes, at most ${FRAME_BYTES_MAX}`;
    this.#pieces = [];
    return { ok: false, reason: this.#broken };
  }
}
