/**
 * A scripted server for tests of the client library: it answers lines as the test says, and writes
 * down every line that came. Nothing of elock runs here.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import type { PeerAddress } from '../../src/client/peer-address.ts';

/** What a line is answered, CR LF left out; `null`: nothing. */
export type Script = (line: string, socket: Socket) => string | null;

/** Listens on a port that the system chooses, until the test is over. */
export class FakePeer {
  /** Of all connections, in the order in which they came. */
  readonly lines: string[] = [];
  readonly sockets: Socket[] = [];
  readonly #server: Server;
  readonly #heard: (() => void)[] = [];
  /** For the first connection, which its client may have made sooner than the server takes it. */
  #unsaid = '';

  private constructor(script: Script, greeting: string) {
    this.#server = createServer((socket) => {
      this.sockets.push(socket);
      socket.on('error', () => {});
      socket.write(greeting + this.#unsaid, 'latin1');
      this.#unsaid = '';
      createInterface({ input: socket.setEncoding('latin1') }).on('line', (line) => {
        this.lines.push(line);
        const answer = script(line, socket);
        if (answer !== null) socket.write(`${answer}\r\n`, 'latin1');
        this.#wake();
      });
      this.#wake();
    });
  }

  /** @param greeting - bytes that every connection is sent before it asks */
  static async start(script: Script = () => null, greeting = ''): Promise<FakePeer> {
    const peer = new FakePeer(script, greeting);
    peer.#server.listen(0, '127.0.0.1');
    await once(peer.#server, 'listening');
    onTestFinished(() => peer.stop());
    return peer;
  }

  get address(): Extract<PeerAddress, { host: string }> {
    return { host: '127.0.0.1', port: (this.#server.address() as AddressInfo).port };
  }

  /** As users write it. */
  get at(): string {
    return `127.0.0.1:${this.address.port}`;
  }

  /** Sends the newest connection bytes as they are. */
  say(text: string): void {
    const socket = this.sockets.at(-1);
    if (socket === undefined) this.#unsaid += text;
    else socket.write(text, 'latin1');
  }

  /** Waits until that is so, looking whenever a line or a connection came. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.#heard.push(resolve));
  }

  /** Resets all connections, and listens no more. */
  stop(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
    this.#server.close();
  }

  #wake(): void {
    for (const wake of this.#heard.splice(0)) wake();
  }
}
