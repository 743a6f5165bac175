/**
 * One raw conversation in the text protocol: a line out, a line back, in order.
 *
 * Sends each line at once (TCP_NODELAY) and keeps any number of them in flight. Reads replies of
 * one line only. A lost lock (`410`) or a closed connection fails every request under way.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

interface Waiting {
  resolve(reply: string): void;
  reject(error: Error): void;
}

/** A client's socket to one peer. */
export class LineClient {
  readonly #socket: Socket;
  readonly #waiting: Waiting[] = [];
  #rest = '';
  #failure: Error | null = null;

  /** Connects to a peer on this machine. */
  static async connect(port: number): Promise<LineClient> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    await once(socket, 'connect');
    return new LineClient(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => this.#take(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the peer closed the connection')));
  }

  /** Sends a line and resolves with its reply, both without their line ends. */
  request(line: string): Promise<string> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#socket.write(`${line}\n`, 'latin1');
    });
  }

  /** Ends the session as `quit` does, and the connection. */
  async close(): Promise<void> {
    if (this.#failure !== null) return;
    await this.request('quit');
    if (!this.#socket.closed) await once(this.#socket.end(), 'close');
  }

  #take(chunk: string): void {
    const lines = (this.#rest + chunk).split('\r\n');
    this.#rest = lines.pop()!;
    for (const line of lines) {
      if (line.startsWith('410 ')) this.#fail(new Error(`a lock was lost: ${line}`));
      else this.#waiting.shift()?.resolve(line);
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#failure);
  }
}
