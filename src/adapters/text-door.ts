/**
 * Where clients come in: a TCP port, the same with TLS, or a UNIX socket.
 *
 * Owns a listening socket and the TLS handshakes on it, which are bounded in time. Whether a client
 * is let in, and all that is said, is its owner's business.
 */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import {
  createSecureContext,
  createServer as createTlsServer,
  type TLSSocket,
  type TlsOptions,
  type Server as TlsServer,
} from 'node:tls';
import { ElockError } from '../errors.ts';
import { LISTEN_BACKLOG, TCP_KEEP_ALIVE_DELAY_MS, TLS_HANDSHAKE_MS_MAX } from '../limits.ts';
import type { Logger } from '../runtime/ports.ts';
import { PacedLog } from './paced-log.ts';
import { clearSocketPath, fileAt, nameAside, putInPlace, withMode } from './socket-file.ts';

/** Certificate and key of the peer, and by whom clients are certified; all as PEM. */
export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
  /** Given: clients need a certificate of one of these. */
  readonly clientCa?: string;
}

/** Where a door is. */
export type DoorPlace =
  /** `port` 0: one that is free. */
  | {
      readonly kind: 'tcp';
      readonly host: string;
      readonly port: number;
      readonly tls?: TlsMaterial;
    }
  /** `mode`: permissions of the file. */
  | { readonly kind: 'unix'; readonly path: string; readonly mode: number };

/**
 * Told of each connection before anything is exchanged; bytes come and go on `raw`.
 *
 * @returns what is to be done once there is a stream of lines, at once or after a handshake;
 * `null`: it is closed at once
 */
export type Arrival = (raw: Socket) => ((lines: Socket) => void) | null;

const TLS_VERSION_MIN = 'TLSv1.2';
/** What Node takes. */
const TICKET_KEYS_BYTES = 48;
const SOCKET_OPTIONS = {
  allowHalfOpen: true,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: TCP_KEEP_ALIVE_DELAY_MS,
};

/** One way in. */
export class TextDoor {
  readonly #place: DoorPlace;
  readonly #logger: Logger;
  readonly #server: Server;
  readonly #failures: PacedLog;
  /** The socket file that it made; `null`: none. */
  #file: number | null = null;
  /** Handshakes under way, by the other end's address and port. */
  readonly #handshakes = new Map<string, (lines: Socket) => void>();

  constructor(place: DoorPlace, logger: Logger) {
    this.#place = place;
    this.#logger = logger;
    this.#failures = new PacedLog(logger, 'info', 'a TLS handshake failed');
    this.#server = createServerAt(place);
  }

  /**
   * Takes connections from now on; to be called once.
   *
   * @returns the port that is listened on; `null`: it is none
   * @throws ElockError `addressInUse` when that cannot be listened on, `configuration`
   */
  async open(arrival: Arrival): Promise<number | null> {
    const server = this.#server;
    server.on('connection', (raw: Socket) => this.#arrived(raw, arrival));
    server.on('secureConnection', (lines: TLSSocket) => this.#secured(lines));
    server.on('tlsClientError', (error: Error, lines: TLSSocket) => {
      this.#failures.log({ error: error.message.trim(), address: lines.remoteAddress });
      // Out of time, a handshake is reported, and left as it is.
      lines.destroy();
    });
    if (this.#place.kind === 'unix') await clearSocketPath(this.#place.path);
    await this.#listen();
    server.on('error', (error) =>
      this.#logger.log('warn', 'a client could not be accepted', { error: error.message }),
    );
    const address = server.address();
    return address !== null && typeof address === 'object' ? address.port : null;
  }

  /**
   * Handshakes from now on are by these; nothing changes for those who are in. Only of a door that
   * speaks TLS. Whoever came in by a certificate before must show one anew: old tickets are void.
   *
   * @throws Error if they cannot be used, and nothing changes
   */
  renewTls(material: TlsMaterial): void {
    const options = { ...tlsOptionsOf(material), ticketKeys: randomBytes(TICKET_KEYS_BYTES) };
    createSecureContext(options);
    (this.#server as TlsServer).setSecureContext(options);
  }

  get speaksTls(): boolean {
    return this.#place.kind === 'tcp' && this.#place.tls !== undefined;
  }

  /** Takes no more connections; resolves once those that came in are over. */
  close(): Promise<void> {
    this.#failures.stop();
    const { kind } = this.#place;
    if (kind === 'unix') this.#removeSocket(this.#place.path);
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** Unless it was replaced by another's. */
  #removeSocket(path: string): void {
    if (this.#file !== null && fileAt(path) === this.#file) rmSync(path, { force: true });
    this.#file = null;
  }

  #listen(): Promise<void> {
    const place = this.#place;
    const server = this.#server;
    return new Promise((resolve, reject) => {
      const fail = (cause: Error) => reject(listenError(place, cause));
      server.once('error', fail);
      const listen = (at: ListenOptions) =>
        server.listen({ ...at, backlog: LISTEN_BACKLOG }, () => {
          server.off('error', fail);
          resolve();
        });
      // Exclusively: by this very process, and before the call returns.
      if (place.kind === 'tcp') listen({ host: place.host, port: place.port });
      else {
        const aside = nameAside(place.path);
        withMode(place.mode, () => listen({ path: aside, exclusive: true }));
        if (server.listening) this.#putInPlace(aside, place.path, reject);
      }
    });
  }

  #putInPlace(aside: string, path: string, fail: (error: unknown) => void): void {
    try {
      putInPlace(aside, path);
      this.#file = fileAt(path);
    } catch (error) {
      this.#server.close();
      fail(error);
    }
  }

  #arrived(raw: Socket, arrival: Arrival): void {
    raw.on('error', () => raw.destroy());
    const enter = arrival(raw);
    if (enter === null) raw.destroy();
    else if (this.#place.kind === 'unix' || this.#place.tls === undefined) enter(raw);
    else {
      const name = endOf(raw);
      this.#handshakes.set(name, enter);
      raw.once('close', () => {
        if (this.#handshakes.get(name) === enter) this.#handshakes.delete(name);
      });
    }
  }

  #secured(lines: TLSSocket): void {
    const name = endOf(lines);
    const enter = this.#handshakes.get(name);
    this.#handshakes.delete(name);
    if (enter === undefined) lines.destroy();
    else enter(lines);
  }
}

function createServerAt(place: DoorPlace): Server {
  if (place.kind === 'unix' || place.tls === undefined) return createServer(SOCKET_OPTIONS);
  const options: TlsOptions = { ...SOCKET_OPTIONS, ...tlsOptionsOf(place.tls) };
  return createTlsServer(options);
}

function tlsOptionsOf({ cert, key, clientCa }: TlsMaterial): TlsOptions {
  return {
    cert,
    key,
    minVersion: TLS_VERSION_MIN,
    handshakeTimeout: TLS_HANDSHAKE_MS_MAX,
    ...(clientCa === undefined ? {} : { ca: clientCa, requestCert: true }),
  };
}

/** The client's end of a connection: of all that stand, no two have the same. */
function endOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

function listenError(place: DoorPlace, cause: Error): ElockError {
  const where = place.kind === 'unix' ? `unix:${place.path}` : `${place.host}:${place.port}`;
  const other = place.kind === 'unix' ? 'path' : 'port';
  const why =
    'code' in cause && cause.code === 'EADDRINUSE'
      ? `another process listens there; stop it or choose another ${other}`
      : `choose another ${place.kind === 'unix' ? other : 'address or port'} (${cause.message})`;
  return new ElockError('addressInUse', `cannot listen for clients on ${where}: ${why}`, { cause });
}
