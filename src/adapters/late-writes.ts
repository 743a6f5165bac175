/**
 * Writes of a muxer that come too late: its connection takes none any more, and is not closed yet.
 *
 * yamux writes by itself, in microtasks and while it reads: the window of a new stream, answers to
 * pings, a last word when reading fails. The connection throws then, and nobody is there to catch
 * it: the process would end. What cannot be written is dropped, and the connection is ended.
 */
import type { MultiaddrConnection, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface';

/** The part of yamux that hands bytes to the connection, which is not in its types. */
interface Sending {
  send(data: unknown): boolean;
}

/** Makes the muxers of a factory lose what they cannot write, rather than throw. */
export function loseLateWrites<T extends StreamMuxerFactory>(factory: T): T {
  const create = factory.createStreamMuxer.bind(factory);
  return Object.assign(factory, {
    createStreamMuxer: (connection: MultiaddrConnection) => guarded(create(connection), connection),
  });
}

function guarded(muxer: StreamMuxer, connection: MultiaddrConnection): StreamMuxer {
  if (!isSending(muxer)) return muxer;
  const send = muxer.send.bind(muxer);
  muxer.send = (data) => {
    try {
      return send(data);
    } catch (error) {
      connection.abort(error as Error);
      return false;
    }
  };
  return muxer;
}

function isSending(muxer: StreamMuxer): muxer is StreamMuxer & Sending {
  return typeof (muxer as Partial<Sending>).send === 'function';
}
