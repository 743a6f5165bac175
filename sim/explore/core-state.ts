/**
 * Reads the whole state of a core as text: equal texts, equal behaviour from then on.
 *
 * Needs a copy of the core whose private fields can be read (`openFields`). Owns the walk through
 * everything that a core can reach. A function is named after the state and the event in which it
 * came to be: what it captured follows from them. Timers are told by their order, not by numbers
 * that only count how many there were.
 */
import type { Change } from '../mutants/load.ts';

/** Makes private fields readable: `#name` becomes `_name`. */
export const openFields: Change = (text) => text.replace(/#(?=[a-z]\w*)/g, '_');

/** Fields that only count timers, of a timer and of all of them: their place tells the order. */
const COUNTS_OF_TIMER: readonly string[] = ['sequence', 'index'];
const COUNTS_OF_AGENDA: readonly string[] = ['_sequence'];

interface TimerLike {
  readonly at: number;
  readonly sequence: number;
  readonly index: number;
}

/** Reads one core, step after step: it must be read after each. */
export class CoreReader {
  readonly #names = new WeakMap<object, string>();

  /** @param origin - names the state before and the event that led here */
  read(core: object, origin: string): string {
    return new Walk(this.#names, origin).text(core);
  }
}

class Walk {
  readonly #names: WeakMap<object, string>;
  readonly #origin: string;
  readonly #seen = new Map<object, number>();
  #text = '';
  #functions = 0;

  constructor(names: WeakMap<object, string>, origin: string) {
    this.#names = names;
    this.#origin = origin;
  }

  text(root: object): string {
    this.#value(root);
    return this.#text;
  }

  #value(value: unknown): void {
    if (typeof value === 'function') this.#function(value);
    else if (value === null || typeof value !== 'object') this.#text += `${String(value)},`;
    else this.#object(value);
  }

  #function(value: object): void {
    let name = this.#names.get(value);
    if (name === undefined) {
      name = `${this.#origin}:${this.#functions++}`;
      this.#names.set(value, name);
    }
    this.#text += `=>${name},`;
  }

  #object(value: object): void {
    const known = this.#seen.get(value);
    if (known !== undefined) {
      this.#text += `@${known},`;
      return;
    }
    this.#seen.set(value, this.#seen.size);
    if (Array.isArray(value))
      this.#list('[', value.every(isTimer) ? value.toSorted(byTime) : value);
    else if (value instanceof Map) this.#list('M', [...value].flat());
    else if (value instanceof Set) this.#list('S', [...value]);
    else this.#fields(value);
  }

  #list(kind: string, items: readonly unknown[]): void {
    this.#text += `${kind}${items.length}:`;
    if (items.every(isPlain)) this.#text += `${items.join()},`;
    else for (const item of items) this.#value(item);
  }

  #fields(value: object): void {
    const kind = value.constructor?.name ?? '';
    this.#text += `{${kind} `;
    if (isTimer(value)) this.#text += value.index < 0 ? 'over ' : 'set ';
    const skipped = isTimer(value) ? COUNTS_OF_TIMER : kind === 'Agenda' ? COUNTS_OF_AGENDA : [];
    for (const [key, field] of Object.entries(value)) {
      if (skipped.includes(key)) continue;
      this.#text += `${key}=`;
      this.#value(field);
    }
    this.#text += '}';
  }
}

function isPlain(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean';
}

function isTimer(value: unknown): value is TimerLike {
  return typeof value === 'object' && value !== null && 'run' in value && 'sequence' in value;
}

function byTime(a: TimerLike, b: TimerLike): number {
  return a.at - b.at || a.sequence - b.sequence;
}
