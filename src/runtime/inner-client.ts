/**
 * A client inside the peer: asks the core what clients over sockets may ask, for a look at it.
 *
 * Stands between the driver and the sockets, and takes out the answers to its own questions. Holds
 * no lock and begins no session.
 */
import type { Command, LostLock, Response } from '../core/command.ts';
import type { ConnectionId, LockName } from '../core/types.ts';
import type { ClientEvents, Clients } from './ports.ts';

/** The clients over sockets, and one more. */
export class InnerClient implements Clients {
  readonly #others: Clients;
  readonly #questions = new Map<ConnectionId, (response: Response) => void>();

  constructor(others: Clients) {
    this.#others = others;
  }

  /** Asks by a connection that is there for this question only. */
  ask(events: ClientEvents, command: Command): Promise<Response> {
    return new Promise((resolve) => {
      const connection = events.connect();
      this.#questions.set(connection, (response) => {
        this.#questions.delete(connection);
        resolve(response);
        events.disconnected(connection, false);
      });
      events.command(connection, command);
    });
  }

  respond(connection: ConnectionId, response: Response): void {
    const answer = this.#questions.get(connection);
    if (answer === undefined) this.#others.respond(connection, response);
    else answer(response);
  }

  tell(connection: ConnectionId, lock: LockName, response: Response): void {
    this.#others.tell(connection, lock, response);
  }

  lost(connection: ConnectionId, locks: readonly LostLock[]): void {
    this.#others.lost(connection, locks);
  }

  close(connection: ConnectionId): void {
    this.#others.close(connection);
  }
}
