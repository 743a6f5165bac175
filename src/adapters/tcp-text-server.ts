/**
 * Clients over TCP: accepts, counts and ends connections that speak the text protocol.
 *
 * Owns the listening socket and the connections; what is said on one is `text/conversation.ts`'s
 * business, what it means the core's. Never answers for the core. Has no authentication: it is
 * bound to the loopback address unless told otherwise.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { LostLock, Response } from '../core/command.ts';
import type { ConnectionId, LockName } from '../core/types.ts';
import { ElockError } from '../errors.ts';
import {
  CLOSING_MS_MAX,
  CONNECTIONS_MAX,
  LISTEN_BACKLOG,
  REFUSALS_MAX,
  STOPPING_MS_MAX,
  TCP_KEEP_ALIVE_DELAY_MS,
} from '../limits.ts';
import type { ClientEvents, Clients, Logger } from '../runtime/ports.ts';
import { type AddressesOf, formatTooManyConnections } from '../text/format.ts';
import { TcpTextConnection } from './tcp-text-connection.ts';

/** What a server is made of. */
export interface TcpTextServerOptions {
  /** Default 127.0.0.1: whoever can connect can lock. */
  readonly host?: string;
  /** 0: one that is free. */
  readonly port: number;
  readonly connectionsMax?: number;
  readonly addressesOf: AddressesOf;
  readonly logger: Logger;
}

/** The text protocol on a TCP port. */
export class TcpTextServer implements Clients {
  readonly #host: string;
  readonly #port: number;
  readonly #connectionsMax: number;
  readonly #addressesOf: AddressesOf;
  readonly #logger: Logger;
  readonly #server: Server;
  readonly #connections = new Map<ConnectionId, TcpTextConnection>();
  /** Refused for their number, and being told so. */
  readonly #refused = new Set<Socket>();

  constructor(options: TcpTextServerOptions) {
    this.#host = options.host ?? '127.0.0.1';
    this.#port = options.port;
    this.#connectionsMax = options.connectionsMax ?? CONNECTIONS_MAX;
    this.#addressesOf = options.addressesOf;
    this.#logger = options.logger;
    this.#server = createServer({
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: TCP_KEEP_ALIVE_DELAY_MS,
    });
  }

  /**
   * Takes connections from now on; to be called once.
   *
   * @returns the port that is listened on
   * @throws ElockError `addressInUse` when host and port cannot be listened on
   */
  listen(events: ClientEvents): Promise<number> {
    const server = this.#server;
    server.on('connection', (socket) => this.#accept(socket, events));
    return new Promise((resolve, reject) => {
      const fail = (cause: Error) => reject(this.#listenError(cause));
      server.once('error', fail);
      server.listen({ host: this.#host, port: this.#port, backlog: LISTEN_BACKLOG }, () => {
        server.off('error', fail);
        server.on('error', (error) =>
          this.#logger.log('warn', 'a client could not be accepted', { error: error.message }),
        );
        resolve(portOf(server));
      });
    });
  }

  respond(connection: ConnectionId, response: Response): void {
    this.#connections.get(connection)?.conversation.respond(response);
  }

  tell(connection: ConnectionId, lock: LockName, response: Response): void {
    this.#connections.get(connection)?.conversation.tell(lock, response);
  }

  lost(connection: ConnectionId, locks: readonly LostLock[]): void {
    this.#connections.get(connection)?.conversation.lost(locks);
  }

  close(connection: ConnectionId): void {
    this.#connections.get(connection)?.conversation.close();
  }

  /** Takes no more connections, flushes and ends those that stand; at most `STOPPING_MS_MAX`. */
  async stop(): Promise<void> {
    const connections = [...this.#connections.values()];
    const closed = connections.map(
      (connection) => new Promise<void>((resolve) => connection.onClosed(resolve)),
    );
    closed.push(new Promise((resolve) => this.#server.close(() => resolve())));
    for (const { conversation } of connections) conversation.close();
    for (const socket of this.#refused) socket.destroy();
    const timer = setTimeout(() => {
      for (const connection of this.#connections.values()) connection.abort();
    }, STOPPING_MS_MAX);
    await Promise.all(closed);
    clearTimeout(timer);
  }

  #accept(socket: Socket, events: ClientEvents): void {
    if (this.#connections.size >= this.#connectionsMax) {
      this.#refuse(socket);
      return;
    }
    const connection = new TcpTextConnection(socket, events, this.#addressesOf);
    this.#connections.set(connection.id, connection);
    connection.onClosed(() => this.#connections.delete(connection.id));
  }

  /** Reads until the client closes: a reset for unread input could overtake the line. */
  #refuse(socket: Socket): void {
    this.#logger.log('warn', 'a client was refused: too many connections', {
      connections: this.#connections.size,
    });
    socket.on('error', () => socket.destroy());
    if (this.#refused.size >= REFUSALS_MAX) {
      socket.destroy();
      return;
    }
    this.#refused.add(socket);
    const timer = setTimeout(() => socket.destroy(), CLOSING_MS_MAX);
    socket.once('close', () => {
      clearTimeout(timer);
      this.#refused.delete(socket);
    });
    socket.resume();
    socket.end(formatTooManyConnections(this.#connectionsMax));
  }

  #listenError(cause: Error): ElockError {
    const where = `${this.#host}:${this.#port}`;
    const why =
      'code' in cause && cause.code === 'EADDRINUSE'
        ? 'another process listens there; stop it or choose another port'
        : `choose another address or port (${cause.message})`;
    return new ElockError('addressInUse', `cannot listen for clients on ${where}: ${why}`, {
      cause,
    });
  }
}

function portOf(server: Server): number {
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}
