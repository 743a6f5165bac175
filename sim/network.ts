/**
 * Channels between simulated machines: who has one with whom, and how they begin and end.
 *
 * Owns the hello with incarnations, breaking, and noticing: an end learns of a break when it is
 * told, or when it has heard nothing for long enough. A newer channel replaces every older one;
 * what still arrives on an older one is refused. Stands behind the `Transport` port as the libp2p
 * adapter does. When to dial is `dialler.ts`, what a direction does to bytes is `link.ts`.
 */
import type { Incarnation, Nonce, PeerId } from '../src/core/types.ts';
import { UNSENT_BYTES_MAX } from '../src/limits.ts';
import type { Transport, TransportListener } from '../src/runtime/ports.ts';
import {
  type Channel,
  type ChannelEnd,
  endsFrom,
  type Item,
  type Side,
  Stream,
  sideOf,
} from './channel.ts';
import { Dialler } from './dialler.ts';
import { Links } from './links.ts';
import { machineName } from './names.ts';
import { emptyPlace, type Life, type Place } from './place.ts';
import type { SimulatedProcess } from './process.ts';
import type { Fate, Recorder } from './recorder.ts';
import type { Scheduler } from './scheduler.ts';
import { drawFrom, type Table } from './table.ts';
import type { Journal, Note } from './trace.ts';

/** What a network is made of. */
export interface NetworkOptions {
  readonly scheduler: Scheduler;
  readonly journal: Journal;
  readonly recorder?: Recorder | null;
  readonly seed: number;
  readonly machines: number;
  /** The delay of every link until a fault changes it (µs). */
  readonly delayUs: Table;
  /** How long an end that hears nothing keeps its channel (µs). */
  readonly detectUs: Table;
}

/** How one end of a channel takes what arrives. */
type Take = (item: Item) => void;

/** All channels of one world. */
export class SimulatedNetwork {
  readonly #options: NetworkOptions;
  readonly #scheduler: Scheduler;
  readonly #dialler: Dialler;
  /** What faults act upon. */
  readonly links: Links;
  readonly #places: Place[] = [];
  readonly #machineOf = new Map<PeerId, number>();
  /** How many channels there were, broke, and how often an old one's letter was refused. */
  readonly counts = { channels: 0, broken: 0, refused: 0 };
  /** Those letters that a life wrote which is over. */
  refusedIncarnation = 0;

  constructor(options: NetworkOptions) {
    const { scheduler, seed, machines, delayUs } = options;
    this.#options = options;
    this.#scheduler = scheduler;
    for (let machine = 0; machine < machines; machine++) {
      this.#places.push(emptyPlace(machine, machines));
    }
    this.links = new Links(scheduler, seed, machines, delayUs, (channel, side, still) =>
      this.#noticeLater(channel, side, still),
    );
    this.#dialler = new Dialler(scheduler, seed, machines, {
      wanted: (low, high) => this.#isListening(low) && this.#places[low]!.standing[high] === null,
      possible: (low, high) => this.#canConnect(low, high),
      roundTripUs: (low, high) =>
        this.links.link(low, high).delayUs() + this.links.link(high, low).delayUs(),
      connect: (low, high) => this.#connect(low, high),
    });
  }

  /** A new life of a machine's peer joins; it is dialled, and dials, once it listens. */
  attach(
    machine: number,
    id: PeerId,
    incarnation: Incarnation,
    process: SimulatedProcess,
    nonce: Nonce = 0,
  ): Transport {
    const place = this.#places[machine]!;
    const life: Life = { machine, id, incarnation, nonce, process, listener: null };
    place.life = life;
    place.dark = false;
    this.#machineOf.set(id, machine);
    return {
      listen: (listener) => {
        life.listener = listener;
        for (const other of this.#places)
          if (other !== place) this.#dialler.soon(machine, other.machine);
      },
      send: (peer, frames) => this.#send(place, peer, frames),
      disconnect: (peer) => this.#disconnect(place, peer),
    };
  }

  /**
   * The process there is over.
   *
   * @param silently - the machine lost its power: nobody is told, each finds out for itself
   */
  detach(machine: number, silently: boolean): void {
    const place = this.#places[machine]!;
    place.life = null;
    place.dark = silently;
    for (const [other, channel] of place.standing.entries()) {
      if (channel === null) continue;
      place.standing[other] = null;
      if (silently) this.#noticeLater(channel, sideOf(channel, other), () => true);
      else this.#leave(channel, sideOf(channel, machine));
    }
  }

  /** Those at the other ends hear nothing of this machine from now on, while `still` holds. */
  fallSilent(machine: number, still: () => boolean): void {
    for (const [other, channel] of this.#places[machine]!.standing.entries()) {
      if (channel !== null) this.#noticeLater(channel, sideOf(channel, other), still);
    }
  }

  /** Breaks the channel that stands between two machines, if one does. */
  break(a: number, b: number): void {
    const channel = this.#places[a]!.standing[b] ?? this.#places[b]!.standing[a] ?? null;
    if (channel !== null) this.#break(channel);
  }

  /** Whether both ends see the same channel standing. */
  connected(a: number, b: number): boolean {
    const channel = this.#places[a]!.standing[b] ?? null;
    return channel !== null && channel === this.#places[b]!.standing[a];
  }

  // What processes do

  #send(place: Place, peer: PeerId, bytes: Uint8Array): void {
    const channel = this.#standing(place, peer);
    if (channel === null || channel.dead) return;
    const stream = channel.streams[sideOf(channel, place.machine)];
    const item: Item = { kind: 'frames', bytes };
    stream.push(item);
    const { link } = stream;
    this.#record('sent', link.from, link.to, item);
    const breaks = link.random.chance(link.lossPerMillion);
    if (breaks || stream.bytes > UNSENT_BYTES_MAX) this.#break(channel);
  }

  #disconnect(place: Place, peer: PeerId): void {
    const channel = this.#standing(place, peer);
    if (channel !== null) this.#giveUp(channel, sideOf(channel, place.machine));
  }

  #standing(place: Place, peer: PeerId): Channel | null {
    const machine = this.#machineOf.get(peer);
    return machine === undefined ? null : (place.standing[machine] ?? null);
  }

  // How channels begin

  #isListening(machine: number): boolean {
    const life = this.#places[machine]!.life;
    return life !== null && life.listener !== null && !life.process.over;
  }

  #canConnect(low: number, high: number): boolean {
    return this.links.isFree(low, high) && this.#isAwake(low) && this.#isAwake(high);
  }

  #isAwake(machine: number): boolean {
    return this.#isListening(machine) && !this.#places[machine]!.life!.process.paused;
  }

  /** The dialler's end opens at once; the other when the hello reaches it. */
  #connect(low: number, high: number): void {
    const channel: Channel = {
      number: ++this.counts.channels,
      ends: [this.#places[low]!.life!, this.#places[high]!.life!],
      streams: [
        this.#stream(low, high, (item) => this.#arrive(channel, 1, item, takeHigh)),
        this.#stream(high, low, (item) => this.#arrive(channel, 0, item, takeLow)),
      ],
      dead: false,
    };
    const takeLow: Take = (item) => this.#take(channel, 0, item);
    const takeHigh: Take = (item) => this.#take(channel, 1, item);
    this.links.add(channel);
    channel.streams[0].push({ kind: 'hello' });
    this.#open(channel, 0);
  }

  #stream(from: number, to: number, arrive: (item: Item) => void): Stream {
    return new Stream(this.#scheduler, this.links.link(from, to), arrive);
  }

  #open(channel: Channel, side: Side): void {
    const [end, other] = endsFrom(channel, side);
    const { standing } = this.#places[end.machine]!;
    const older = standing[other.machine];
    if (older) older.dead = true;
    standing[other.machine] = channel;
    this.#note('opened', end, other, `channel ${channel.number}`);
    this.#listener(end)?.opened(other.id, other.incarnation, other.nonce);
  }

  // What arrives

  #arrive(channel: Channel, side: Side, item: Item, take: Take): void {
    const { process, machine } = channel.ends[side];
    if (!process.over) {
      process.give(item, take);
      return;
    }
    this.#record('lost', endsFrom(channel, side)[1].machine, machine, item);
    if (!this.#places[machine]!.dark) this.#leave(channel, side);
  }

  #take(channel: Channel, side: Side, item: Item): void {
    const [end, other] = endsFrom(channel, side);
    const standing = this.#places[end.machine]!.standing[other.machine] ?? null;
    if (item.kind === 'hello') {
      if (standing === null || standing.number < channel.number) this.#open(channel, side);
    } else if (standing !== channel) {
      this.counts.refused++;
      if (this.#places[other.machine]!.life?.incarnation !== other.incarnation) {
        this.refusedIncarnation++;
      }
      this.#note('refused', end, other, `${item.kind} of channel ${channel.number}`);
      this.#record('refused', other.machine, end.machine, item);
    } else if (item.kind === 'fin') {
      this.#close(channel, side);
    } else {
      this.#record('heard', other.machine, end.machine, item);
      this.#hear(channel, side, item.bytes);
    }
  }

  #hear(channel: Channel, side: Side, bytes: Uint8Array): void {
    const [end, other] = endsFrom(channel, side);
    const { journal } = this.#options;
    journal.noteFrames(machineName(end.machine), machineName(other.machine), bytes);
    const split = channel.streams[side === 0 ? 1 : 0].splitter.push(bytes);
    if (!split.ok) return;
    for (const frame of split.frames) this.#listener(end)?.frame(other.id, frame);
  }

  // How channels end

  /** In between: a prefix of what is under way arrives, then each end is told. */
  #break(channel: Channel): void {
    if (channel.dead) return;
    channel.dead = true;
    this.counts.broken++;
    for (const stream of channel.streams) {
      const { link } = stream;
      const lost = stream.keep(link.random.between(0, stream.count));
      stream.push({ kind: 'fin' });
      for (const item of lost) this.#record('lost', link.from, link.to, item);
      if (link.lateUs > 0) this.#deliverLate(channel, stream, lost);
    }
  }

  /** Letters of a channel that is gone, to be refused whenever they come. */
  #deliverLate(channel: Channel, stream: Stream, items: readonly Item[]): void {
    const side = channel.streams[0] === stream ? 1 : 0;
    const delay = stream.link.random.between(0, stream.link.lateUs);
    for (const item of items) {
      if (item.kind === 'frames') {
        this.#scheduler.after(delay, () =>
          this.#arrive(channel, side, item, () => this.#take(channel, side, item)),
        );
      }
    }
  }

  /** That end closes it; the other is told where the way is free. */
  #giveUp(channel: Channel, side: Side): void {
    this.#leave(channel, side);
    this.#close(channel, side);
  }

  /** Nothing more comes from that end; the other is told. */
  #leave(channel: Channel, side: Side): void {
    if (channel.dead) return;
    channel.dead = true;
    channel.streams[side].push({ kind: 'fin' });
  }

  #close(channel: Channel, side: Side): void {
    const [end, other] = endsFrom(channel, side);
    const { standing } = this.#places[end.machine]!;
    if (standing[other.machine] !== channel) return;
    standing[other.machine] = null;
    this.#note('closed', end, other, `channel ${channel.number}`);
    this.#listener(end)?.closed(other.id);
    this.#dialler.soon(end.machine, other.machine);
  }

  /** That end gives up once it has heard nothing for as long as it waits, if `still` holds then. */
  #noticeLater(channel: Channel, side: Side, still: () => boolean): void {
    const [end, other] = endsFrom(channel, side);
    const delay = drawFrom(this.#options.detectUs, channel.streams[side].link.random);
    end.process.after(delay, () => {
      const { standing } = this.#places[end.machine]!;
      if (still() && standing[other.machine] === channel) this.#giveUp(channel, side);
    });
  }

  #listener(end: ChannelEnd): TransportListener | null {
    const life = this.#places[end.machine]!.life;
    return life?.process === end.process ? life.listener : null;
  }

  #record(fate: Fate, from: number, to: number, item: Item): void {
    if (item.kind !== 'frames') return;
    this.#options.recorder?.letter(fate, machineName(from), machineName(to), item);
  }

  #note(note: Note, { machine }: ChannelEnd, other: ChannelEnd, detail: string): void {
    this.#options.journal.note(note, machineName(machine), machineName(other.machine), detail);
  }
}
