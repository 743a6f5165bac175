/**
 * One direction between two machines: what it does to bytes, as a program that faults change.
 *
 * Owns delay, chance of a break, capacity, cuts and clogs, and its own random stream. Several
 * faults may hold at once: cuts and clogs are counted, the newest delay law and the smallest
 * capacity win. Knows nothing of channels; `network.ts` does.
 */
import type { RandomStream } from './random.ts';
import { drawFrom, type Table } from './table.ts';

/** The program of one direction. */
export class Link {
  readonly from: number;
  readonly to: number;
  readonly random: RandomStream;
  readonly #delays: Table[];
  readonly #capacities: number[] = [];
  #losses = 0;
  #cuts = 0;
  #clogs = 0;
  /** When the bytes sent so far have all left, under limited capacity (µs). */
  #busyUntil = 0;
  /** When it was last cut or clogged; to tell one stretch from another. */
  blockedSince = 0;
  /** How late the letters of a broken channel may still arrive (µs); 0: never. */
  lateUs = 0;

  constructor(from: number, to: number, random: RandomStream, delay: Table) {
    this.from = from;
    this.to = to;
    this.random = random;
    this.#delays = [delay];
  }

  get cut(): boolean {
    return this.#cuts > 0;
  }

  /** Whether nothing arrives at present. */
  get blocked(): boolean {
    return this.#cuts > 0 || this.#clogs > 0;
  }

  /** Chance in a million that a segment breaks its channel. */
  get lossPerMillion(): number {
    return this.#losses;
  }

  changeCuts(by: 1 | -1, now: number): void {
    if (!this.blocked) this.blockedSince = now;
    this.#cuts += by;
  }

  changeClogs(by: 1 | -1, now: number): void {
    if (!this.blocked) this.blockedSince = now;
    this.#clogs += by;
  }

  changeLoss(by: number): void {
    this.#losses += by;
  }

  addDelay(table: Table): void {
    this.#delays.push(table);
  }

  removeDelay(table: Table): void {
    this.#delays.splice(this.#delays.lastIndexOf(table), 1);
  }

  addCapacity(bytesPerMs: number): void {
    this.#capacities.push(bytesPerMs);
  }

  /**
   * A limit ends.
   *
   * @returns which part of the time that what waits would still have taken it takes from now on
   */
  removeCapacity(bytesPerMs: number, now: number): number {
    const before = this.#bytesPerMs;
    this.#capacities.splice(this.#capacities.lastIndexOf(bytesPerMs), 1);
    const part = before / this.#bytesPerMs;
    this.#busyUntil = now + Math.ceil(Math.max(0, this.#busyUntil - now) * part);
    return part;
  }

  get #bytesPerMs(): number {
    return Math.min(...this.#capacities);
  }

  /** One draw of the delay law (µs). */
  delayUs(): number {
    return drawFrom(this.#delays[this.#delays.length - 1]!, this.random);
  }

  /** When so many bytes, sent now, arrive. */
  arrival(now: number, bytes: number): number {
    return this.#leave(now, bytes) + this.delayUs();
  }

  #leave(now: number, bytes: number): number {
    if (this.#capacities.length === 0) return now;
    const takesUs = Math.ceil((bytes * 1_000) / this.#bytesPerMs);
    this.#busyUntil = Math.max(now, this.#busyUntil) + takesUs;
    return this.#busyUntil;
  }
}
