/**
 * What this peer knows of one other, and the endless effort to have a channel with it.
 *
 * The smaller peer id opens the channel, over whatever connection there is; either side makes the
 * connection, the smaller one at once, the larger one when it was not found in time, and to a voter
 * the other one at once. So a pair meets if only one of the two knows an address, and two that dial
 * at once still end up with one channel. Owns the dialling; who is let in is decided by `libp2p-transport.ts`.
 */
import type { Connection, Stream } from '@libp2p/interface';
import type { Incarnation, Nonce, PeerId } from '../core/types.ts';
import {
  FOUND_MS_MAX,
  FOUND_SLOWLY_MS_MAX,
  REFUSAL_MS_MIN,
  STREAM_OPEN_MS_MAX,
  STREAM_OPEN_SLOWLY_MS_MAX,
} from '../limits.ts';
import type { Channel } from './channel.ts';
import { Redial, SLOWLY, SOON } from './redial.ts';

/** The one protocol spoken between peers; its hello tells the versions apart. */
export const PROTOCOL = '/elock/1';

/** What a link needs of the transport. */
export interface LinkOwner {
  /** The connections to that peer that stand, newest last. */
  connectionsTo(peer: PeerId): readonly Connection[];
  /** Tries the addresses known of it, in bounded time; rejects when none of them works. */
  dial(peer: PeerId): Promise<void>;
  /** Whether it votes in the present epoch: then the wait for the next attempt stays short. */
  votes(peer: PeerId): boolean;
  /** Whether a channel to it is to stand; else it is made when something is to be said. */
  wants(peer: PeerId): boolean;
  /** A stream was opened from this side: makes it the channel of the link. */
  adopt(link: Link, connection: Connection, stream: Stream): void;
  /** Something failed that will be tried again. */
  failed(link: Link, error: Error): void;
}

/** One other peer. */
export class Link {
  readonly peer: PeerId;
  /** Whether this side is the one to open the channel. */
  readonly isOpener: boolean;
  /** The channel that stands or is about to. */
  channel: Channel | null = null;
  /** Whether the user gave an address of it. */
  isConfigured = false;
  /** Whether it is, or was, a peer of this cluster: its addresses are kept for the next start. */
  isRemembered = false;
  /** Whether it was met on another machine: its loopback addresses are of no use here. */
  isElsewhere = false;
  /** The newest that it named. */
  incarnation: Incarnation = 0;
  /** Of that life. */
  nonce: Nonce = 0;
  /** The number of the newest channel that it opened in that incarnation. */
  lastChannel = 0;
  /** Dials in a row that it began to answer, and did not end in time. */
  lateDials = 0;
  /** For which fault its channel was last closed: said loudly once. */
  complaint: string | null = null;
  /** Something waits to be said to it. */
  isCalled = false;
  readonly #self: PeerId;
  readonly #owner: LinkOwner;
  readonly #redial = new Redial(
    () => this.#attempt(),
    () => (this.isCalled || this.#owner.votes(this.peer) ? SOON : SLOWLY),
  );
  #opening = false;
  /** Its channel was lost: until it is back, it is sought in any case. */
  #missed = false;
  /** Refused, or closed on purpose: not opened again before the back-off is over. */
  #resting = false;
  /** When that was, by this process's own clock. */
  #refusedAt = Number.NEGATIVE_INFINITY;

  constructor(self: PeerId, peer: PeerId, owner: LinkOwner) {
    this.peer = peer;
    this.#self = self;
    this.isOpener = self < peer;
    this.#owner = owner;
  }

  /** Whether it knocks sooner than anyone does who keeps to the back-off. */
  get isImpatient(): boolean {
    return performance.now() - this.#refusedAt < REFUSAL_MS_MIN;
  }

  /** Whether nothing speaks for it: no user, no channel there ever was, no vote. */
  get isStranger(): boolean {
    return !this.isRemembered && !this.#isNeeded;
  }

  /** Whether it may be forgotten when room is needed. */
  get isSpare(): boolean {
    return this.channel === null && !this.#isNeeded;
  }

  get #isNeeded(): boolean {
    return this.isConfigured || this.#owner.votes(this.peer);
  }

  /** How long the other side is waited for; voters need not dial those who dial them at once. */
  get #headStartMs(): number {
    if (this.#isNeeded) return this.isOpener ? 0 : FOUND_MS_MAX;
    return this.isOpener && !this.#owner.votes(this.#self) ? 0 : FOUND_SLOWLY_MS_MAX;
  }

  /** Whether a channel to it is being made, or will be. */
  get isSought(): boolean {
    return this.#redial.isWanted;
  }

  /** Whether a channel to it is to be made. */
  get isWanted(): boolean {
    return this.#missed || this.isCalled || this.#owner.wants(this.peer);
  }

  /** A way to reach it was learned. */
  wake(): void {
    if (this.channel !== null || this.#resting || !this.isWanted) return;
    this.#redial.hurry(this.#headStartMs);
  }

  /** It was heard of: it is there. */
  nudge(): void {
    if (this.channel !== null || this.#resting || !this.isWanted) return;
    this.#redial.nudge(this.#headStartMs);
  }

  /** Something is to be said to it. */
  call(): void {
    if (this.isCalled) return;
    this.isCalled = true;
    this.#redial.hurry();
  }

  /** A connection to it stands, whoever made it. */
  connected(connection: Connection): void {
    if (this.isOpener && !this.#resting) void this.#open(connection);
  }

  /** It was called, and did not come in time; the effort goes on. */
  giveUp(): void {
    if (this.isCalled) this.#missed = true;
    this.isCalled = false;
  }

  /** The channel is open: no more effort is needed. */
  settle(): void {
    this.#missed = false;
    this.isCalled = false;
    this.#redial.stop();
  }

  /** The channel has proven itself: what comes next starts without a back-off. */
  trust(): void {
    this.lateDials = 0;
    this.#redial.forgive();
  }

  /** The channel is gone, or was refused; `rests`: it may not come back at once. */
  lose(rests: boolean): void {
    this.#missed = true;
    this.isCalled = false;
    this.#resting = rests;
    if (rests) this.#refusedAt = performance.now();
    this.#redial.backOff();
  }

  /** Ends all effort. */
  stop(): void {
    this.#redial.stop();
  }

  async #attempt(): Promise<void> {
    this.#resting = false;
    if (this.channel !== null) return;
    if (!this.isWanted) {
      this.#redial.stop();
      return;
    }
    try {
      const connection = this.#owner.connectionsTo(this.peer).at(-1);
      if (connection === undefined) await this.#owner.dial(this.peer);
      else if (this.isOpener) await this.#open(connection);
    } catch (error) {
      this.#owner.failed(this, error as Error);
    }
  }

  /** A connection on which no stream can be opened is of no use, and goes. */
  async #open(connection: Connection): Promise<void> {
    if (this.#opening || this.channel !== null) return;
    this.#opening = true;
    try {
      const isVoter = this.#owner.votes(this.peer);
      const ms = isVoter ? STREAM_OPEN_MS_MAX : STREAM_OPEN_SLOWLY_MS_MAX;
      const signal = AbortSignal.timeout(ms);
      const stream = await connection.newStream(PROTOCOL, { signal });
      this.#owner.adopt(this, connection, stream);
    } catch (error) {
      // It does not speak to members yet: it is asking for the charter on this very connection.
      const isNoMember = (error as Error).name === 'UnsupportedProtocolError';
      if (!isNoMember) connection.abort(error as Error);
      this.#owner.failed(this, error as Error);
    } finally {
      this.#opening = false;
    }
  }
}
