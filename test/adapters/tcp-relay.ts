/** A TCP relay on loopback whose connections a test can hold, break or silence from outside. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Passes every connection on to one port. */
export class TcpRelay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: Promise<number>) {
    this.#server = createServer(async (inbound) => {
      this.#keep(inbound);
      const outbound = connect(await target, '127.0.0.1');
      this.#keep(outbound);
      inbound.pipe(outbound).pipe(inbound);
      inbound.on('close', () => outbound.destroy());
      outbound.on('close', () => inbound.destroy());
    });
  }

  /**
   * Listens on a port that the system chooses.
   *
   * @param target - connections are held until it is known
   */
  static async start(target: number | Promise<number>): Promise<TcpRelay> {
    const relay = new TcpRelay(Promise.resolve(target));
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  /** Where a peer finds the target through this relay. */
  get address(): string {
    return `/ip4/127.0.0.1/tcp/${(this.#server.address() as AddressInfo).port}`;
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

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
