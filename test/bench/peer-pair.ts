/**
 * Two processes that exchange one message at a time, as two peers would: this one and a child.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { firstLine, type Server, startServer, stopServer } from './servers.ts';

const ECHO = fileURLToPath(new URL('./peer-echo.js', import.meta.url));
/** As long as a vote for a lock, about. */
const MESSAGE = Buffer.alloc(128, 'x');

/** A connection to a process that sends back whatever it gets. */
export class PeerPair {
  readonly #server: Server;
  readonly #socket: Socket;

  static async start(folder: string): Promise<PeerPair> {
    const server = await startServer(process.execPath, [ECHO], join(folder, 'echo.log'), 'pipe');
    const port = Number(await firstLine(server));
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    await once(socket, 'connect');
    return new PeerPair(server, socket);
  }

  private constructor(server: Server, socket: Socket) {
    this.#server = server;
    this.#socket = socket;
  }

  /** Sends a message and resolves when it has come back whole. */
  roundTrip(): Promise<void> {
    return new Promise((resolve) => {
      let missing = MESSAGE.length;
      const take = (chunk: Buffer) => {
        missing -= chunk.length;
        if (missing > 0) return;
        this.#socket.off('data', take);
        resolve();
      };
      this.#socket.on('data', take);
      this.#socket.write(MESSAGE);
    });
  }

  async stop(): Promise<void> {
    this.#socket.destroy();
    await stopServer(this.#server);
  }
}
