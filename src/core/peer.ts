/**
 * One peer: composes voter, writer, keeper, home and leases; the only `step`.
 *
 *   command ─▶ desk ─▶ home ─▶ claims ─▶ keeper ─▶ writer ─▶ voters ─▶ writer ─▶ … ─▶ response
 *
 * Owns which message is whose business, and that every expiry due is applied before each event.
 * Never touches time, randomness or the world by itself.
 */
import { Claims } from './claims.ts';
import { Context } from './context.ts';
import { Desk } from './desk.ts';
import type { DurableState, Effect, Event } from './event.ts';
import { Expiry } from './expiry.ts';
import { Home } from './home.ts';
import { assertNever } from './invariant.ts';
import { Janitor } from './janitor.ts';
import { Keeper } from './keeper.ts';
import { Lease } from './lease.ts';
import { Links } from './links.ts';
import type { Heartbeat, Message } from './message.ts';
import { Overview } from './overview.ts';
import { Voter } from './register.ts';
import type { Settings } from './settings.ts';
import type { Configuration, Incarnation, Instant, Now, PeerId, Random } from './types.ts';
import { Writer } from './writer.ts';

/** What a peer is made of. */
export interface PeerOptions {
  readonly self: PeerId;
  /** Raised durably before this. */
  readonly incarnation: Incarnation;
  readonly configuration: Configuration;
  readonly settings: Settings;
  readonly durable: DurableState;
  readonly random: Random;
  readonly now: Now;
}

/** The whole protocol as a synchronous, deterministic state machine. */
export class Peer {
  readonly #context: Context;
  readonly #links: Links;
  readonly #lease: Lease;
  readonly #voter: Voter;
  readonly #writer: Writer;
  readonly #keeper: Keeper;
  readonly #claims: Claims;
  readonly #home: Home;
  readonly #desk: Desk;
  readonly #overview: Overview;
  /** The highest incarnation known of each other peer (rule 20). */
  readonly #remembered: Map<PeerId, Incarnation>;

  constructor(options: PeerOptions) {
    const context = new Context(options);
    const links = new Links(context);
    const lease = new Lease(context);
    const voter = new Voter(context, links, lease, options.durable);
    const writer = new Writer(context, links, voter);
    const own = { has: (session: Parameters<Home['has']>[0]) => this.#home.has(session) };
    const expiry = new Expiry(context, links, writer, own);
    const keeper = new Keeper(context, links, voter, writer, expiry);
    const claims = new Claims(context, links, voter, (name) => keeper.kept(name) !== null);
    const overview = new Overview({ context, links, voter, writer, keeper, claims });
    const desk = new Desk(context, () => ({ links, home: this.#home, overview }));
    const home = new Home({ context, links, writer, claims, keeper, expiry, desk });
    this.#context = context;
    this.#links = links;
    this.#lease = lease;
    this.#voter = voter;
    this.#writer = writer;
    this.#keeper = keeper;
    this.#claims = claims;
    this.#overview = overview;
    this.#desk = desk;
    this.#home = home;
    this.#remembered = new Map(options.durable.remembered);
    if (context.voterIndex(context.self) >= 0) {
      new Janitor({ context, links, voter, writer, keeper, expiry });
    }
  }

  /** When to send the next `tick`, in `Now.home`; Infinity: never. */
  get deadline(): Instant {
    return Math.min(this.#context.agenda.next, this.#home.deadline);
  }

  /** Handles one event; the effects are to be performed in order (see `event.ts`). */
  step(event: Event, now: Now): readonly Effect[] {
    this.#context.now = now;
    this.#home.expireDue();
    this.#context.agenda.runDue(now.home);
    this.#handle(event);
    return this.#context.takeEffects();
  }

  #handle(event: Event): void {
    switch (event.kind) {
      case 'tick':
        return;
      case 'channel-opened':
        this.#channelOpened(event.peer, event.incarnation);
        return;
      case 'channel-closed':
        this.#channelClosed(event.peer);
        return;
      case 'message':
        this.#onEnvelope(event);
        return;
      case 'command':
        this.#desk.onCommand(event.connection, event.command);
        return;
      case 'input':
        this.#desk.onInput(event.connection);
        return;
      case 'input-ended':
        this.#desk.inputEnded(event.connection);
        return;
      case 'disconnected':
        this.#desk.disconnected(event.connection, event.broken);
        return;
      default:
        assertNever(event);
    }
  }

  #channelOpened(peer: PeerId, incarnation: Incarnation): void {
    const known = this.#remembered.get(peer) ?? 0;
    if (incarnation < known) {
      const reason = `incarnation ${incarnation} is lower than ${known}: a restored backup`;
      this.#context.observe({ kind: 'refused-peer', peer, reason });
      this.#context.push({ kind: 'disconnect', peer, reason });
      return;
    }
    if (incarnation > known) {
      this.#remembered.set(peer, incarnation);
      this.#context.persist({ kind: 'remember', peer, incarnation });
    }
    if (this.#links.isOpen(peer)) this.#channelClosed(peer);
    this.#links.opened(peer, incarnation);
    // What a voter said so far is frozen before anything is heard on the new channel (rule 13).
    this.#home.channelOpened(peer);
    this.#writer.channelOpened(peer);
  }

  #channelClosed(peer: PeerId): void {
    this.#links.closed(peer);
    this.#keeper.channelClosed(peer);
    this.#claims.channelClosed(peer);
  }

  #onEnvelope({ from, epoch, counter, message }: Extract<Event, { kind: 'message' }>): void {
    if (!this.#links.isOpen(from)) return;
    this.#links.heard(from);
    this.#context.heardCounter(counter);
    const { configuration } = this.#context;
    if (epoch === configuration.epoch) this.#onMessage(from, message);
    else if (epoch < configuration.epoch) {
      this.#context.send(from, { kind: 'configured', configuration });
    } else this.#context.send(from, { kind: 'ask-configuration' });
  }

  #onHeartbeat(from: PeerId, { sequence }: Heartbeat): void {
    if (this.#context.voterIndex(this.#context.self) < 0) return;
    this.#lease.heard(from, this.#links.incarnationOf(from));
    this.#context.vote(from, { kind: 'alive', sequence });
  }

  #onMessage(from: PeerId, message: Message): void {
    switch (message.kind) {
      case 'prepare':
        return this.#voter.prepare(from, message);
      case 'accept':
        return this.#voter.accept(from, message);
      case 'forget':
        return this.#voter.forget(from, message);
      case 'waive':
        return this.#voter.waive(from, message);
      case 'confirm':
        return this.#voter.confirm(from, message);
      case 'holdings':
        return this.#voter.listHoldings(from, message);
      case 'heartbeat':
        return this.#onHeartbeat(from, message);
      case 'alive':
        return this.#links.alive(from, message.sequence);
      case 'promise':
        return this.#writer.onPromise(from, message);
      case 'accepted':
        return this.#writer.onAccepted(from, message);
      case 'refused':
        return this.#writer.onRefused(from, message);
      case 'superseded':
        this.#keeper.onSuperseded(message);
        return this.#home.onSuperseded(message);
      default:
        return this.#onLockMessage(from, message);
    }
  }

  #onLockMessage(from: PeerId, message: Exclude<Message, { kind: VotersMessage }>): void {
    switch (message.kind) {
      case 'claim':
        return this.#keeper.onClaim(from, message);
      case 'release':
        return this.#keeper.onRelease(from, message);
      case 'withdraw':
        return this.#keeper.onWithdraw(message);
      case 'handover':
        return this.#keeper.onHandover(message);
      case 'inherit':
        return this.#keeper.onInherit(from, message);
      case 'granted':
        return this.#claims.onGranted(from, message);
      case 'held':
        return this.#claims.onHeld(message);
      case 'busy':
        return this.#claims.onBusy(message);
      case 'queued':
        return this.#claims.onQueued(from, message);
      case 'released':
        return this.#claims.onReleased(message);
      case 'ask':
        this.#keeper.onAsk(message);
        return this.#claims.onAsk(message);
      default:
        return this.#onSessionMessage(from, message);
    }
  }

  #onSessionMessage(
    from: PeerId,
    message: Exclude<Message, { kind: VotersMessage | LocksMessage }>,
  ): void {
    switch (message.kind) {
      case 'inquire':
        return this.#home.onInquire(from, message);
      case 'lives':
        return this.#keeper.onLives(message);
      case 'moved':
        return this.#home.onMoved(from, message);
      case 'confirmed':
        return this.#home.onConfirmed(from, message);
      case 'resume':
        return this.#home.onResume(from, message);
      case 'resumed':
        return this.#home.onResumed(message);
      case 'holding':
        return this.#home.onHolding(from, message);
      case 'abandoned':
        return this.#keeper.onAbandoned(from, message);
      case 'inspect':
        return this.#keeper.onInspect(from, message);
      case 'inspected':
        return this.#overview.onInspected(message);
      case 'ask-configuration': {
        const { configuration } = this.#context;
        this.#context.send(from, { kind: 'configured', configuration });
        return;
      }
      case 'configured':
        // Changing the voters (rules 17 and 18): this version knows no epoch but its own.
        return;
      default:
        assertNever(message);
    }
  }
}

type VotersMessage =
  | 'prepare'
  | 'accept'
  | 'forget'
  | 'confirm'
  | 'waive'
  | 'holdings'
  | 'heartbeat'
  | 'alive'
  | 'promise'
  | 'accepted'
  | 'refused'
  | 'superseded';

type LocksMessage =
  | 'claim'
  | 'release'
  | 'withdraw'
  | 'handover'
  | 'inherit'
  | 'granted'
  | 'held'
  | 'busy'
  | 'queued'
  | 'released'
  | 'ask';
