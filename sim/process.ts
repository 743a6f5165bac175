/**
 * One life of a simulated program: what reaches it, and when.
 *
 * Owns whether the program runs, is paused (SIGSTOP, a long collection of garbage) or is over.
 * What would reach a paused program is kept, in order, until it goes on; what would reach one that
 * is over is lost. Everything that calls into a program goes through here.
 */
import type { Happening, Scheduler } from './scheduler.ts';

/** Never added to. */
const NONE: (() => void)[] = [];

/** One run of a program. */
export class SimulatedProcess {
  readonly #scheduler: Scheduler;
  #state: 'running' | 'paused' | 'over' = 'running';
  #kept: (() => void)[] = [];
  /** How many calls into the program are under way: one may lead to another. */
  #depth = 0;
  /** To be called when the program has handled all that is at hand. */
  #endings: (() => void)[] = NONE;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  get over(): boolean {
    return this.#state === 'over';
  }

  get paused(): boolean {
    return this.#state === 'paused';
  }

  /** Calls into the program: now, or when it goes on. */
  enter(call: () => void): void {
    if (this.#state === 'paused') this.#kept.push(call);
    if (this.#state !== 'running') return;
    this.#depth++;
    call();
    this.#leave();
  }

  /** The same with something that it is given: nothing is made for a program that runs. */
  give<T>(thing: T, call: (thing: T) => void): void {
    if (this.#state === 'paused') this.#kept.push(() => call(thing));
    if (this.#state !== 'running') return;
    this.#depth++;
    call(thing);
    this.#leave();
  }

  #leave(): void {
    this.#depth--;
    if (this.#depth === 0 && this.#endings.length > 0) this.#endTurn();
  }

  /** Calls into the program once it has handled all that is at hand. */
  endOfTurn(call: () => void): void {
    if (this.#endings.length === 0) this.#endings = [call];
    else this.#endings.push(call);
  }

  #endTurn(): void {
    while (this.#endings.length > 0 && this.#state === 'running') {
      const endings = this.#endings;
      this.#endings = NONE;
      for (const ending of endings) ending();
    }
  }

  /** Calls into the program at that time of the world. */
  at(at: number, call: () => void): Happening {
    return this.#scheduler.at(at, call, this);
  }

  /** Calls into the program after that many µs. */
  after(delayUs: number, call: () => void): Happening {
    return this.at(this.#scheduler.now + delayUs, call);
  }

  pause(): void {
    if (this.#state === 'running') this.#state = 'paused';
  }

  /** What was kept reaches it now; it may be paused again or end meanwhile. */
  goOn(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    const kept = this.#kept;
    this.#kept = [];
    this.enter(() => {
      for (const call of kept) this.enter(call);
    });
  }

  end(): void {
    this.#state = 'over';
    this.#kept = [];
  }
}
