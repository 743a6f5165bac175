/**
 * A client of the text protocol over TCP for tests: what was received, line by line.
 *
 * Waits for lines, never for time. Bytes are latin1, one code unit each.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

/** One connection; it shuts its sending side only when told to. */
export class TextClient {
  readonly socket: Socket;
  /** Resolves when the peer has ended or reset the connection. */
  readonly ended: Promise<void>;
  #received = '';
  #waiting: (() => void) | null = null;
  #isEnded = false;

  private constructor(socket: Socket) {
    this.socket = socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.#received += text;
      this.#wake();
    });
    socket.on('error', () => {});
    this.ended = new Promise((resolve) => {
      const end = () => {
        this.#isEnded = true;
        this.#wake();
        resolve();
      };
      socket.once('end', end).once('close', end);
    });
  }

  /** @param to - a port of this machine, or the path of a Unix socket */
  static async connect(to: number | string, host = '127.0.0.1'): Promise<TextClient> {
    const target = typeof to === 'number' ? { port: to, host } : { path: to };
    const socket = connect({ ...target, noDelay: true, allowHalfOpen: true });
    await once(socket, 'connect');
    return new TextClient(socket);
  }

  /** By TLS, to a port of this machine. */
  static async connectTls(port: number, options: ConnectionOptions): Promise<TextClient> {
    const own = { port, host: '127.0.0.1', allowHalfOpen: true };
    const socket = connectTls({ ...own, ...options } as ConnectionOptions);
    await once(socket, 'secureConnect');
    return new TextClient(socket);
  }

  /** Sends bytes as they are. */
  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** The next line without CR LF; `null`: the connection ended first. */
  async line(): Promise<string | null> {
    for (;;) {
      const end = this.#received.indexOf('\r\n');
      if (end >= 0) {
        const line = this.#received.slice(0, end);
        this.#received = this.#received.slice(end + 2);
        return line;
      }
      if (this.#isEnded) return null;
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }

  /** Sends one line and takes the first line of what comes. */
  ask(line: string): Promise<string | null> {
    this.send(`${line}\n`);
    return this.line();
  }

  /** All that comes until the connection ends. */
  async rest(): Promise<string> {
    await this.ended;
    return this.#received;
  }

  /** Closes both ways and waits for it. */
  async disconnect(): Promise<void> {
    const closed = once(this.socket, 'close');
    this.socket.destroy();
    await closed;
  }

  #wake(): void {
    this.#waiting?.();
    this.#waiting = null;
  }
}
