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
  /** Those that the command under way ends: their time may be over just before it is handled. */
  readonly #ending = new Map<SimulatedConnection, Map<LockName, Request>>();

  /** A command reaches the core: it may begin a wait, or end some. */
  asks(connection: SimulatedConnection, request: Request): void {
    const { command } = request;
    if (command.kind === 'queue') {
      this.#end(connection, command.name);
      this.#of(this.#waits, connection).set(command.name, request);
    } else if (command.kind === 'unlock') this.#end(connection, command.name);
    else if (command.kind === 'unlock-all') {
      for (const lock of [...this.#of(this.#waits, connection).keys()]) this.#end(connection, lock);
    }
  }

  #of(waits: Map<SimulatedConnection, Map<LockName, Request>>, connection: SimulatedConnection) {
    const there = waits.get(connection) ?? new Map<LockName, Request>();
    waits.set(connection, there);
    return there;
  }

  #end(connection: SimulatedConnection, lock: LockName): void {
    const request = this.#waits.get(connection)?.get(lock);
    if (request === undefined) return;
    this.#waits.get(connection)?.delete(lock);
    this.#of(this.#ending, connection).set(lock, request);
  }

  /** The command under way is answered: what it ended is told of no more. */
  answers(connection: SimulatedConnection): void {
    this.#ending.delete(connection);
  }

  /** It is told what came of a wait; `undefined`: there is none. */
  take(connection: SimulatedConnection, lock: LockName): Request | undefined {
    for (const waits of [this.#ending.get(connection), this.#waits.get(connection)]) {
      const request = waits?.get(lock);
      waits?.delete(lock);
      if (request !== undefined) return request;
    }
    return undefined;
  }

  /** Nothing more is told there. */
  over(connection: SimulatedConnection): void {
    this.#waits.delete(connection);
    this.#ending.delete(connection);
  }
}
