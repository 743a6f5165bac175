/**
 * Work of which only so much is under way at a time: the rest waits, and lanes take turns.
 *
 * A session may hold so many locks that to write all of them in one step would keep a peer from its
 * heartbeats for longer than a lease. Here a lane is a session: a small one is not kept waiting by
 * what a large one has left to do. Work that takes long makes room, and goes on: it may wait for
 * what waits here. Owns what is under way and what waits; how it is done, and when it is, is known
 * to whoever adds it.
 */
import type { Timer } from './agenda.ts';
import type { Context } from './context.ts';

/** What waits in one lane, first come, first served. */
interface Waiting<Key> {
  readonly begins: Map<Key, () => void>;
  /** Where its next turn is: to look for that from the front would take longer and longer. */
  readonly turns: Iterator<[Key, () => void]>;
}

/** So much work at a time; keys tell pieces of work apart. */
export class Lanes<Lane, Key> {
  readonly #context: Context;
  /** Each until it is done, or has taken long. */
  readonly #underWay = new Map<Key, Timer>();
  /** In the order of turns; no lane is empty. */
  readonly #waiting = new Map<Lane, Waiting<Key>>();
  #isBeginning = false;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Does `begin` when it is its turn: at once, if there is room. */
  add(lane: Lane, key: Key, begin: () => void): void {
    const there = this.#waiting.get(lane);
    if (there === undefined) {
      const begins = new Map([[key, begin]]);
      this.#waiting.set(lane, { begins, turns: begins.entries() });
    } else there.begins.set(key, begin);
    this.#beginWaiting();
  }

  /** That work is done, or not wanted any more; harmless if it was never added. */
  done(lane: Lane, key: Key): void {
    const waiting = this.#waiting.get(lane);
    if (waiting?.begins.delete(key) === true) {
      if (waiting.begins.size === 0) this.#waiting.delete(lane);
    } else this.#makeRoom(key);
  }

  #makeRoom(key: Key): void {
    this.#context.agenda.cancel(this.#underWay.get(key) ?? null);
    if (this.#underWay.delete(key)) this.#beginWaiting();
  }

  /** Nothing of what waits in that lane is wanted any more. */
  drop(lane: Lane): void {
    this.#waiting.delete(lane);
  }

  /** What is done as soon as it begins makes room for the next. */
  #beginWaiting(): void {
    if (this.#isBeginning) return;
    this.#isBeginning = true;
    for (const [lane, waiting] of this.#waiting) {
      if (this.#underWay.size >= this.#context.settings.pageSize) break;
      this.#beginFirst(lane, waiting);
    }
    this.#isBeginning = false;
  }

  #beginFirst(lane: Lane, waiting: Waiting<Key>): void {
    const { value, done } = waiting.turns.next();
    this.#waiting.delete(lane);
    if (done === true) return;
    const [key, begin] = value;
    waiting.begins.delete(key);
    // Behind all others, where the loop over the lanes comes by again.
    if (waiting.begins.size > 0) this.#waiting.set(lane, waiting);
    const { askMs } = this.#context.settings;
    this.#underWay.set(
      key,
      this.#context.after(askMs, () => this.#makeRoom(key)),
    );
    begin();
  }
}
