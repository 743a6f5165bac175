/**
 * Which peers this one has a channel to, hears, and reaches.
 *
 * Owns channel state, heartbeats and what voters answered to them. Hearing somebody is a hint for
 * speed; only leases free a lock. Sends a heartbeat to every voter at a fixed pace (rule 12).
 */
import type { Context } from './context.ts';
import type { Incarnation, Instant, PeerId } from './types.ts';

interface Link {
  open: boolean;
  incarnation: Incarnation;
  /** When anything last came from it. */
  heardAt: Instant;
  /** Since when the channel stands. */
  readonly openedAt: Instant;
}

/** Heartbeats whose sending instants are remembered: older ones, answered, extend nothing. */
const HEARTBEATS_REMEMBERED = 256;

/** Channels, heartbeats and their answers. */
export class Links {
  readonly #context: Context;
  readonly #links = new Map<PeerId, Link>();
  /** By voter: when the newest heartbeat that it answered was sent (rule 13). */
  #answered: Instant[];
  readonly #sentAt: Instant[] = new Array(HEARTBEATS_REMEMBERED).fill(Number.NEGATIVE_INFINITY);
  #sequence = 0;
  #hadQuorum = false;
  /** When this peer learned of its epoch. */
  #epochBegan: Instant = Number.NEGATIVE_INFINITY;

  constructor(context: Context) {
    this.#context = context;
    this.#answered = context.voters.map(() => Number.NEGATIVE_INFINITY);
    this.#links.set(context.self, {
      open: true,
      incarnation: context.incarnation,
      heardAt: context.instant,
      openedAt: context.instant,
    });
    this.#beat();
  }

  /** Everyone ever connected, in the order of meeting; this peer first. */
  get known(): Iterable<PeerId> {
    return this.#links.keys();
  }

  /** The incarnation of the channel that stands, or stood last; 0: never met. */
  incarnationOf(peer: PeerId): Incarnation {
    return this.#links.get(peer)?.incarnation ?? 0;
  }

  /** @param asleep - whether the channel is only made once something is to be said */
  opened(peer: PeerId, incarnation: Incarnation, asleep = false): void {
    const { instant } = this.#context;
    this.#links.set(peer, { open: true, incarnation, heardAt: instant, openedAt: instant });
    // Also to peers that do not vote: one of the two may learn of a newer epoch by it.
    if (!asleep) this.#sendHeartbeat(peer);
  }

  closed(peer: PeerId): void {
    const link = this.#links.get(peer);
    if (link !== undefined) link.open = false;
  }

  isOpen(peer: PeerId): boolean {
    return this.#links.get(peer)?.open ?? false;
  }

  /** Something came from a peer; whether it has a channel: else it counts for nothing. */
  heard(peer: PeerId): boolean {
    const link = this.#links.get(peer);
    if (link === undefined || !link.open) return false;
    link.heardAt = this.#context.instant;
    return true;
  }

  /** When anything last came from it; `null`: never. */
  heardAt(peer: PeerId): Instant | null {
    return peer === this.#context.self
      ? this.#context.instant
      : (this.#links.get(peer)?.heardAt ?? null);
  }

  /** For how long the channel stands (ms); `null`: there is none. */
  openForMs(peer: PeerId): number | null {
    const link = this.#links.get(peer);
    return link?.open === true ? this.#context.instant - link.openedAt : null;
  }

  /**
   * For how long a first channel to that life of it is worth waiting for (ms); 0: it was met, or
   * long missed. One that is lost is not waited for: whoever was killed is taken for gone at once.
   */
  awaitedMs(peer: PeerId, incarnation: Incarnation): number {
    const { instant, self, settings } = this.#context;
    const met = this.incarnationOf(peer);
    if (met >= incarnation) return 0;
    // Since when it lives again is not known here.
    if (met > 0) return settings.askMs;
    const begunAt = this.#links.get(self)?.openedAt ?? instant;
    return Math.min(settings.askMs, Math.max(0, begunAt + settings.suspectMs - instant));
  }

  /** Another epoch: what voters answered in the one before counts no more (rule 13). */
  epochBegun(): void {
    this.#answered = this.#context.voters.map(() => Number.NEGATIVE_INFINITY);
    this.#epochBegan = this.#context.instant;
    this.#beatAll();
  }

  /**
   * Whether it has a channel and is not suspected. Between two peers that are no voters no
   * heartbeat flows: there the channel alone decides.
   */
  hears(peer: PeerId): boolean {
    const context = this.#context;
    if (peer === context.self) return true;
    const link = this.#links.get(peer);
    if (link === undefined || !link.open) return false;
    if (context.voterIndex(peer) < 0 && context.voterIndex(context.self) < 0) return true;
    return context.instant - link.heardAt < context.settings.suspectMs;
  }

  /** A voter begins to answer heartbeats: it is not made to wait for the next. */
  beat(voter: PeerId): void {
    if (this.isOpen(voter)) this.#sendHeartbeat(voter);
  }

  /** When the newest heartbeat answered by the voter of that index was sent. */
  answeredAt(voter: number): Instant {
    return this.#answered[voter] ?? Number.NEGATIVE_INFINITY;
  }

  /** Since when the channel to the voter of that index stands, or stood last. */
  openedAt(voter: number): Instant {
    const link = this.#links.get(this.#context.voters[voter] as PeerId);
    return link?.openedAt ?? Number.NEGATIVE_INFINITY;
  }

  /** Whether that voter lately answered a heartbeat that was sent on the channel that stands. */
  answersOnChannel(voter: number): boolean {
    const { instant, settings, voters } = this.#context;
    const sentAt = this.answeredAt(voter);
    // The one that is sent as a channel opens says when the last round was.
    const isOfChannel = this.isOpen(voters[voter] as PeerId) && sentAt > this.openedAt(voter);
    return isOfChannel && instant - sentAt < settings.suspectMs;
  }

  /** The voters that lately answered a heartbeat: both directions work. */
  reached(): PeerId[] {
    const since = this.#context.instant - this.#context.settings.suspectMs;
    return this.#context.voters.filter((_, index) => this.answeredAt(index) > since);
  }

  /** How many those are. */
  votersReached(): number {
    const since = this.#context.instant - this.#context.settings.suspectMs;
    return this.#answered.reduce((count, at) => (at > since ? count + 1 : count), 0);
  }

  /** Or reached one when the epoch began, and has not waited long for its voters. */
  reachesQuorum(): boolean {
    return this.votersReached() >= this.#context.quorum || (this.#hadQuorum && this.#isFresh);
  }

  /** Whether it is a voter with an old channel and epoch, to which a heartbeat is soon due. */
  isSettled(peer: PeerId): boolean {
    const { self, settings } = this.#context;
    if (peer === self || this.#context.voterIndex(peer) < 0 || this.#isFresh) return false;
    // Answered a heartbeat later, it must not look as if it had not been.
    if (settings.suspectMs < 4 * settings.heartbeatMs) return false;
    return (this.openForMs(peer) ?? 0) >= settings.suspectMs;
  }

  /** Whether the epoch has just begun: its voters may not all have merged. */
  get #isFresh(): boolean {
    return this.#context.instant - this.#epochBegan < this.#context.settings.suspectMs;
  }

  /** A voter answered a heartbeat of this incarnation. */
  alive(voter: PeerId, sequence: number): void {
    const index = this.#context.voterIndex(voter);
    if (index < 0 || sequence > this.#sequence) return;
    if (sequence <= this.#sequence - HEARTBEATS_REMEMBERED) return;
    const sentAt = this.#sentAt[sequence % HEARTBEATS_REMEMBERED] as Instant;
    if (sentAt > this.answeredAt(index)) this.#answered[index] = sentAt;
    this.#noteQuorum();
  }

  #noteQuorum(): void {
    const has = this.reachesQuorum();
    if (has === this.#hadQuorum) return;
    this.#hadQuorum = has;
    const { quorum: needed } = this.#context;
    this.#context.observe({ kind: 'quorum', reached: this.votersReached(), needed, has });
  }

  #beat(): void {
    const context = this.#context;
    this.#noteQuorum();
    this.#beatAll();
    context.after(context.settings.heartbeatMs, () => this.#beat());
  }

  #beatAll(): void {
    const context = this.#context;
    this.#sequence += 1;
    this.#sentAt[this.#sequence % HEARTBEATS_REMEMBERED] = context.instant;
    for (const voter of context.voters) if (this.isOpen(voter)) this.#sendHeartbeat(voter);
  }

  #sendHeartbeat(voter: PeerId): void {
    this.#context.send(voter, { kind: 'heartbeat', sequence: this.#sequence });
  }
}
