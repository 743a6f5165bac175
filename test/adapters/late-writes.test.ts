import { once } from 'node:events';
import type { MultiaddrConnection } from '@libp2p/interface';
import { multiaddrConnectionPair } from '@libp2p/utils';
import { yamux } from '@libp2p/yamux';
import { expect, it } from 'vitest';
import { loseLateWrites } from '../../src/adapters/late-writes.ts';

/** As between the end of writing and the event that tells of it. */
function closeForWriting(connection: MultiaddrConnection): void {
  Object.assign(connection, { writeStatus: 'closed' });
}

it('a stream that is opened while its connection closes ends, and nothing else', async () => {
  const [connection] = multiaddrConnectionPair();
  const muxer = loseLateWrites(yamux()()).createStreamMuxer(connection);
  const uncaught: unknown[] = [];
  const note = (error: unknown): void => void uncaught.push(error);
  process.on('uncaughtException', note);
  try {
    closeForWriting(connection);
    const stream = await muxer.createStream();
    if (stream.status === 'open') await once(stream as unknown as EventTarget, 'close');
    await new Promise(setImmediate);
    expect(uncaught).toEqual([]);
    expect(stream.status).not.toBe('open');
    expect(connection.status).toBe('aborted');
  } finally {
    process.off('uncaughtException', note);
  }
});

it('a last word that cannot be said ends the connection, and nothing else', async () => {
  const [connection] = multiaddrConnectionPair();
  const muxer = loseLateWrites(yamux()()).createStreamMuxer(connection);
  closeForWriting(connection);
  expect(() => muxer.abort(new Error('what was read makes no sense'))).not.toThrow();
  expect(connection.status).toBe('aborted');
});
