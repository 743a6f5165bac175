/**
 * Clients: accepts, counts and ends connections that speak the text protocol.
 *
 * Owns the doors and the connections; what is said on one is `text/conversation.ts`'s business, what
 * it means the core's. Never answers for the core. Who may come in is said by its options: without a
 * secret, whoever can connect.
 */
import type { Socket } from 'node:net';
import type { LostLock, Response } from '../core/command.ts';
import type { ConnectionId, LockName } from '../core/types.ts';
import {
  ADMISSION_MS_MAX,
  CLOSING_MS_MAX,
  COMMANDS_PER_SECOND_MAX,
  CONNECTIONS_MAX,
  CONNECTIONS_PER_ADDRESS_MAX,
  REFUSALS_MAX,
  STOPPING_MS_MAX,
} from '../limits.ts';
import type { ClientEvents, Clients, Logger } from '../runtime/ports.ts';
import {
  formatTooManyConnections,
  formatTooManyOfAddress,
  type PeerDirectory,
} from '../text/format.ts';
import { Crowd, type CrowdLimits, type Refusal } from './crowd.ts';
import { networkOf } from './network-of.ts';
import { PacedLog } from './paced-log.ts';
import { SecretGate } from './secret-gate.ts';
import { TextConnection } from './text-connection.ts';
import { type DoorPlace, TextDoor, type TlsMaterial } from './text-door.ts';

/** How many clients there may be, and how fast each. */
export interface TextServerLimits extends CrowdLimits {
  readonly commandsPerSecond: number;
  /** For the right secret. */
  readonly admissionMs: number;
}

/** What a server is made of. */
export interface TextServerOptions {
  /** One of TCP at most. */
  readonly doors: readonly DoorPlace[];
  /** What clients have to say before anything else, one code unit a byte; `null`: nothing. */
  readonly secret: string | null;
  readonly limits?: Partial<TextServerLimits>;
  readonly directory: PeerDirectory;
  readonly logger: Logger;
}

const LIMITS: TextServerLimits = {
  connections: CONNECTIONS_MAX,
  connectionsPerAddress: CONNECTIONS_PER_ADDRESS_MAX,
  commandsPerSecond: COMMANDS_PER_SECOND_MAX,
  admissionMs: ADMISSION_MS_MAX,
};

/** The text protocol at every door. */
export class TextServer implements Clients {
  readonly #doors: readonly TextDoor[];
  readonly #gate: SecretGate | null;
  readonly #limits: TextServerLimits;
  readonly #directory: PeerDirectory;
  readonly #crowd: Crowd;
  readonly #connections = new Map<ConnectionId, TextConnection>();
  /** Let in, and not yet in conversation: their TLS handshake is under way. */
  readonly #arriving = new Set<Socket>();
  /** Refused for their number, and being told so. */
  readonly #refused = new Set<Socket>();
  readonly #refusals: PacedLog;
  readonly #wrongSecrets: PacedLog;

  constructor(options: TextServerOptions) {
    const { doors, secret, limits, directory, logger } = options;
    this.#doors = doors.map((place) => new TextDoor(place, logger));
    this.#gate = secret === null ? null : new SecretGate(secret);
    this.#limits = { ...LIMITS, ...limits };
    this.#crowd = new Crowd(this.#limits);
    this.#directory = directory;
    this.#refusals = new PacedLog(logger, 'warn', 'a client was refused: too many connections');
    this.#wrongSecrets = new PacedLog(logger, 'warn', 'a client said a wrong secret');
  }

  /**
   * Takes connections from now on; to be called once.
   *
   * @returns the TCP port that is listened on; `null`: there is none
   * @throws ElockError `addressInUse` when a door cannot be listened on, `configuration`
   */
  async listen(events: ClientEvents): Promise<number | null> {
    const opened = await Promise.allSettled(
      this.#doors.map((door) => door.open((raw) => this.#arrived(raw, events))),
    );
    const failed = opened.find((each) => each.status === 'rejected');
    if (failed !== undefined) {
      await this.stop();
      throw failed.reason;
    }
    const ports = opened.map((each) => (each.status === 'fulfilled' ? each.value : null));
    return ports.find((port) => port !== null) ?? null;
  }

  /** @throws Error as `TextDoor.renewTls` */
  renewTls(material: TlsMaterial): void {
    for (const door of this.#doors) if (door.speaksTls) door.renewTls(material);
  }

  /** How many clients are in conversation. */
  get connections(): number {
    return this.#connections.size;
  }

  respond(connection: ConnectionId, response: Response): void {
    this.#connections.get(connection)?.conversation.respond(response);
  }

  tell(connection: ConnectionId, lock: LockName, response: Response): void {
    this.#connections.get(connection)?.conversation.tell(lock, response);
  }

  lost(connection: ConnectionId, locks: readonly LostLock[]): void {
    this.#connections.get(connection)?.conversation.lost(locks);
  }

  close(connection: ConnectionId): void {
    this.#connections.get(connection)?.conversation.close();
  }

  /** Takes no more connections, flushes and ends those that stand; at most `STOPPING_MS_MAX`. */
  async stop(): Promise<void> {
    const connections = [...this.#connections.values()];
    const closed = connections.map(
      (connection) => new Promise<void>((resolve) => connection.onClosed(resolve)),
    );
    for (const door of this.#doors) closed.push(door.close());
    for (const { conversation } of connections) conversation.close();
    for (const socket of [...this.#arriving, ...this.#refused]) socket.destroy();
    const timer = setTimeout(() => {
      for (const connection of this.#connections.values()) connection.abort();
    }, STOPPING_MS_MAX);
    await Promise.all(closed);
    clearTimeout(timer);
    for (const log of [this.#refusals, this.#wrongSecrets]) log.stop();
  }

  #arrived(raw: Socket, events: ClientEvents): ((lines: Socket) => void) | null {
    const { remoteAddress } = raw;
    const address = remoteAddress === undefined ? null : networkOf(remoteAddress);
    const refusal = this.#crowd.enter(address);
    if (refusal !== null) return this.#refuse(raw, refusal);
    raw.once('close', () => this.#crowd.leave(address));
    keepWhileOpen(this.#arriving, raw);
    return (lines) => {
      this.#arriving.delete(raw);
      this.#serve({ lines, raw, address }, events);
    };
  }

  #serve(client: { lines: Socket; raw: Socket; address: string | null }, events: ClientEvents) {
    const { lines, raw, address } = client;
    const connection = new TextConnection({
      lines,
      raw,
      events,
      directory: this.#directory,
      warden: {
        gate: this.#gate,
        address,
        commandsPerSecond: this.#limits.commandsPerSecond,
        admissionMs: this.#limits.admissionMs,
        wrong: () => this.#wrongSecrets.log({ address }),
      },
    });
    this.#connections.set(connection.id, connection);
    connection.onClosed(() => this.#connections.delete(connection.id));
  }

  #refuse(raw: Socket, refusal: Refusal): ((lines: Socket) => void) | null {
    this.#refusals.log({ limit: refusal.kind, max: refusal.max, address: raw.remoteAddress });
    if (this.#refused.size >= REFUSALS_MAX) return null;
    keepWhileOpen(this.#refused, raw);
    return (lines) => this.#tellRefused(lines, refusal);
  }

  /** Reads until the client closes: a reset for unread input could overtake the line. */
  #tellRefused(lines: Socket, { kind, max }: Refusal): void {
    const timer = setTimeout(() => lines.destroy(), CLOSING_MS_MAX);
    lines.on('error', () => lines.destroy());
    lines.once('close', () => clearTimeout(timer));
    lines.resume();
    lines.end(kind === 'connections' ? formatTooManyConnections(max) : formatTooManyOfAddress(max));
  }
}

function keepWhileOpen(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
}
