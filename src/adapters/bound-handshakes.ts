/**
 * A bound for handshakes with those who come in: a crowd that comes at once is let in by turns.
 *
 * Noise is most of the work of a connection that comes in. Who comes while too many wait is ended,
 * and dials again after its back-off.
 */
import type { ConnectionEncrypter } from '@libp2p/interface';
import type { Turns } from './turns.ts';

/** Makes an encrypter secure so many connections that come in at a time. */
export function boundHandshakes<T extends ConnectionEncrypter>(encrypter: T, turns: Turns): T {
  const inbound = encrypter.secureInbound.bind(encrypter);
  const secureInbound = ((stream, options) =>
    turns.run(async () => {
      // It may have been given up while it waited.
      options?.signal?.throwIfAborted();
      return inbound(stream, options);
    })) as typeof inbound;
  return Object.assign(encrypter, { secureInbound });
}
