/**
 * Two economies that libp2p leaves to be made: fewer system calls for each frame.
 *
 * A small frame costs four writes otherwise: noise hands the socket its length and its cipher text
 * apart, and yamux answers every frame with a window update of its own, which costs as much again.
 * Neither changes what the other side may expect; without the hooks used here, all still works.
 *
 * @see https://github.com/hashicorp/yamux/blob/master/spec.md#flow-control
 */
import type { ConnectionEncrypter, MessageStream, Stream } from '@libp2p/interface';

/** Bytes read before the window is opened again: a quarter of the smallest window, 256 KiB. */
const WINDOW_UPDATE_BYTES = 65_536;

/** Makes an encrypter hand each of its records to the socket in one piece. */
export function joinRecords<T extends ConnectionEncrypter>(encrypter: T): T {
  const inbound = encrypter.secureInbound.bind(encrypter);
  const outbound = encrypter.secureOutbound.bind(encrypter);
  return Object.assign(encrypter, {
    secureInbound: ((stream, options) => inbound(joined(stream), options)) as typeof inbound,
    secureOutbound: ((stream, options) => outbound(joined(stream), options)) as typeof outbound,
  });
}

function joined(stream: MessageStream): MessageStream {
  const send = stream.send.bind(stream);
  stream.send = (data) => send(data instanceof Uint8Array ? data : data.subarray());
  return stream;
}

/** A stream of yamux, with the method that it calls after each frame that it has read. */
interface WindowedStream extends Stream {
  sendWindowUpdate(): void;
}

/** Makes a stream open the window again once it is worth it, rather than after each frame. */
export function spareWindowUpdates(stream: Stream): void {
  if (!isWindowed(stream)) return;
  const sendWindowUpdate = stream.sendWindowUpdate.bind(stream);
  let bytesRead = 0;
  stream.addEventListener('message', ({ data }) => {
    bytesRead += data.byteLength;
  });
  stream.sendWindowUpdate = () => {
    if (bytesRead < WINDOW_UPDATE_BYTES) return;
    bytesRead = 0;
    sendWindowUpdate();
  };
}

function isWindowed(stream: Stream): stream is WindowedStream {
  return typeof (stream as Partial<WindowedStream>).sendWindowUpdate === 'function';
}
