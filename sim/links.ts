/**
 * All directions between machines, and the channels that run over them.
 *
 * Owns the links' programs and which channels run over them. Cuts and clogs
 * stall what is under way; when they end it goes on, a while later. Who notices a cut, and what
 * then becomes of the channel, is for `network.ts`.
 */
import { type Channel, type Side, streamOn } from './channel.ts';
import { Link } from './link.ts';
import { RandomStream } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { Table } from './table.ts';

/** What was stalled arrives at most this long after the stall: TCP backs off, then sends again. */
const RETRANSMIT_US_MAX = 2_000_000;

/** That end of a channel hears nothing from now on, while `still` holds. */
export type Notice = (channel: Channel, side: Side, still: () => boolean) => void;

/** The links of one world. */
export class Links {
  readonly #scheduler: Scheduler;
  readonly #notice: Notice;
  readonly #links: Link[][] = [];
  #channels: Channel[] = [];

  constructor(
    scheduler: Scheduler,
    seed: number,
    machines: number,
    delayUs: Table,
    notice: Notice,
  ) {
    this.#scheduler = scheduler;
    this.#notice = notice;
    const indices = Array.from({ length: machines }, (_, index) => index);
    this.#links = indices.map((from) =>
      indices.map(
        (to) => new Link(from, to, new RandomStream(seed, `link:${from}>${to}`), delayUs),
      ),
    );
  }

  /** The program of one direction; to cut or clog it use the methods below. */
  link(from: number, to: number): Link {
    return this.#links[from]![to]!;
  }

  /** Whether nothing is blocked between two machines, either way. */
  isFree(a: number, b: number): boolean {
    return !this.link(a, b).blocked && !this.link(b, a).blocked;
  }

  /** A channel begins: those that are over and carry nothing more are forgotten. */
  add(channel: Channel): void {
    this.#channels = this.#channels.filter(
      ({ dead, streams }) => !dead || streams.some((stream) => stream.count > 0),
    );
    this.#channels.push(channel);
  }

  /** Cuts a direction: what is under way stalls, and both ends notice after a while. */
  cut(from: number, to: number): void {
    const link = this.link(from, to);
    const { now: since } = this.#scheduler;
    const was = link.cut;
    link.changeCuts(1, since);
    if (was) return;
    const still = () => link.cut && link.blockedSince <= since;
    for (const channel of this.#channelsOn(link)) {
      streamOn(channel, link).stall();
      this.#notice(channel, 0, still);
      this.#notice(channel, 1, still);
    }
  }

  uncut(from: number, to: number): void {
    const link = this.link(from, to);
    link.changeCuts(-1, this.#scheduler.now);
    this.#goOn(link);
  }

  /** Stops delivery in a direction; nobody notices. */
  clog(from: number, to: number): void {
    const link = this.link(from, to);
    link.changeClogs(1, this.#scheduler.now);
    for (const channel of this.#channelsOn(link)) streamOn(channel, link).stall();
  }

  unclog(from: number, to: number): void {
    const link = this.link(from, to);
    link.changeClogs(-1, this.#scheduler.now);
    this.#goOn(link);
  }

  /** A limit of a direction ends: what waits behind it need not wait as long. */
  uncap(from: number, to: number, bytesPerMs: number): void {
    const link = this.link(from, to);
    const { now } = this.#scheduler;
    const part = link.removeCapacity(bytesPerMs, now);
    if (part === 1) return;
    const delay = link.delayUs();
    for (const channel of this.#channelsOn(link)) {
      streamOn(channel, link).hasten((due) => now + Math.ceil((due - now) * part) + delay);
    }
  }

  #goOn(link: Link): void {
    if (link.blocked) return;
    const { now } = this.#scheduler;
    const stalledUs = Math.min(now - link.blockedSince, RETRANSMIT_US_MAX);
    const at = now + link.random.between(0, stalledUs);
    for (const channel of this.#channelsOn(link)) streamOn(channel, link).goOn(at);
  }

  #channelsOn({ from, to }: Link): Channel[] {
    const low = Math.min(from, to);
    const high = Math.max(from, to);
    return this.#channels.filter(({ ends }) => ends[0].machine === low && ends[1].machine === high);
  }
}
