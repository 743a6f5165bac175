/**
 * What belongs to the newest of numbers that rise: tokens of a lock, requests of a life.
 *
 * A ring: each number has one place, and what comes later takes the place of what is long over. An
 * older number never takes the place of a newer one.
 */
export class Newest<T> {
  /** By place: the number that is there, none at first, and what belongs to it. */
  readonly #numbers: number[];
  readonly #things: (T | undefined)[];

  /** @param count - how far a number may be behind the newest and still be known */
  constructor(count: number) {
    this.#numbers = new Array(count).fill(-1);
    this.#things = new Array(count).fill(undefined);
  }

  set(number: number, thing: T): void {
    const place = number % this.#numbers.length;
    if (this.#numbers[place]! > number) return;
    this.#numbers[place] = number;
    this.#things[place] = thing;
  }

  get(number: number): T | undefined {
    const place = number % this.#numbers.length;
    return this.#numbers[place] === number ? this.#things[place] : undefined;
  }
}
