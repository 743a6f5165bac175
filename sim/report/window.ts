/**
 * Which part of a run a page can show: a page of a long run would be too large to look at.
 *
 * Owns the count of events, made in a run before the one that is recorded: the same plan gives the
 * same run. Shows the end of a run that failed and the beginning of one that did not.
 */
import type { Effect, Event } from '../../src/core/event.ts';
import type { Machine } from '../machine.ts';
import type { Recorder } from '../recorder.ts';
import type { World } from '../world.ts';
import type { Window } from './recording.ts';

/** Events of one page: with their letters about ten megabytes, which browsers take at once. */
export const EVENTS_SHOWN_MAX = 20_000;
/** How finely events are counted (µs). */
const SLOT_US = 50_000;

/** Counts events by time. */
export class EventCounter implements Recorder {
  readonly #counts: number[] = [];
  #world: World | null = null;

  begins(world: World): void {
    this.#world = world;
  }

  noted(): void {
    this.#count();
  }

  letter(): void {}

  stepped(_machine: Machine, _event: Event, _effects: readonly Effect[]): void {
    this.#count();
  }

  durable(): void {}

  /** The largest part of [fromUs, toUs] that fits: its end where `atEnd`, else its beginning. */
  fit({ fromUs, toUs }: Window, atEnd: boolean): Window {
    const [first, last] = [Math.floor(fromUs / SLOT_US), Math.floor(toUs / SLOT_US)];
    let [left, right] = [first, last];
    let events = 0;
    for (let step = 0; step <= last - first; step++) {
      const slot = atEnd ? last - step : first + step;
      events += this.#counts[slot] ?? 0;
      if (events > EVENTS_SHOWN_MAX && step > 0) break;
      if (atEnd) left = slot;
      else right = slot;
    }
    return atEnd
      ? { fromUs: Math.max(fromUs, left * SLOT_US), toUs }
      : { fromUs, toUs: Math.min(toUs, (right + 1) * SLOT_US) };
  }

  #count(): void {
    const slot = Math.floor((this.#world?.scheduler.now ?? 0) / SLOT_US);
    while (this.#counts.length <= slot) this.#counts.push(0);
    this.#counts[slot]!++;
  }
}
