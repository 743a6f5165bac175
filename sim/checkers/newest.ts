/**
 * What belongs to the newest of numbers that rise: tokens of a lock, requests of a life.
 *
 * A ring: each number has one place, and what comes later takes the place of what is long over. An
 * older number never takes the place of a newer one.
 */
export class Newest<T> {
  readonly #places: ({ readonly number: number; readonly thing: T } | null)[];

  /** @param count - how far a number may be behind the newest and still be known */
  constructor(count: number) {
    this.#places = new Array(count).fill(null);
  }

  set(number: number, thing: T): void {
    const place = number % this.#places.length;
    if ((this.#places[place]?.number ?? 0) <= number) this.#places[place] = { number, thing };
  }

  get(number: number): T | undefined {
    const there = this.#places[number % this.#places.length];
    return there?.number === number ? there.thing : undefined;
  }
}
