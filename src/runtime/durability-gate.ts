/**
 * Holds back what may not be spoken before earlier writes are on disk.
 *
 * Owns the count of writes submitted and confirmed, and what waits for them, in order. Never
 * writes, never sends; what is held for a channel that has gone is forgotten with it. The order
 * is the contract in `core/event.ts`.
 */

interface Held<Item> {
  readonly item: Item;
  /** How many writes must be durable before it may go. */
  readonly writes: number;
  /** What was held next. */
  next: Held<Item> | null;
}

/** A first-in, first-out gate that opens write by write. */
export class DurabilityGate<Item> {
  #submitted = 0;
  #durable = 0;
  #first: Held<Item> | null = null;
  #last: Held<Item> | null = null;
  #size = 0;

  /** Whether everything submitted is durable: nothing is held then. */
  get open(): boolean {
    return this.#durable === this.#submitted;
  }

  /** How many items wait. */
  get size(): number {
    return this.#size;
  }

  /** One more write is under way; what is held from now on waits for it too. */
  submit(): void {
    this.#submitted++;
  }

  /** Keeps `item` until every write submitted so far is durable. */
  hold(item: Item): void {
    this.#append({ item, writes: this.#submitted, next: null });
  }

  #append(held: Held<Item>): void {
    if (this.#last === null) this.#first = held;
    else this.#last.next = held;
    this.#last = held;
    this.#size++;
  }

  /** The oldest write under way is durable: passes what waited for nothing more. */
  confirm(pass: (item: Item) => void): void {
    this.#durable++;
    while (this.#first !== null && this.#first.writes <= this.#durable) {
      const { item, next } = this.#first;
      this.#first = next;
      if (next === null) this.#last = null;
      this.#size--;
      pass(item);
    }
  }

  /** Drops what is held and does not satisfy `keep`. */
  retain(keep: (item: Item) => boolean): void {
    let held = this.#first;
    this.#first = null;
    this.#last = null;
    this.#size = 0;
    for (; held !== null; held = held.next) {
      if (keep(held.item)) this.#append({ ...held, next: null });
    }
  }
}
