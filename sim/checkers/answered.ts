/**
 * *answered*: one response to each request, and none without one; each wait is told of once.
 *
 * Fed with what the core is asked and what it answers, connection by connection.
 */
import type { Command, Response } from '../../src/core/command.ts';
import type { LockName } from '../../src/core/types.ts';
import type { SimulatedConnection } from '../connection.ts';
import type { Verdict } from './verdict.ts';

/** Watches all connections. */
export class Answered {
  readonly #verdict: Verdict;
  readonly #under: Map<SimulatedConnection, Command> = new Map();

  constructor(verdict: Verdict) {
    this.#verdict = verdict;
  }

  asks(where: string, connection: SimulatedConnection, command: Command): void {
    const before = this.#under.get(connection);
    if (before !== undefined) {
      this.#verdict.fail('answered', `${where}: ${command.kind} while ${before.kind} is under way`);
    }
    this.#under.set(connection, command);
  }

  /** The command that is answered; `null`: there is none. */
  answers(where: string, connection: SimulatedConnection, response: Response): Command | null {
    const command = this.#under.get(connection) ?? null;
    if (command === null) {
      this.#verdict.fail('answered', `${where}: ${response.kind} answers nothing`);
    }
    this.#under.delete(connection);
    return command;
  }

  /** A client is told of a lock that it waits for no more, or never did. */
  toldInVain(where: string, lock: LockName): void {
    this.#verdict.fail('answered', `${where}: tells of ${lock}, for which nobody waits there`);
  }

  /** Nothing more is answered there. */
  over(connection: SimulatedConnection): void {
    this.#under.delete(connection);
  }
}
