/**
 * Letters between the peers of a `Cluster`: ordered channels that can be cut, held up and lost.
 *
 * Inside a channel nothing is doubled or reordered; a break loses what was under way. `lose` takes
 * single letters out: a test that uses it for more than hints breaks the channel after it, as only
 * a break can lose something. Owns no peer and no clock.
 */
import type { Event } from '../../src/core/event.ts';
import type { Message } from '../../src/core/message.ts';

/** Something that was sent from one peer (its index) to another, for tests that look at the wire. */
export interface Sent {
  readonly from: number;
  readonly to: number;
  readonly message: Message;
}

/** Something on its way to a peer. */
export interface Letter {
  readonly at: number;
  readonly from: number;
  readonly to: number;
  /** The channel that it travels on; letters of an older one are lost. */
  readonly channel: number;
  /** Which life of the receiver it is for. */
  readonly life: unknown;
  readonly event: Event;
}

/** All letters under way. */
export class Post {
  /** Letters for which this says true are lost. */
  lose: (sent: Sent) => boolean = () => false;
  readonly #letters: Letter[] = [];
  readonly #cut = new Set<string>();
  readonly #held = new Set<string>();
  readonly #channels = new Map<string, number>();
  readonly #latest = new Map<string, number>();

  isCut(a: number, b: number): boolean {
    return this.#cut.has(pair(a, b));
  }

  /** False: it was cut, or was not, already. */
  setCut(a: number, b: number, cut: boolean): boolean {
    if (this.isCut(a, b) === cut) return false;
    if (cut) this.#cut.add(pair(a, b));
    else this.#cut.delete(pair(a, b));
    return true;
  }

  /** Letters of that direction wait, in order, until they may go on. */
  setHeld(from: number, to: number, held: boolean): void {
    if (held) this.#held.add(`${from}>${to}`);
    else this.#held.delete(`${from}>${to}`);
  }

  /** A new channel: what is under way on the old one is lost. */
  nextChannel(a: number, b: number): void {
    this.#channels.set(pair(a, b), this.#channel(a, b) + 1);
    this.setHeld(a, b, false);
    this.setHeld(b, a, false);
  }

  #channel(a: number, b: number): number {
    return a === b ? 0 : (this.#channels.get(pair(a, b)) ?? 0);
  }

  /** Never arrives before an earlier letter of the same direction. */
  send(letter: Omit<Letter, 'channel'>): void {
    const { from, to } = letter;
    const at = Math.max(letter.at, this.#latest.get(`${from}>${to}`) ?? 0);
    this.#latest.set(`${from}>${to}`, at);
    this.#letters.push({ ...letter, at, channel: this.#channel(from, to) });
  }

  /** When the next letter arrives, to a peer for which `listens` says true. */
  nextAt(listens: (to: number) => boolean): number {
    let next = Number.POSITIVE_INFINITY;
    for (const letter of this.#letters) {
      if (listens(letter.to) && !this.#waits(letter)) next = Math.min(next, letter.at);
    }
    return next;
  }

  /** Takes the next letter that has arrived; `null`: none has. */
  take(now: number, listens: (to: number) => boolean): Letter | null {
    for (const [index, letter] of this.#letters.entries()) {
      if (letter.at > now || !listens(letter.to) || this.#waits(letter)) continue;
      this.#letters.splice(index, 1);
      if (letter.channel === this.#channel(letter.from, letter.to)) return letter;
      return this.take(now, listens);
    }
    return null;
  }

  #waits({ from, to }: Letter): boolean {
    return this.#held.has(`${from}>${to}`);
  }
}

function pair(a: number, b: number): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
