/**
 * The connections of this peer, and what each of them waits for.
 *
 * One command at a time each, one response to each, every wait bounded. Owns responses and timers
 * of connections; what is answered is decided in `desk.ts`.
 */
import type { Timer } from './agenda.ts';
import type { Claim } from './claims.ts';
import type { Client } from './client.ts';
import type { Response } from './command.ts';
import type { Context } from './context.ts';
import type { ConnectionId, LockName } from './types.ts';

/** What the response under way waits for. */
export interface Waiting {
  /** The claim to be granted, if it is a `lock`. */
  readonly claim: Claim | null;
  /** Claims to be released, if it is an `unlock`. */
  readonly releasing: Set<Claim>;
  /** What is answered when the wait is over well. */
  readonly response: Response;
}

/** A claim made by `queue`, and what ends its wait. */
export interface Queued {
  readonly claim: Claim;
  readonly timer: Timer;
}

/** One client's connection. */
export interface Connection {
  readonly id: ConnectionId;
  client: Client | null;
  waiting: Waiting | null;
  /** Ends the wait. */
  timer: Timer | null;
  /** Claims made by `queue` of which is still to be told, by lock. */
  readonly queued: Map<LockName, Queued>;
  /** The client shut its sending side: it may be gone already. */
  inputEnded: boolean;
  /** Claims granted since then: released at once if the answer could not be delivered. */
  readonly unconfirmed: Claim[];
  /** A silence of so many ms counts as a disconnect; 0: none does. */
  silenceMs: number;
  silence: Timer | null;
}

/** All connections. */
export class Connections {
  readonly #context: Context;
  readonly #connections = new Map<ConnectionId, Connection>();
  /** Told to close, and not yet gone: nothing more of them is carried out. */
  readonly #closing = new Set<ConnectionId>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** The connection of that id; `undefined`: it is gone, or has not said anything yet. */
  find(id: ConnectionId): Connection | undefined {
    return this.#connections.get(id);
  }

  /** Where that client is attached. */
  of(client: Client): Connection | undefined {
    return client.connection === null ? undefined : this.#connections.get(client.connection);
  }

  /** The connection of that id, from its first command on. */
  open(id: ConnectionId): Connection {
    const there = this.#connections.get(id);
    if (there !== undefined) return there;
    const connection: Connection = {
      id,
      client: null,
      waiting: null,
      timer: null,
      queued: new Map(),
      inputEnded: false,
      unconfirmed: [],
      silenceMs: 0,
      silence: null,
    };
    this.#connections.set(id, connection);
    return connection;
  }

  /** Whether it still stands. */
  has(connection: Connection): boolean {
    return this.#connections.get(connection.id) === connection;
  }

  /** The one response to the command under way; a connection that is gone hears nothing. */
  respond(connection: Connection, response: Response): void {
    if (!this.has(connection)) return;
    this.stopWaiting(connection);
    this.#context.respond(connection.id, response);
  }

  /** What came of a claim made by `queue`; of one that waits no more nothing is told. */
  tell(connection: Connection, claim: Claim, response: Response): void {
    const { name: lock } = claim;
    if (connection.queued.get(lock)?.claim !== claim) return;
    this.stopQueueing(connection, lock);
    this.#context.push({ kind: 'tell', connection: connection.id, lock, response });
  }

  /** Lets a claim made by `queue` wait for at most so many ms from now; `over` then decides it. */
  queue(connection: Connection, claim: Claim, ms: number, over: () => void): void {
    this.stopQueueing(connection, claim.name);
    connection.queued.set(claim.name, { claim, timer: this.#context.after(ms, over) });
  }

  /** Nothing is told of that lock any more. */
  stopQueueing(connection: Connection, lock: LockName): void {
    this.#context.agenda.cancel(connection.queued.get(lock)?.timer ?? null);
    connection.queued.delete(lock);
  }

  /** Leaves the response open for at most so many ms; `over` then decides it. */
  await(connection: Connection, waiting: Waiting, ms: number, over: () => void): void {
    connection.waiting = waiting;
    connection.timer = this.#context.after(ms, () => {
      connection.timer = null;
      over();
    });
  }

  /** The command under way will be answered otherwise, or not at all. */
  stopWaiting(connection: Connection): void {
    this.#context.agenda.cancel(connection.timer);
    connection.timer = null;
    connection.waiting = null;
  }

  /** Input came: a silence begins anew, if one is watched for. */
  heard(connection: Connection, silent: () => void): void {
    this.#context.agenda.cancel(connection.silence);
    const { silenceMs } = connection;
    connection.silence = silenceMs === 0 ? null : this.#context.after(silenceMs, silent);
  }

  /** It is told to close: a command that crosses this is not carried out. */
  close(connection: Connection): void {
    this.#closing.add(connection.id);
    this.forget(connection);
  }

  isClosing(id: ConnectionId): boolean {
    return this.#closing.has(id);
  }

  /** The client is gone. */
  closed(id: ConnectionId): void {
    this.#closing.delete(id);
  }

  /** It is gone: nothing is answered any more. */
  forget(connection: Connection): void {
    this.stopWaiting(connection);
    for (const lock of connection.queued.keys()) this.stopQueueing(connection, lock);
    this.#context.agenda.cancel(connection.silence);
    this.#connections.delete(connection.id);
  }
}
