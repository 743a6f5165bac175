/**
 * Two processes that exchange one frame at a time as two peers do: this one and a child.
 */
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Libp2pTransport } from '../../src/adapters/libp2p-transport.ts';
import type { PeerId } from '../../src/core/types.ts';
import { openTransport, voteFrame } from './echo-transport.ts';
import { firstLine, type Server, startServer, stopServer } from './servers.ts';

const ECHO = fileURLToPath(new URL('./peer-echo.js', import.meta.url));

/** A channel to a process that answers each frame with one of the same length. */
export class PeerPair {
  readonly #server: Server;
  readonly #transport: Libp2pTransport;
  readonly #peer: PeerId;
  readonly #answers: EventEmitter;
  readonly #question = voteFrame();

  /** Starts the child, and resolves when the channel stands. */
  static async start(folder: string): Promise<PeerPair> {
    const server = await startServer(process.execPath, [ECHO], join(folder, 'echo.log'), 'pipe');
    const events = new EventEmitter();
    const opened = once(events, 'opened');
    const transport = await openTransport([await firstLine(server)], {
      opened: (peer) => events.emit('opened', peer),
      closed: () => {},
      frame: () => events.emit('answer'),
    });
    const [peer] = (await opened) as [PeerId];
    return new PeerPair(server, transport, peer, events);
  }

  private constructor(
    server: Server,
    transport: Libp2pTransport,
    peer: PeerId,
    answers: EventEmitter,
  ) {
    this.#server = server;
    this.#transport = transport;
    this.#peer = peer;
    this.#answers = answers;
  }

  /** Sends a frame and resolves when the answer has come. */
  roundTrip(): Promise<void> {
    return new Promise((resolve) => {
      this.#answers.once('answer', resolve);
      this.#transport.send(this.#peer, this.#question);
    });
  }

  async stop(): Promise<void> {
    await this.#transport.stop();
    await stopServer(this.#server);
  }
}
