/**
 * One peer: composes voter, writer, keeper, home and leases; the only `step`.
 *
 *   command ─▶ desk ─▶ home ─▶ claims ─▶ keeper ─▶ writer ─▶ voters ─▶ writer ─▶ … ─▶ response
 *
 * Owns what the parts are made of, and that every expiry due is applied before each event.
 * Never touches time, randomness or the world by itself.
 */
import { Claims } from './claims.ts';
import type { MembershipChange } from './configuration.ts';
import { Context } from './context.ts';
import { Desk } from './desk.ts';
import { dispatch, type Receivers } from './dispatch.ts';
import { Epochs } from './epochs.ts';
import type { DurableState, Effect, Event } from './event.ts';
import { Expiry } from './expiry.ts';
import { Home } from './home.ts';
import { assertNever } from './invariant.ts';
import { Janitor } from './janitor.ts';
import { Keeper } from './keeper.ts';
import { Lanes } from './lanes.ts';
import { Lease } from './lease.ts';
import { Links } from './links.ts';
import { Membership } from './membership.ts';
import { Overview } from './overview.ts';
import { Voter } from './register.ts';
import { Remains } from './remains.ts';
import { type NamedLife, Remembered } from './remembered.ts';
import type { ResumeParts } from './resume.ts';
import type { Settings } from './settings.ts';
import { Spares } from './spares.ts';
import { Transfer } from './transfer.ts';
import type {
  Configuration,
  Incarnation,
  Instant,
  Now,
  PeerId,
  Random,
  Standing,
} from './types.ts';
import { Writer } from './writer.ts';

/** What a peer is made of. */
export interface PeerOptions {
  readonly self: PeerId;
  /** Raised durably before this. */
  readonly incarnation: Incarnation;
  /** What it goes by unless it has learned of a later epoch: see `durable`. */
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
  readonly #receivers: Receivers;
  readonly #expiry: Expiry;
  readonly #transfer: Transfer;
  readonly #epochs: Epochs;
  readonly #membership: Membership;
  readonly #remembered: Remembered;

  constructor(options: PeerOptions) {
    const { durable } = options;
    const configuration = durable.epoch?.configuration ?? options.configuration;
    const standing = durable.epoch?.standing ?? standingAtFirst(options);
    const context = new Context({ ...options, configuration });
    const links = new Links(context);
    const lease = new Lease(context);
    const voter = new Voter(context, links, lease, { ...durable, standing });
    const writer = new Writer(context, links, voter);
    const own = { has: (session: Parameters<Home['has']>[0]) => this.#home.has(session) };
    const expiry = new Expiry(context, links, writer, own);
    const keeper = new Keeper(context, links, voter, writer, expiry);
    const claims = new Claims(context, links, voter, (name) => keeper.kept(name) !== null);
    const overview = new Overview({ context, links, voter, writer, keeper, claims });
    const desk = new Desk(context, () => ({ links, home: this.#home, overview }));
    const reclaims: ResumeParts['reclaims'] = new Lanes(context);
    const home = new Home({ context, links, writer, claims, keeper, reclaims, expiry, desk });
    this.#context = context;
    this.#links = links;
    this.#lease = lease;
    this.#voter = voter;
    this.#writer = writer;
    this.#keeper = keeper;
    this.#claims = claims;
    this.#desk = desk;
    this.#home = home;
    this.#remembered = new Remembered(durable.remembered);
    const remains = new Remains({ context, links, voter, writer, expiry, own });
    new Janitor({ context, links, voter, keeper, claims, remains });
    const newRequest = () => writer.newRequest();
    this.#transfer = new Transfer({
      ...{ context, links, voter, newRequest },
      serving: () => this.#epochs.apply(),
    });
    this.#epochs = new Epochs({
      context,
      links,
      voter,
      transfer: this.#transfer,
      ending: () => home.epochEnding(),
      begun: () => this.#epochBegun(),
      deliver: (envelope) => this.#onEnvelope(envelope),
    });
    this.#membership = new Membership({ context, links, voter, writer, epochs: this.#epochs });
    const spares = new Spares({
      ...{ context, links, voter, newRequest },
      membership: this.#membership,
    });
    this.#expiry = expiry;
    this.#receivers = {
      voter,
      writer,
      keeper,
      claims,
      home,
      expiry,
      remains,
      overview,
      spares,
      epochs: this.#epochs,
      transfer: this.#transfer,
      heartbeat: (from, sequence) => this.#onHeartbeat(from, sequence),
      alive: (from, sequence) => this.#onAlive(from, sequence),
      serving: (from) => this.#onServing(from),
    };
    this.#transfer.resume();
  }

  /** When to send the next `tick`, in `Now.home`; Infinity: never. */
  get deadline(): Instant {
    return Math.min(this.#context.agenda.next, this.#home.deadline);
  }

  /** The voters that lately answered: both directions work. */
  get reached(): readonly PeerId[] {
    return this.#links.reached();
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
        this.#channelOpened(event.peer, { nonce: 0, asleep: false, ...event });
        return;
      case 'channel-closed':
        this.#channelClosed(event.peer);
        return;
      case 'epoch-heard':
        this.#epochs.heard(event.peer, event.epoch);
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
      case 'reconfigure':
        this.#reconfigure(event.request, event.change);
        return;
      default:
        assertNever(event);
    }
  }

  #reconfigure(request: number, change: MembershipChange): void {
    this.#membership.wish(change, (outcome) => {
      this.#context.push({ kind: 'reconfigured', request, outcome });
    });
  }

  /** In this order: who keeps a lock is to be asked by those who wait for it. */
  #epochBegun(): void {
    this.#links.epochBegun();
    this.#writer.epochBegun();
    this.#membership.epochBegun();
    this.#keeper.epochBegun();
    this.#expiry.epochBegun();
    this.#home.epochBegun();
    this.#claims.epochBegun();
  }

  /** A voter takes part from now on: what it was asked before, it did not answer (rule 18). */
  #onServing(from: PeerId): void {
    if (this.#context.voterIndex(from) < 0) return;
    this.#links.beat(from);
    this.#transfer.askAgain(from);
    this.#home.channelOpened(from);
    this.#writer.channelOpened(from);
  }

  #channelOpened(peer: PeerId, { incarnation, nonce, asleep }: MetLife): void {
    if (this.#epochs.isRefused(peer)) {
      this.#epochs.refuse(peer);
      return;
    }
    const reason = this.#remembered.refusal(peer, { incarnation, nonce });
    if (reason !== null) {
      this.#context.observe({ kind: 'refused-peer', peer, reason });
      this.#context.push({ kind: 'disconnect', peer, cause: 'stale-incarnation', reason });
      return;
    }
    if (this.#remembered.note(peer, { incarnation, nonce })) {
      this.#context.persist({ kind: 'remember', peer, incarnation, nonce });
    }
    if (this.#links.isOpen(peer)) this.#channelClosed(peer);
    this.#links.opened(peer, incarnation, asleep);
    // What a voter said so far is frozen before anything is heard on the new channel (rule 13).
    this.#home.channelOpened(peer);
    this.#writer.channelOpened(peer);
    this.#keeper.channelOpened(peer);
    this.#expiry.channelOpened();
    this.#epochs.channelOpened(peer);
    this.#transfer.askAgain(peer);
  }

  #channelClosed(peer: PeerId): void {
    this.#links.closed(peer);
    this.#epochs.channelClosed(peer);
    this.#transfer.channelClosed(peer);
    this.#keeper.channelClosed(peer);
    this.#claims.channelClosed(peer);
  }

  #onEnvelope(envelope: Extract<Event, { kind: 'message' }>): void {
    const { from, counter, message } = envelope;
    if (!this.#links.heard(from)) return;
    this.#context.heardCounter(counter);
    if (this.#epochs.admits(envelope)) dispatch(this.#receivers, from, message);
  }

  #onHeartbeat(from: PeerId, sequence: number): void {
    if (!this.#voter.isServing) return;
    this.#lease.heard(from, this.#links.incarnationOf(from));
    const alive = { kind: 'alive', sequence } as const;
    // A voter hears a heartbeat of this peer's before long, and the answer with it.
    if (this.#links.isSettled(from)) this.#context.votePatiently(from, alive);
    else this.#context.vote(from, alive);
  }

  #onAlive(from: PeerId, sequence: number): void {
    this.#links.alive(from, sequence);
    this.#transfer.retire();
  }
}

/** As an event tells of it. */
interface MetLife extends NamedLife {
  readonly asleep: boolean;
}

/** By the first configuration its voters take part at once; nobody else has anything to merge. */
function standingAtFirst({ self, configuration }: PeerOptions): Standing {
  const isFirst = configuration.epoch === 1;
  return isFirst && configuration.voters.includes(self) ? 'serving' : 'empty';
}
