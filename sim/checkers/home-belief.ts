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
  #toldMonotonicMs = 0;
  #toldBootMs = 0;
  #validityMs = 0;

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
    const { clock } = this.#machine;
    this.#validityMs = validityMs;
    this.#toldMonotonicMs = clock.monotonicMs;
    this.#toldBootMs = clock.bootMs;
  }

  /** Rule 12: at a home the clock that ran further counts. */
  believes(): boolean {
    const { clock, life } = this.#machine;
    if (life !== this.#life) return false;
    const monotonicMs = clock.monotonicMs - this.#toldMonotonicMs;
    const bootMs = clock.bootMs - this.#toldBootMs;
    return Math.max(monotonicMs, bootMs) < this.#validityMs;
  }

  leftUs(): number {
    const { clock } = this.#machine;
    return Math.min(
      clock.untilShows('monotonic', this.#toldMonotonicMs + this.#validityMs),
      clock.untilShows('boot', this.#toldBootMs + this.#validityMs),
    );
  }
}
