/**
 * Short cuts through the layers of libp2p, for bytes that nothing stands in the way of.
 *
 * Between a socket and a channel there are four streams. Each hands bytes on as an event of its
 * own, through a buffer, and announces after each write that its buffer is empty, mostly to nobody;
 * noise makes and catches an error for each chunk, to see that no other record follows. With small
 * frames all this costs more than the cryptography. Here listeners are called, and bytes handed on,
 * directly while a stream is open, unpaused and has nothing buffered; else libp2p does as ever.
 * A listener that throws ends the process, as with events. Streams made otherwise are left alone.
 */
import type { ConnectionEncrypter, MessageStream, StreamMessageEvent } from '@libp2p/interface';
import { RecordSplitter } from './record-splitter.ts';

type Bytes = StreamMessageEvent['data'];
type Listener = (event: StreamMessageEvent) => void;

/** The part of libp2p's streams that is used here, most of which is not in their types. */
interface Inner {
  readonly readStatus: string;
  readonly writeStatus: string;
  readonly remoteWriteStatus: string;
  readonly readBuffer: { readonly byteLength: number };
  readonly writeBuffer: { readonly byteLength: number };
  writableNeedsDrain: boolean;
  sendingData: boolean;
  onData(data: Bytes): void;
  send(data: Bytes): boolean;
  sendData(data: unknown): { readonly canSendMore: boolean };
  abort(error: Error): void;
  processSendQueue(): boolean;
  safeDispatchEvent(type: string, detail?: object): boolean;
  listenerCount(type: string): number;
  addEventListener(type: string, listener: unknown, options?: unknown): void;
  removeEventListener(type: string, listener: unknown, options?: unknown): void;
}

/** Makes a stream call its listeners directly; before any of them is added. */
export function hearPlainly<T extends MessageStream>(stream: T): T {
  const inner = innerOf(stream);
  if (inner !== null) {
    beQuiet(inner);
    callListeners(inner);
  }
  return stream;
}

/**
 * The same, and makes it hand on what is sent at once, in one piece.
 *
 * @param form - what its own `sendData` takes for one piece, of which it always sends all
 */
export function flowPlainly<T extends MessageStream>(
  stream: T,
  form: (bytes: Uint8Array) => unknown = (bytes) => bytes,
): T {
  const inner = innerOf(hearPlainly(stream));
  if (inner !== null) sendAtOnce(inner, form);
  return stream;
}

/** Makes the streams of an encrypter flow plainly, and cut records without errors. */
export function secureLeanly<T extends ConnectionEncrypter>(encrypter: T): T {
  const inbound = encrypter.secureInbound.bind(encrypter);
  const outbound = encrypter.secureOutbound.bind(encrypter);
  return Object.assign(encrypter, {
    secureInbound: (async (stream, options) =>
      leanly(await inbound(stream, options))) as typeof inbound,
    secureOutbound: (async (stream, options) =>
      leanly(await outbound(stream, options))) as typeof outbound,
  });
}

function leanly<T extends { readonly connection: MessageStream }>(secured: T): T {
  const stream = flowPlainly(secured.connection) as MessageStream & { decoder?: unknown };
  if (stream.decoder !== undefined) stream.decoder = new RecordSplitter();
  return secured;
}

/** An event that nobody listens for is not made. */
function beQuiet(stream: Inner): void {
  const dispatch = stream.safeDispatchEvent.bind(stream);
  stream.safeDispatchEvent = (type, detail) =>
    stream.listenerCount(type) === 0 || dispatch(type, detail);
}

/** Listeners with options of their own are called by libp2p, and then so are all. */
function callListeners(stream: Inner): void {
  let listeners: readonly Listener[] = [];
  const { addEventListener, removeEventListener, onData } = stream;
  stream.addEventListener = (type, listener, options) => {
    if (type === 'message' && typeof listener === 'function' && options === undefined)
      listeners = [...listeners, listener as Listener];
    addEventListener.call(stream, type, listener, options);
  };
  stream.removeEventListener = (type, listener, options) => {
    if (type === 'message') listeners = listeners.filter((each) => each !== listener);
    removeEventListener.call(stream, type, listener, options);
  };
  stream.onData = (data) => {
    const isHeard = listeners.length > 0 && listeners.length === stream.listenerCount('message');
    if (!isHeard || !mayRead(stream) || data.byteLength === 0) onData.call(stream, data);
    else for (const listener of listeners) call(listener, data);
  };
}

function mayRead(stream: Inner): boolean {
  return (
    stream.readStatus === 'readable' &&
    stream.remoteWriteStatus !== 'closed' &&
    stream.readBuffer.byteLength === 0
  );
}

/** Nobody between the socket and a listener may catch what the listener throws. */
function call(listener: Listener, data: Bytes): void {
  try {
    listener({ type: 'message', data } as StreamMessageEvent);
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}

function sendAtOnce(stream: Inner, form: (bytes: Uint8Array) => unknown): void {
  const send = stream.send.bind(stream);
  stream.send = (data) => {
    if (!maySend(stream) || data.byteLength === 0) return send(data);
    return handOn(stream, form(data instanceof Uint8Array ? data : data.subarray()));
  };
}

function maySend(stream: Inner): boolean {
  return (
    stream.writeStatus === 'writable' &&
    !stream.writableNeedsDrain &&
    !stream.sendingData &&
    stream.writeBuffer.byteLength === 0
  );
}

function handOn(stream: Inner, data: unknown): boolean {
  stream.sendingData = true;
  try {
    if (!stream.sendData(data).canSendMore) stream.writableNeedsDrain = true;
  } catch (error) {
    stream.abort(error as Error);
    throw error;
  } finally {
    stream.sendingData = false;
  }
  // What was sent from inside was buffered meanwhile.
  if (stream.writeBuffer.byteLength > 0) return stream.processSendQueue();
  stream.safeDispatchEvent('idle');
  return !stream.writableNeedsDrain;
}

const METHODS = [
  'onData',
  'send',
  'sendData',
  'abort',
  'processSendQueue',
  'safeDispatchEvent',
  'listenerCount',
  'addEventListener',
  'removeEventListener',
] as const;

function innerOf(stream: MessageStream): Inner | null {
  const inner = stream as unknown as Partial<Inner>;
  const isKnown =
    METHODS.every((method) => typeof inner[method] === 'function') &&
    inner.readBuffer !== undefined &&
    inner.writeBuffer !== undefined;
  return isKnown ? (inner as Inner) : null;
}
