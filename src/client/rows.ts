/**
 * Rows of `locks` and `info`, as values. Understands keys that it knows, passes over the others.
 */
import { fromWire } from './lock-name.ts';

/** How one lock stands, as one peer tells it. */
export interface ListedLock {
  readonly name: string;
  /** Of the last acquisition; 0: none that is remembered. */
  readonly token: number;
  /** The id of the peer that its holder is attached to; `null`: it is free. */
  readonly peer: string | null;
  /** For how many ms it has been held; not known of a `vote`: 0. */
  readonly heldMs: number;
  /** How many wait for it; not known of a `vote`: 0. */
  readonly waiters: number;
  /** `vote`: what one voter stored, which may be out of date. */
  readonly source: 'keeper' | 'vote';
}

/** Reads rows `LOCK name key value key value …`. */
export function readLocks(rows: readonly string[]): ListedLock[] {
  return rows.map((row) => {
    const [, name = '', ...words] = row.split(' ');
    const values = new Map<string, string>();
    for (let at = 0; at + 1 < words.length; at += 2)
      values.set(words[at] ?? '', words[at + 1] ?? '');
    const count = (key: string) => Number(values.get(key) ?? 0) || 0;
    const peer = values.get('peer') ?? 'none';
    return {
      name: fromWire(name),
      token: count('token'),
      peer: peer === 'none' ? null : peer,
      heldMs: count('held_ms'),
      waiters: count('waiters'),
      source: values.get('source') === 'keeper' ? 'keeper' : 'vote',
    };
  });
}
