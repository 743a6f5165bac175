/**
 * A bound of its own for the TCP connect of a dial, much below that of the whole.
 *
 * libp2p knows one time-out for an address: connect and handshakes together. An address where
 * nobody is must be given up soon, a busy peer that answers must not. Without the hook used here,
 * all still works, and dead addresses cost as much as busy peers.
 */
import { CONNECT_MS_MAX } from '../limits.ts';

/** The part of libp2p's TCP transport that connects a socket, which is not in its types. */
interface Connecting {
  _connect(address: unknown, options: { readonly signal: AbortSignal }): Promise<unknown>;
}

/** Makes a transport give up a connect after CONNECT_MS_MAX. */
export function boundConnects<T extends object>(transport: T): T {
  if (!isConnecting(transport)) return transport;
  const connect = transport._connect.bind(transport);
  transport._connect = async (address, options) => {
    const late = new AbortController();
    // The signal goes with the socket: a time-out that outlived the connect would end it.
    const timer = setTimeout(() => late.abort(new Error('nobody there')), CONNECT_MS_MAX);
    const signal = AbortSignal.any([options.signal, late.signal]);
    return connect(address, { ...options, signal }).finally(() => clearTimeout(timer));
  };
  return transport;
}

function isConnecting(transport: object): transport is Connecting {
  return typeof (transport as Partial<Connecting>)._connect === 'function';
}
