/**
 * Frames: what peers send each other, as bytes.
 *
 *     frame   = length (4 bytes, big-endian, of all that follows) body
 *     body    = version (1 byte) cluster (first 8 bytes of the cluster id) message…
 *     message = kind (1 byte) epoch counter fields…            see `message-codec.ts`
 *
 * Integers are varints of 7 bits a byte, lowest first, 0 to 2^53-1, in their shortest form; texts
 * stand behind their length, one byte a code unit; a peer id met before in the frame is its number
 * there. A frame needs no other frame to be read. Body version 0 is not a frame of messages: the
 * transport's own frames begin with it (`control-codec.ts`). Pure; input is never trusted.
 */
import { assert } from '../core/invariant.ts';
import type { Message } from '../core/message.ts';
import type { ClusterId, Epoch } from '../core/types.ts';
import { FRAME_BYTES_MAX } from '../limits.ts';
import { ByteReader, WireFault } from './byte-reader.ts';
import { ByteWriter, LENGTH_BYTES } from './byte-writer.ts';
import { CLUSTER_BYTES } from './field-codec.ts';
import { type EnvelopedMessage, readMessage, writeMessage } from './message-codec.ts';

export { LENGTH_BYTES };

/** The version of frames and messages that this code speaks. */
export const WIRE_VERSION = 1;
/** Bytes of the cluster id that each frame repeats. */
const CLUSTER_PREFIX_BYTES = 8;
const DIGITS = '0123456789abcdef';

/** Joins messages to one peer into frames, as many in each as fit. */
export class FrameWriter {
  readonly #writer = new ByteWriter();
  readonly #header: Uint8Array;
  /** Where the open frame begins, if there is one. */
  #frameStart: number | null = null;

  constructor(cluster: ClusterId) {
    const id = Buffer.from(cluster, 'hex');
    assert(id.length === CLUSTER_BYTES, `${cluster} is no cluster id`);
    this.#header = Buffer.concat([Buffer.of(WIRE_VERSION), id.subarray(0, CLUSTER_PREFIX_BYTES)]);
  }

  /** Bytes that `take` would return. */
  get size(): number {
    return this.#writer.length;
  }

  /** Appends a message, to the open frame if it still fits there. */
  add(epoch: Epoch, counter: number, message: Message): void {
    const frameStart = this.#frameStart ?? this.#beginFrame();
    const messageStart = this.#writer.length;
    writeMessage(this.#writer, epoch, counter, message);
    if (this.#fits(frameStart)) return;
    // What does not fit is written again, in a frame of its own: the peer ids met are others there.
    this.#writer.truncate(messageStart);
    this.#writer.endFrame(frameStart);
    const nextStart = this.#beginFrame();
    writeMessage(this.#writer, epoch, counter, message);
    assert(this.#fits(nextStart), `a message '${message.kind}' is too long for a frame`);
  }

  /** All frames, whole and in order. */
  take(): Uint8Array {
    if (this.#frameStart !== null) this.#writer.endFrame(this.#frameStart);
    this.#frameStart = null;
    return this.#writer.take();
  }

  #beginFrame(): number {
    this.#frameStart = this.#writer.beginFrame();
    this.#writer.raw(this.#header);
    return this.#frameStart;
  }

  #fits(frameStart: number): boolean {
    return this.#writer.length - frameStart - LENGTH_BYTES <= FRAME_BYTES_MAX;
  }
}

/** The messages of a frame, or why there are none. */
export type DecodedFrame =
  | { readonly ok: true; readonly messages: readonly EnvelopedMessage[] }
  | { readonly ok: false; readonly reason: string };

/**
 * Reads the body of one frame, all or nothing.
 *
 * @param frame - the body, without its length
 */
export function decodeFrame(frame: Uint8Array, cluster: ClusterId): DecodedFrame {
  try {
    return { ok: true, messages: readMessages(frame, cluster) };
  } catch (error) {
    if (error instanceof WireFault) return { ok: false, reason: error.message };
    throw error;
  }
}

function readMessages(frame: Uint8Array, cluster: ClusterId): EnvelopedMessage[] {
  if (frame.length > FRAME_BYTES_MAX) throw new WireFault(`frame of ${frame.length} bytes`);
  const reader = new ByteReader(frame);
  const version = reader.byte();
  if (version !== WIRE_VERSION) throw new WireFault(`unknown version ${version}`);
  if (!isOfCluster(reader, cluster)) throw new WireFault('frame of another cluster');
  // Most frames have one: a list made with it takes no room for more.
  const messages = [readMessage(reader)];
  while (!reader.atEnd) messages.push(readMessage(reader));
  return messages;
}

/** Without a string for what each frame repeats. */
function isOfCluster(reader: ByteReader, cluster: ClusterId): boolean {
  let same = true;
  for (let i = 0; i < CLUSTER_PREFIX_BYTES; i++) {
    const byte = reader.byte();
    const high = DIGITS.charCodeAt(byte >> 4) === cluster.charCodeAt(2 * i);
    same &&= high && DIGITS.charCodeAt(byte & 0x0f) === cluster.charCodeAt(2 * i + 1);
  }
  return same;
}
