/**
 * *told*: whoever loses a lock is told of it before anybody else gets it (P6).
 *
 * Fed with what homes answer. A home that said "acquired" on a connection that still stands must
 * say "lost" on it, or the client must have let go, before another session is told that it has the
 * lock. A home that is paused, or whose timer stands still, is excused: it speaks of the loss
 * before anything else.
 */
import type { LockName } from '../../src/core/types.ts';
import type { SimulatedConnection } from '../connection.ts';
import type { Life, Machine } from '../machine.ts';
import type { Verdict } from './verdict.ts';

/** A home that told a client of a lock. */
interface Word {
  readonly session: string;
  readonly machine: Machine;
  readonly life: Life | null;
  readonly connection: SimulatedConnection;
}

/** Watches who was told of which lock. */
export class Told {
  readonly #verdict: Verdict;
  readonly #words = new Map<LockName, Word>();
  readonly #locks = new Map<SimulatedConnection, Set<LockName>>();

  constructor(verdict: Verdict) {
    this.#verdict = verdict;
  }

  /** A client is told that it has a lock. */
  acquired(machine: Machine, connection: SimulatedConnection, lock: LockName): void {
    const before = this.#words.get(lock);
    const { session } = connection;
    if (before !== undefined && before.session !== session && isAwake(before)) {
      const { machine: home } = before;
      this.#verdict.fail(
        'told',
        `${session} got ${lock}, and ${home.name} has not told ${before.session} that it is lost`,
      );
    }
    this.#words.set(lock, { session, machine, life: machine.life, connection });
    const locks = this.#locks.get(connection) ?? new Set<LockName>();
    this.#locks.set(connection, locks.add(lock));
  }

  /** A client lets go of a lock. */
  letsGo({ session }: SimulatedConnection, lock: LockName): void {
    if (this.#words.get(lock)?.session === session) this.#words.delete(lock);
  }

  /** It lets go of all of them, or has taken them elsewhere: to a new connection, or home. */
  letsGoOfAll({ session }: SimulatedConnection): void {
    for (const [lock, word] of this.#words) if (word.session === session) this.#words.delete(lock);
  }

  /** The connection is over, or was told of all that is lost. */
  over(connection: SimulatedConnection): void {
    for (const lock of this.#locks.get(connection) ?? []) {
      if (this.#words.get(lock)?.connection === connection) this.#words.delete(lock);
    }
    this.#locks.delete(connection);
  }
}

function isAwake({ machine, life }: Word): boolean {
  return machine.life === life && machine.awake && !machine.clock.stands('monotonic');
}
