/**
 * What belongs to the newest of numbers that rise: tokens of a lock, requests of a life.
 *
 * A ring: each number has one place, and what comes later takes the place of what is long over. An
 * older number never takes the place of a newer one. Places are made when they are first needed: of
 * most of many locks few tokens are given.
 */
export class Newest<T> {
  readonly #count: number;
  /** By place: the number that is there, none at first, and what belongs to it. */
  readonly #numbers: (number | undefined)[] = [];
  readonly #things: (T | undefined)[] = [];

  /** @param count - how far a number may be behind the newest and still be known */
  constructor(count: number) {
    this.#count = count;
  }

  set(number: number, thing: T): void {
    const place = number % this.#count;
    if ((this.#numbers[place] ?? -1) > number) return;
    this.#numbers[place] = number;
    this.#things[place] = thing;
  }

  get(number: number): T | undefined {
    const place = number % this.#count;
    return this.#numbers[place] === number ? this.#things[place] : undefined;
  }
}
