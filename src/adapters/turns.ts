/**
 * Work of which only so much is done at a time: the rest waits, first come, first served.
 *
 * Many handshakes at once on a busy machine are all late, and a late one was done in vain; a few at
 * a time are done soon. A turn that takes too long is over for the others, though its work goes on:
 * an address that does not answer, or a stranger that says nothing, holds up nobody for longer.
 */

/** How a kind of work is bounded. */
export interface TurnLimits {
  /** Turns at a time. */
  readonly atOnce: number;
  /** Works that wait for their turn; above it one is refused. */
  readonly waiting: number;
  /** After which the next one begins all the same. */
  readonly turnMs: number;
}

/** The turns of one kind of work. */
export class Turns {
  readonly #limits: TurnLimits;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  /**
   * Does the work when it is its turn.
   *
   * @returns what the work does
   * @throws Error at once when too many wait already
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.#turn();
    let isOver = false;
    const end = (): void => {
      if (!isOver) this.#next();
      isOver = true;
    };
    const timer = setTimeout(end, this.#limits.turnMs);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
      end();
    }
  }

  async #turn(): Promise<void> {
    const { atOnce, waiting } = this.#limits;
    if (this.#taken < atOnce) {
      this.#taken += 1;
      return;
    }
    if (this.#waiting.length >= waiting)
      throw new Error(`${waiting} wait already: come back later`);
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** The turn is handed on, or given back. */
  #next(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken -= 1;
    else next();
  }
}
