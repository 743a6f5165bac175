/**
 * The channels of an explored world: a queue for each ordered pair of peers, itself included.
 *
 * Owns order within a channel, and what a break leaves. Which channel's head arrives next is the
 * explorer's choice. Marks for opening and closing travel in the queues, and what is said on a
 * channel that is broken is lost, so that nothing of an old channel arrives on a newer one. What a
 * peer says to itself as a voter queues, too: in production it waits for the disk.
 */
import type { Incarnation, PeerId } from '../../src/core/types.ts';
import type { Letter } from './letter.ts';

/** A peer as it introduces itself. */
export interface Hello {
  readonly id: PeerId;
  readonly incarnation: Incarnation;
}

const CLOSED: Letter = { kind: 'closed', name: 'closed' };
/** No channel has this number. */
const NONE = 0;

/** All channels between so many peers. */
export class Channels {
  readonly #indices: readonly number[];
  readonly #queues: Letter[][][];
  /** By end: the number of the channel that it has to another peer, which may be broken. */
  readonly #seen: number[][];
  /** By pair: the number of the channel that stands. */
  readonly #standing: number[][];
  readonly #isolated: boolean[];
  #count = NONE;

  constructor(peers: number) {
    const indices = Array.from({ length: peers }, (_, index) => index);
    const rows = () => indices.map(() => indices.map(() => NONE));
    this.#indices = indices;
    this.#queues = indices.map(() => indices.map(() => []));
    this.#seen = rows();
    this.#standing = rows();
    this.#isolated = indices.map(() => false);
  }

  /** Others in the same state. */
  copy(): Channels {
    const copy = new Channels(this.#indices.length);
    for (const from of this.#indices) {
      copy.#queues[from] = this.#queues[from]!.map((queue) => [...queue]);
      copy.#seen[from] = [...this.#seen[from]!];
      copy.#standing[from] = [...this.#standing[from]!];
      copy.#isolated[from] = this.#isolated[from]!;
    }
    copy.#count = this.#count;
    return copy;
  }

  /** What would arrive next; undefined: nothing is under way. */
  head(from: number, to: number): Letter | undefined {
    return this.#queues[from]![to]![0];
  }

  take(from: number, to: number): Letter {
    const letter = this.#queues[from]![to]!.shift()!;
    if (letter.kind === 'opened') this.#seen[to]![from] = letter.channel;
    if (letter.kind === 'closed') this.#seen[to]![from] = NONE;
    return letter;
  }

  /** Whether that end has a channel to the other, broken or not. */
  isOpen(at: number, other: number): boolean {
    return this.#seen[at]![other] !== NONE;
  }

  /** Sends; what is said where no channel stands is lost. */
  push(from: number, to: number, letter: Letter): void {
    const stands = this.#seen[from]![to] === this.#standing[from]![to];
    if (from === to || (stands && this.isOpen(from, to))) this.#queues[from]![to]!.push(letter);
  }

  isIsolated(peer: number): boolean {
    return this.#isolated[peer]!;
  }

  /** A new channel between two peers; each learns of it when the other's hello arrives. */
  connect(a: number, b: number, ofA: Hello, ofB: Hello): void {
    if (this.#isolated[a]! || this.#isolated[b]!) return;
    const channel = ++this.#count;
    this.#stand(a, b, channel);
    this.#queues[a]![b]!.push(opened(ofA, channel));
    this.#queues[b]![a]!.push(opened(ofB, channel));
  }

  /** What is under way to and from that peer is lost; both ends learn that it is over. */
  isolate(peer: number): void {
    this.#isolated[peer] = true;
    for (const other of this.#others(peer)) {
      this.#stand(peer, other, NONE);
      this.#queues[peer]![other] = this.isOpen(other, peer) ? [CLOSED] : [];
      this.#queues[other]![peer] = this.isOpen(peer, other) ? [CLOSED] : [];
    }
  }

  rejoin(peer: number): void {
    this.#isolated[peer] = false;
  }

  /** The process there is gone; `kept`: what it had sent still arrives. */
  crash(peer: number, kept: boolean): void {
    this.#queues[peer]![peer] = [];
    for (const other of this.#others(peer)) {
      const sent = kept ? this.#queues[peer]![other]! : [];
      this.#stand(peer, other, NONE);
      this.#queues[peer]![other] = [...sent, CLOSED];
      this.#queues[other]![peer] = [];
      this.#seen[peer]![other] = NONE;
    }
  }

  /** All of it, as text: equal texts, equal channels. */
  state(): string {
    const queues = this.#queues.map((row) =>
      row.map((queue) => queue.map(nameOf).join()).join(';'),
    );
    return `${queues.join(' ')} ${this.#seen.join(' ')} ${this.#standing.join(' ')} ${this.#isolated}`;
  }

  #stand(a: number, b: number, channel: number): void {
    this.#standing[a]![b] = channel;
    this.#standing[b]![a] = channel;
  }

  #others(peer: number): readonly number[] {
    return this.#indices.filter((index) => index !== peer);
  }
}

function opened({ id, incarnation }: Hello, channel: number): Letter {
  return { kind: 'opened', name: `opened ${id} ${incarnation} ${channel}`, incarnation, channel };
}

function nameOf({ name }: Letter): string {
  return name;
}
