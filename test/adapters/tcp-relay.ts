/** A TCP relay on loopback whose connections a test can break, or silence, from outside. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Passes on every connection to one port. */
export class TcpRelay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(targetPort: number) {
    this.#server = createServer((inbound) => this.#join(inbound, connect(targetPort, '127.0.0.1')));
  }

  /** Listens on a port that the system chooses. */
  static async start(targetPort: number): Promise<TcpRelay> {
    const relay = new TcpRelay(targetPort);
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resets all connections. */
  breakAll(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** From now on no byte of the present connections gets through, and nobody is told. */
  silenceAll(): void {
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  /** Ends all connections, and listens no more. */
  stop(): void {
    this.breakAll();
    this.#server.close();
  }

  #join(inbound: Socket, outbound: Socket): void {
    inbound.pipe(outbound).pipe(inbound);
    for (const [socket, other] of [
      [inbound, outbound],
      [outbound, inbound],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }
}
