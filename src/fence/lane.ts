/**
 * The writes of one resource in this process, one at a time, in the order in which they came.
 *
 * Owns the order, and the newest token among those that came; what is to be remembered longer is
 * the store's. A newer token tells the write under way that its time is over, but waits for its
 * end: a write that was let in must not land after a newer one.
 *
 *     waiting ──its turn──▶ under way ──▶ done
 *        └──a newer token came──▶ refused
 */
import { StaleTokenError } from './fence-error.ts';
import type { Token } from './token.ts';
import { Turns } from './turns.ts';

/** A write, told when it is overtaken. */
export type Write<T> = (signal: AbortSignal) => T | Promise<T>;

/** One resource's line of writes. */
export class Lane {
  readonly #resource: string;
  readonly #turns: Turns;
  #newest: Token = 0;
  #underWay: { readonly token: Token; readonly controller: AbortController } | null = null;

  constructor(resource: string) {
    this.#resource = resource;
    this.#turns = new Turns(`writes of '${resource}'`);
  }

  /** Whether nothing is under way or waits. */
  get idle(): boolean {
    return this.#turns.idle;
  }

  /**
   * Runs a write when those before it have ended.
   *
   * @throws StaleTokenError if a newer token comes before its turn, or is there already
   * @throws FenceError `LIMIT_REACHED` if 10,000 writes wait
   */
  async run<T>(token: Token, write: Write<T>): Promise<T> {
    this.#refuseStale(token);
    const turn = this.#turns.run(() => this.#take(token, write));
    this.#overtake(token);
    return turn;
  }

  #overtake(token: Token): void {
    if (token <= this.#newest) return;
    this.#newest = token;
    const old = this.#underWay;
    old?.controller.abort(new StaleTokenError(this.#resource, old.token, token));
  }

  async #take<T>(token: Token, write: Write<T>): Promise<T> {
    this.#refuseStale(token);
    const controller = new AbortController();
    this.#underWay = { token, controller };
    try {
      return await write(controller.signal);
    } finally {
      this.#underWay = null;
    }
  }

  #refuseStale(token: Token): void {
    if (token < this.#newest) throw new StaleTokenError(this.#resource, token, this.#newest);
  }
}
