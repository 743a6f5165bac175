/**
 * Cuts a stream of bytes into frames, wherever the chunks are cut.
 *
 * Owns the bytes of the unfinished frame: at most one frame and one chunk, whatever length was
 * announced; time is linear in the bytes. Knows nothing of what is in a frame. After an over-long
 * length the stream has no meaning any more: the splitter stays broken.
 */
import { FRAME_BYTES_MAX } from '../limits.ts';
import { LENGTH_BYTES } from './byte-writer.ts';
import { Unfinished } from './unfinished.ts';

/** The whole frames of a chunk, or why the stream is of no use. */
export type SplitFrames =
  | { readonly ok: true; readonly frames: readonly Uint8Array[] }
  | { readonly ok: false; readonly reason: string };

/** Never added to: most chunks are one frame, and a list made with it takes no room for more. */
const NONE: Uint8Array[] = [];

/** From chunks to frame bodies, in order. */
export class FrameSplitter {
  readonly #rest = new Unfinished();
  /** What must be at hand before anything can be cut off. */
  #wanted = LENGTH_BYTES;
  #broken: string | null = null;

  /**
   * Takes the next chunk of the stream.
   *
   * @returns the bodies of the frames that it completes: views of the chunk where possible
   */
  push(chunk: Uint8Array): SplitFrames {
    if (this.#broken !== null) return { ok: false, reason: this.#broken };
    if (this.#rest.isEmpty) return this.#cut(chunk);
    this.#rest.append(chunk);
    const bytes = this.#rest.takeFrom(this.#wanted);
    return bytes === null ? { ok: true, frames: NONE } : this.#cut(bytes);
  }

  #cut(bytes: Uint8Array): SplitFrames {
    let frames: Uint8Array[] = NONE;
    let at = 0;
    this.#wanted = LENGTH_BYTES;
    while (bytes.length - at >= LENGTH_BYTES) {
      const length = lengthAt(bytes, at);
      if (length > FRAME_BYTES_MAX) return this.#break(length);
      this.#wanted = LENGTH_BYTES + length;
      if (bytes.length - at < this.#wanted) break;
      const frame = bytes.subarray(at + LENGTH_BYTES, at + this.#wanted);
      if (frames === NONE) frames = [frame];
      else frames.push(frame);
      at += this.#wanted;
      this.#wanted = LENGTH_BYTES;
    }
    if (at < bytes.length) this.#rest.append(bytes.subarray(at));
    return { ok: true, frames };
  }

  #break(length: number): SplitFrames {
    this.#broken = `frame of ${length} bytes, at most ${FRAME_BYTES_MAX}`;
    return { ok: false, reason: this.#broken };
  }
}

function lengthAt(bytes: Uint8Array, at: number): number {
  const low = (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  return bytes[at]! * 0x1000000 + low;
}
