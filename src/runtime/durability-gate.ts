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
}

/** Held items beyond this many passed ones are moved to the front of the array. */
const COMPACT_AFTER = 1_024;

/** A first-in, first-out gate that opens write by write. */
export class DurabilityGate<Item> {
  #submitted = 0;
  #durable = 0;
  #held: Held<Item>[] = [];
  #head = 0;

  /** Whether everything submitted is durable: nothing is held then. */
  get open(): boolean {
    return this.#durable === this.#submitted;
  }

  /** How many items wait. */
  get size(): number {
    return this.#held.length - this.#head;
  }

  /** One more write is under way; what is held from now on waits for it too. */
  submit(): void {
    this.#submitted++;
  }

  /** Keeps `item` until every write submitted so far is durable. */
  hold(item: Item): void {
    this.#held.push({ item, writes: this.#submitted });
  }

  /** The oldest write under way is durable: passes what waited for nothing more. */
  confirm(pass: (item: Item) => void): void {
    this.#durable++;
    let next = this.#held[this.#head];
    while (next !== undefined && next.writes <= this.#durable) {
      this.#head++;
      pass(next.item);
      next = this.#held[this.#head];
    }
    this.#compact();
  }

  /** Drops what is held and does not satisfy `keep`. */
  retain(keep: (item: Item) => boolean): void {
    this.#held = this.#held.slice(this.#head).filter((held) => keep(held.item));
    this.#head = 0;
  }

  #compact(): void {
    if (this.#head === this.#held.length) {
      if (this.#head > 0) this.#held = [];
      this.#head = 0;
    } else if (this.#head > COMPACT_AFTER) {
      this.#held.splice(0, this.#head);
      this.#head = 0;
    }
  }
}
