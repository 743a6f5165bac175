/**
 * One attempt to reach one peer: by TCP, by TLS over it, or by a UNIX socket.
 *
 * Owns the socket until it can carry lines, and the time for that; says what was wrong in the words
 * of this library.
 */
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Access } from './access.ts';
import {
  AuthFailedError,
  type ClientError,
  NoConnectionError,
  NotElockError,
  UntrustedPeerError,
} from './errors.ts';
import { type PeerAddress, show } from './peer-address.ts';

/** What came of it. */
export interface DialOutcome {
  /** It can carry lines; nothing has been read from it. */
  ready(socket: Socket): void;
  failed(error: ClientError): void;
}

/** @param connectMs - until it stands, its TLS handshake included */
export function dial(
  peer: PeerAddress,
  { access, connectMs }: { access: Access; connectMs: number },
  outcome: DialOutcome,
): void {
  const isTls = access.tls !== null && 'host' in peer;
  const socket = isTls ? secureSocketTo(peer, access.tls) : connect({ ...peer, noDelay: true });
  const fail = (error: ClientError) => {
    clearTimeout(timer);
    socket.on('error', () => {}).destroy();
    outcome.failed(error);
  };
  const late = () => fail(noConnection(peer, `no answer within ${connectMs} ms`));
  const timer = setTimeout(late, connectMs);
  const refused = (cause: Error) => fail(errorOf(peer, socket, cause));
  socket.once('error', refused).once(isTls ? 'secureConnect' : 'connect', () => {
    clearTimeout(timer);
    outcome.ready(socket.off('error', refused));
  });
}

/** What it means that a peer does not go on with TLS; `null`: nothing is known. */
export function tlsErrorOf(peer: PeerAddress, cause: NodeJS.ErrnoException): ClientError | null {
  const code = cause.code ?? '';
  if (!code.startsWith('ERR_SSL_')) return null;
  if (/ALERT.*(?:CERT|UNKNOWN_CA|HANDSHAKE_FAILURE|ACCESS_DENIED)/.test(code)) {
    const problem = `${show(peer)} lets in only clients with a certificate that it trusts`;
    return new AuthFailedError(`${problem} (${code})`, { cause });
  }
  return new NotElockError(`${show(peer)} does not speak TLS as it should (${code})`, { cause });
}

function secureSocketTo(
  peer: Extract<PeerAddress, { host: string }>,
  { context, servername }: NonNullable<Access['tls']>,
): TLSSocket {
  // A server is told no address as a name.
  const name = servername ?? (isIP(peer.host) === 0 ? peer.host : null);
  const named = name === null ? {} : { servername: name };
  return connectTls({ ...peer, ...named, secureContext: context }).setNoDelay(true);
}

function errorOf(peer: PeerAddress, socket: Socket | TLSSocket, cause: Error): ClientError {
  if ('authorizationError' in socket && socket.authorizationError) {
    // Without the advice that newer versions of Node add: it is about options of Node.
    const [why] = cause.message.split(';');
    const problem = `the certificate of ${show(peer)} is not to be trusted: ${why}`;
    return new UntrustedPeerError(problem, { cause });
  }
  return tlsErrorOf(peer, cause) ?? noConnection(peer, cause.message || 'refused', cause);
}

function noConnection(peer: PeerAddress, problem: string, cause?: Error): NoConnectionError {
  return new NoConnectionError(`cannot connect to ${show(peer)}: ${problem}`, { cause });
}
