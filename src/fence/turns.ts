/**
 * Steps that run one at a time, in the order in which they came, up to a limit of waiting ones.
 */
import { FenceError } from './fence-error.ts';
import { WAITING_WRITES_MAX } from './limits.ts';

/** A line of steps. */
export class Turns {
  readonly #what: string;
  #last: Promise<unknown> = Promise.resolve();
  #size = 0;

  /** @param what - takes turns here, for people: `writes of 'report'` */
  constructor(what: string) {
    this.#what = what;
  }

  /** Whether nothing is under way or waits. */
  get idle(): boolean {
    return this.#size === 0;
  }

  /**
   * Runs a step when those before it have ended, however they did.
   *
   * @returns what the step returned; what it throws passes through
   * @throws FenceError `LIMIT_REACHED` if 10,000 steps wait; then it does not run
   */
  async run<T>(step: () => Promise<T>): Promise<T> {
    if (this.#size > WAITING_WRITES_MAX) {
      const wait = `${WAITING_WRITES_MAX} ${this.#what} wait already`;
      throw new FenceError('LIMIT_REACHED', `${wait}: let some of them end.`);
    }
    this.#size++;
    const turn = this.#last.then(step);
    this.#last = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      this.#size--;
    }
  }
}
