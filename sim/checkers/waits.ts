/**
 * What clients wait for beside the command under way, by `queue`: each is told of once.
 *
 * Owns which waits there are, connection by connection. Judges nothing.
 */
import type { Command } from '../../src/core/command.ts';
import type { LockName, Token } from '../../src/core/types.ts';
import type { SimulatedConnection } from '../connection.ts';

/** What is known of a command that waits for its answer, or for what it is told. */
export interface Request {
  readonly command: Command;
  /** The highest token answered for its lock when it was asked. */
  readonly floor: Token;
}

/** All waits. */
export class Waits {
  readonly #waits = new Map<SimulatedConnection, Map<LockName, Request>>();

  /** A command reaches the core: it may begin a wait, or end some. */
  asks(connection: SimulatedConnection, request: Request): void {
    const { command } = request;
    if (command.kind === 'queue') {
      const waits = this.#waits.get(connection) ?? new Map<LockName, Request>();
      this.#waits.set(connection, waits.set(command.name, request));
    } else if (command.kind === 'unlock') this.#waits.get(connection)?.delete(command.name);
    else if (command.kind === 'unlock-all') this.#waits.delete(connection);
  }

  /** It is told what came of a wait; `undefined`: there is none. */
  take(connection: SimulatedConnection, lock: LockName): Request | undefined {
    const waits = this.#waits.get(connection);
    const request = waits?.get(lock);
    waits?.delete(lock);
    return request;
  }

  /** Nothing more is told there. */
  over(connection: SimulatedConnection): void {
    this.#waits.delete(connection);
  }
}
