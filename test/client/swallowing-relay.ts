/** A TCP relay whose every connection, old or new, a test can have swallow bytes either way. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** Passes connections on to one port, and listens until the test is over. */
export class SwallowingRelay {
  /** Whether nothing gets to the peer, and nothing from it, from now on. */
  readonly swallows = { requests: false, answers: false };
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: number) {
    this.#server = createServer((client) => {
      const peer = connect(target, '127.0.0.1');
      client.on('data', (bytes) => this.swallows.requests || peer.write(bytes));
      peer.on('data', (bytes) => this.swallows.answers || client.write(bytes));
      for (const socket of [client, peer]) {
        socket.on('error', () => {});
        this.#sockets.add(socket);
      }
    });
  }

  static async start(target: number): Promise<SwallowingRelay> {
    const relay = new SwallowingRelay(target);
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    onTestFinished(() => {
      for (const socket of relay.#sockets) socket.destroy();
      relay.#server.close();
    });
    return relay;
  }

  /** As users write it. */
  get at(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
}
