/**
 * How many requests wait for each lock, as the peers that took them in know it.
 *
 * Owns the count: a request waits from the event that brings it until it is answered, its
 * connection ends, or the process that took it in does.
 */
import type { Effect, Event } from '../../src/core/event.ts';
import type { QueueRow, Window } from './recording.ts';

/** The lengths of all queues. */
export class Queues {
  /** By lane and connection: the lock. */
  readonly #waiting = new Map<string, string>();
  readonly #lengths = new Map<string, number>();
  readonly #before = new Map<string, number>();
  readonly #rows: [lock: string, atUs: number, length: number][] = [];
  readonly #window: Window;

  constructor(window: Window) {
    this.#window = window;
  }

  /** A peer handles an event. */
  stepped(lane: number, event: Event, effects: readonly Effect[], now: number): void {
    if (event.kind === 'command' && event.command.kind === 'lock') {
      if (event.command.waitMs !== null) {
        this.#waiting.set(`${lane} ${event.connection}`, event.command.name);
        this.#change(event.command.name, 1, now);
      }
    }
    if (event.kind === 'disconnected') this.#over(`${lane} ${event.connection}`, now);
    for (const effect of effects) {
      if (effect.kind === 'respond' || effect.kind === 'lost' || effect.kind === 'close') {
        this.#over(`${lane} ${effect.connection}`, now);
      }
    }
  }

  /** Its process is gone, and with it what it had taken in. */
  ended(lane: number, now: number): void {
    for (const key of [...this.#waiting.keys()]) {
      if (key.startsWith(`${lane} `)) this.#over(key, now);
    }
  }

  /** From the last change before the part that is shown on. */
  rows(lockNumber: (lock: string) => number): QueueRow[] {
    const { fromUs } = this.#window;
    const begin = [...this.#before].map(([lock, length]) => [lock, fromUs, length] as const);
    return [...begin, ...this.#rows].map(([lock, at, length]) => [lockNumber(lock), at, length]);
  }

  #over(key: string, now: number): void {
    const lock = this.#waiting.get(key);
    if (lock === undefined) return;
    this.#waiting.delete(key);
    this.#change(lock, -1, now);
  }

  #change(lock: string, by: number, now: number): void {
    const length = (this.#lengths.get(lock) ?? 0) + by;
    this.#lengths.set(lock, length);
    if (now < this.#window.fromUs) this.#before.set(lock, length);
    else if (now <= this.#window.toUs) this.#rows.push([lock, now, length]);
  }
}
