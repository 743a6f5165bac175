/**
 * What the newest home of a session believes: the validity that it has told, by its own clocks.
 */
import type { LockName } from '../../src/core/types.ts';
import type { Life, Machine } from '../machine.ts';
import type { Believer } from './exclusive.ts';

/** A home's belief in the locks of one session. */
export class HomeBelief implements Believer {
  readonly name: string;
  readonly session: string;
  readonly locks: Set<LockName>;
  readonly #machine: Machine;
  readonly #life: Life | null;
  /** Until when, as the home counts (ms). */
  #validUntil = Number.NEGATIVE_INFINITY;

  constructor(machine: Machine, session: string, locks: Set<LockName>) {
    this.name = `${machine.name} for ${session}`;
    this.session = session;
    this.locks = locks;
    this.#machine = machine;
    this.#life = machine.life;
  }

  /** Whether this is the belief of the life that runs there now. */
  isAt(machine: Machine): boolean {
    return machine === this.#machine && machine.life === this.#life;
  }

  /** It says now that the locks are safe for so long. */
  until(validityMs: number): void {
    const clock = this.#life?.clock;
    this.#validUntil = clock === undefined ? Number.NEGATIVE_INFINITY : clock.homeMs + validityMs;
  }

  /** By what the home itself has counted: what its clocks lost in turn, too (rule 12). */
  believes(): boolean {
    const life = this.#life;
    if (life === null || this.#machine.life !== life) return false;
    return life.clock.homeMs < this.#validUntil;
  }

  leftUs(): number {
    return this.#life?.clock.untilHomeReads(this.#validUntil) ?? 0;
  }
}
