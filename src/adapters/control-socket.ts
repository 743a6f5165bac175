/**
 * The control socket of a running peer: whoever owns the data directory asks it for things there.
 *
 * One request a connection, one answer, and it is closed. Owns the socket and its bounds; what the
 * commands do is handed in. A request that is wrong, slow or long costs its own connection only.
 */
import { chmodSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { ElockError } from '../errors.ts';
import { CONTROL_CONNECTIONS_MAX, CONTROL_LINE_BYTES_MAX, CONTROL_MS_MAX } from '../limits.ts';
import type { Logger } from '../runtime/ports.ts';
import {
  type ControlAnswer,
  type ControlRequest,
  readRequest,
  writeAnswer,
} from './control-message.ts';
import { prepareControlPath, removeControlPath } from './control-path.ts';

/** Carries out a request; throws `ElockError` for what the asker is to be told. */
export type ControlHandler = (request: ControlRequest) => Promise<unknown>;

/** The server of one peer. */
export class ControlSocket {
  readonly #directory: string;
  readonly #handle: ControlHandler;
  readonly #logger: Logger;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor(directory: string, handle: ControlHandler, logger: Logger) {
    this.#directory = directory;
    this.#handle = handle;
    this.#logger = logger;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
    this.#server.maxConnections = CONTROL_CONNECTIONS_MAX;
  }

  /**
   * Listens in a directory that belongs to this process.
   *
   * @throws ElockError `addressInUse` when the socket cannot be made
   */
  static async open(
    directory: string,
    handle: ControlHandler,
    logger: Logger,
  ): Promise<ControlSocket> {
    const control = new ControlSocket(directory, handle, logger);
    try {
      await control.#listen(prepareControlPath(directory));
      return control;
    } catch (cause) {
      const why = (cause as Error).message;
      const message = `cannot make the control socket of ${directory}: ${why}`;
      throw new ElockError('addressInUse', message, { cause });
    }
  }

  #listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(path, () => {
        this.#server.off('error', reject);
        this.#server.on('error', ({ message }) => {
          this.#logger.log('warn', 'the control socket failed', { reason: message });
        });
        resolve();
      });
      // The socket is there by now, and nobody was accepted yet.
      if (this.#server.listening) chmodSync(path, 0o600);
    });
  }

  /** Takes no more requests, and drops those under way. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    removeControlPath(this.#directory);
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setTimeout(CONTROL_MS_MAX, () => socket.destroy());
    let input = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      if (input.endsWith('\n')) return;
      input += text;
      const end = input.indexOf('\n');
      if (end >= 0) {
        const line = input.slice(0, end);
        input = '\n';
        void this.#answer(line).then((answer) => socket.end(writeAnswer(answer)));
      } else if (input.length > CONTROL_LINE_BYTES_MAX) socket.destroy();
    });
  }

  async #answer(line: string): Promise<ControlAnswer> {
    const request = readRequest(line);
    if (typeof request === 'string') return { ok: false, code: 'usage', message: request };
    try {
      return { ok: true, result: await this.#handle(request) };
    } catch (error) {
      if (error instanceof ElockError) {
        return { ok: false, code: error.code, message: error.message };
      }
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#logger.log('error', 'a bug in an administrative command', { message });
      return { ok: false, code: 'internal', message: `a bug in elock: ${message}` };
    }
  }
}
