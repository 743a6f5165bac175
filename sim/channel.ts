/**
 * One channel between two machines: two ordered streams of bytes, as TCP gives them.
 *
 * Owns what is under way in each direction and in which order it arrives. Nothing in it is lost,
 * doubled or reordered; when it breaks, a prefix of what was under way may still arrive. Whether
 * anybody takes what arrives is for `network.ts` to say.
 */
import type { Incarnation, Nonce, PeerId } from '../src/core/types.ts';
import { FrameSplitter } from '../src/wire/frame-splitter.ts';
import type { Link } from './link.ts';
import type { SimulatedProcess } from './process.ts';
import type { Happening, Scheduler } from './scheduler.ts';

/** The end with the lower machine number opens the channel. */
export type Side = 0 | 1;

/** What travels in a stream. */
export type Item =
  | { readonly kind: 'hello' }
  | { readonly kind: 'frames'; readonly bytes: Uint8Array }
  | { readonly kind: 'fin' };

interface Travelling {
  readonly item: Item;
  due: number;
  /** What was sent next. */
  next: Travelling | null;
}

/** One direction of a channel. */
export class Stream {
  readonly link: Link;
  /** What the receiving end makes of the bytes. */
  readonly splitter = new FrameSplitter();
  readonly #scheduler: Scheduler;
  readonly #arrive: (item: Item) => void;
  #first: Travelling | null = null;
  #last: Travelling | null = null;
  #count = 0;
  #lastDue = 0;
  /** Not before this: what was stalled arrives some time after the stall. */
  #notBefore = 0;
  #next: Happening | null = null;
  #bytes = 0;

  constructor(scheduler: Scheduler, link: Link, arrive: (item: Item) => void) {
    this.#scheduler = scheduler;
    this.link = link;
    this.#arrive = arrive;
  }

  /** Bytes under way. */
  get bytes(): number {
    return this.#bytes;
  }

  get empty(): boolean {
    return this.#first === null;
  }

  /** Sends an item behind all others. */
  push(item: Item): void {
    const bytes = item.kind === 'frames' ? item.bytes.length : 0;
    const due = Math.max(this.#lastDue, this.link.arrival(this.#scheduler.now, bytes));
    this.#lastDue = due;
    this.#bytes += bytes;
    const travelling: Travelling = { item, due, next: null };
    if (this.#last === null) this.#first = travelling;
    else this.#last.next = travelling;
    this.#last = travelling;
    this.#count++;
    if (this.#next === null) this.#schedule();
  }

  /** Drops all but the first `count` items under way; returns the dropped. */
  keep(count: number): Item[] {
    const dropped: Item[] = [];
    let last: Travelling | null = null;
    let next = this.#first;
    for (let kept = 0; kept < count && next !== null; kept++) {
      last = next;
      next = next.next;
    }
    for (; next !== null; next = next.next) dropped.push(next.item);
    for (const item of dropped) this.#countOut(item);
    if (last === null) this.#first = null;
    else last.next = null;
    this.#last = last;
    if (this.empty) this.stall();
    return dropped;
  }

  #countOut(item: Item): void {
    this.#count--;
    if (item.kind === 'frames') this.#bytes -= item.bytes.length;
  }

  get count(): number {
    return this.#count;
  }

  /** What is under way arrives by that time, if that is sooner; order stays. */
  hasten(sooner: (due: number) => number): void {
    this.#lastDue = Math.min(this.#lastDue, sooner(this.#lastDue));
    for (let one = this.#first; one !== null; one = one.next) {
      one.due = Math.min(one.due, sooner(one.due));
    }
    this.stall();
    this.#schedule();
  }

  /** The link is blocked: nothing arrives. */
  stall(): void {
    if (this.#next !== null) this.#next.cancelled = true;
    this.#next = null;
  }

  /** The link works again: what waits arrives, in order, from `at` on. */
  goOn(at: number): void {
    this.#notBefore = at;
    this.stall();
    this.#schedule();
  }

  #schedule(): void {
    const first = this.#first;
    if (first === null || this.link.blocked) return;
    this.#next = this.#scheduler.at(Math.max(first.due, this.#notBefore), this.#deliver);
  }

  readonly #deliver = (): void => {
    this.#next = null;
    const { item, next } = this.#first!;
    this.#countOut(item);
    this.#first = next;
    if (next === null) this.#last = null;
    else this.#schedule();
    this.#arrive(item);
  };
}

/** Who opened a channel; no other life of that peer may use it. */
export interface ChannelEnd {
  readonly machine: number;
  readonly id: PeerId;
  readonly incarnation: Incarnation;
  readonly nonce: Nonce;
  readonly process: SimulatedProcess;
}

/** What a channel is made of. */
export interface Channel {
  readonly number: number;
  /** The lower machine number first. */
  readonly ends: readonly [ChannelEnd, ChannelEnd];
  /** By sender. */
  readonly streams: readonly [Stream, Stream];
  /** It broke in between: nothing more gets into it. */
  dead: boolean;
}

/** The side of a channel on which that machine is. */
export function sideOf(channel: Channel, machine: number): Side {
  return channel.ends[0].machine === machine ? 0 : 1;
}

/** The stream of a channel that runs over that link. */
export function streamOn(channel: Channel, link: Link): Stream {
  return channel.streams[sideOf(channel, link.from)];
}

/** The end on that side, then the other. */
export function endsFrom({ ends }: Channel, side: Side): readonly [ChannelEnd, ChannelEnd] {
  return side === 0 ? ends : [ends[1], ends[0]];
}
