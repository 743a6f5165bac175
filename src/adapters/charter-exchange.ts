/**
 * How a peer that was invited is told of its cluster: by one frame, on one stream.
 *
 *     newcomer ──── opens a stream of CHARTER_PROTOCOL ────▶ any peer of the cluster
 *     newcomer ◀──── charter and present configuration, or a farewell that says why not ────
 *
 * Both have proven the secret and their ids by then, on the connection. It is no channel: the core
 * of neither side hears of it, and the connection ends with it. What the charter says is checked by
 * whoever asked, against the cluster id of the invite.
 */
import type { Libp2p, Stream } from '@libp2p/interface';
import type { Multiaddr } from '@multiformats/multiaddr';
import { STREAM_OPEN_MS_MAX } from '../limits.ts';
import {
  type CharterFrame,
  decodeControlFrame,
  encodeControlFrame,
  type Farewell,
} from '../wire/control-codec.ts';
import { FrameSplitter } from '../wire/frame-splitter.ts';

/** The protocol by which newcomers ask. */
export const CHARTER_PROTOCOL = '/elock/charter/1';

/** Answers a newcomer, and ends the stream. */
export async function tellCharter(stream: Stream, answer: CharterFrame | Farewell): Promise<void> {
  try {
    stream.send(encodeControlFrame(answer));
    await stream.close({ signal: AbortSignal.timeout(STREAM_OPEN_MS_MAX) });
  } catch (error) {
    stream.abort(error as Error);
  }
}

/**
 * Asks whoever answers at an address, in bounded time.
 *
 * @throws Error that says why there is no answer, or what the answer was instead
 */
export async function askForCharter(
  node: Libp2p,
  address: Multiaddr,
  boundMs: number,
): Promise<CharterFrame> {
  const signal = AbortSignal.timeout(boundMs);
  const connection = await node.dial(address, { signal });
  try {
    const stream = await connection.newStream(CHARTER_PROTOCOL, { signal });
    return await readAnswer(stream, signal);
  } finally {
    await connection.close({ signal }).catch((error: Error) => connection.abort(error));
  }
}

function readAnswer(stream: Stream, signal: AbortSignal): Promise<CharterFrame> {
  return new Promise((resolve, reject) => {
    const splitter = new FrameSplitter();
    const fail = (reason: string): void => reject(new Error(reason));
    signal.addEventListener('abort', () => fail('no answer in time'));
    stream.addEventListener('close', () => fail('the stream ended without an answer'));
    stream.addEventListener('remoteCloseWrite', () => fail('the other side said nothing'));
    stream.addEventListener('message', ({ data }) => {
      const split = splitter.push(data.subarray());
      if (!split.ok) return fail(split.reason);
      const body = split.frames[0];
      if (body === undefined) return;
      const decoded = decodeControlFrame(body);
      if (!decoded.ok) return fail(decoded.reason);
      if (decoded.frame.kind === 'charter') return resolve(decoded.frame);
      fail(decoded.frame.kind === 'farewell' ? decoded.frame.reason : 'an answer out of place');
    });
  });
}
