/**
 * Connections that no peer should have to serve: garbage, lines without end, halves of lines,
 * clients that read nothing, that vanish, that stay for ever.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { LINE_BYTES_MAX } from '../../src/limits.ts';

/** Each breaks off somewhere; no two runs send the same. */
const INPUT = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 2_000 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(
    'x'.repeat(4 * LINE_BYTES_MAX),
    `lock ${'\0'.repeat(LINE_BYTES_MAX)}\n`,
    'lock half-a-li',
    'lock hostile 9007199254740993\nunlock\nset_timeout -1\nquit\nlock behind\n',
    'conn_id 0\nlock hostile\nunlock_all\n'.repeat(5),
  ),
);

const ENDINGS: readonly ((socket: Socket) => void)[] = [
  (socket) => socket.end(),
  (socket) => socket.destroy(),
  (socket) => socket.resetAndDestroy(),
  () => {},
];

/** Connections left open at a time; the oldest is dropped. */
const OPEN_MAX = 100;
/** Lines that are asked by a client that reads none of the answers, at a time. */
const GREEDY = 'help\n'.repeat(1_000);

/** Troubles peers until it is told to stop. */
export class Hostility {
  /** Connections made so far. */
  connections = 0;
  readonly #ports: readonly number[];
  readonly #open: Socket[] = [];
  #stopped = false;

  /** @param ports - of the peers to trouble */
  constructor(ports: readonly number[]) {
    this.#ports = ports;
  }

  /** One connection after the other, each ending in another way; resolves once stopped. */
  async run(): Promise<void> {
    for (const port of this.#ports) this.#neverRead(port);
    const inputs = fc.sample(INPUT, 500);
    while (!this.#stopped) {
      const socket = await this.#connect(this.#ports[this.connections % this.#ports.length]!);
      socket.write(inputs[this.connections % inputs.length]!);
      ENDINGS[this.connections % ENDINGS.length]!(socket);
      this.connections += 1;
      if (this.#open.length > OPEN_MAX) this.#open.shift()?.destroy();
    }
  }

  stop(): void {
    this.#stopped = true;
    for (const socket of this.#open.splice(0)) socket.destroy();
  }

  async #connect(port: number): Promise<Socket> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.pause().on('error', () => {});
    await once(socket, 'connect');
    this.#open.push(socket);
    return socket;
  }

  /** Asks as long as it may, and reads nothing. */
  #neverRead(port: number): void {
    const socket = connect(port, '127.0.0.1');
    const ask = (): void => {
      while (!socket.destroyed && socket.write(GREEDY)) {}
    };
    socket.pause().on('error', () => {});
    socket.on('connect', ask).on('drain', ask);
    this.#open.push(socket);
  }
}
