/**
 * From one epoch to the next (rules 17 to 19): which messages belong to the present one, and what
 * ends and begins in which order when a newer configuration is learned of.
 *
 *   configured(e + 1) ─▶ sessions stand to their end ─▶ voters, leases, writes, locks begin anew
 *                    ─▶ registers are merged, if this peer is a voter ─▶ it serves
 *
 * Owns the configuration that this peer goes by. How voters agree on one is in `membership.ts`, how
 * registers are carried over in `transfer.ts`.
 */
import { refusedBy } from './configuration.ts';
import type { Context } from './context.ts';
import type { Event } from './event.ts';
import type { Links } from './links.ts';
import type { Voter } from './register.ts';
import type { Transfer } from './transfer.ts';
import type { Configuration, Epoch, PeerId, Standing } from './types.ts';

type Envelope = Extract<Event, { kind: 'message' }>;

/** Messages of an epoch not yet known here that are kept, from one peer, until it is told of. */
const EARLY_MAX = 1_000;

/** What a new epoch concerns, in the order in which it is told; most begin anew. */
export interface EpochParts {
  readonly context: Context;
  readonly links: Links;
  readonly voter: Voter;
  readonly transfer: Transfer;
  /** Told before the configuration changes: what is valid now stands to its end (rule 13). */
  readonly ending: () => void;
  /** Told after it has changed. */
  readonly begun: () => void;
  /** Handles a message that came too early. */
  readonly deliver: (envelope: Envelope) => void;
}

/** The epoch that this peer is in. */
export class Epochs {
  readonly #parts: EpochParts;
  /** By peer, on the channel that stands: the epoch that it was last told of, or asked for. */
  readonly #told = new Map<PeerId, Epoch>();
  readonly #asked = new Map<PeerId, Epoch>();
  readonly #early = new Map<PeerId, Envelope[]>();

  constructor(parts: EpochParts) {
    this.#parts = parts;
  }

  /** Whether a message is of the present epoch; if not, one of the two learns of the other's. */
  admits(envelope: Envelope): boolean {
    const { context } = this.#parts;
    const { from, epoch, message } = envelope;
    if (message.kind === 'configured' || message.kind === 'ask-configuration') return true;
    if (epoch === context.configuration.epoch) return true;
    if (epoch < context.configuration.epoch) this.#tell(from);
    else this.#ask(envelope);
    return false;
  }

  /** Once a channel: what was sent before it is read there belongs to the same old epoch. */
  #tell(peer: PeerId): void {
    const { configuration } = this.#parts.context;
    if (this.#told.get(peer) === configuration.epoch) return;
    this.tell(peer);
  }

  /** Tells a peer of the present configuration. */
  tell(peer: PeerId): void {
    const { context } = this.#parts;
    const { configuration } = context;
    this.#told.set(peer, configuration.epoch);
    context.send(peer, { kind: 'configured', configuration });
  }

  /** What came is kept for as long as it takes the sender to answer. */
  #ask(envelope: Envelope): void {
    const { from, epoch } = envelope;
    const early = this.#early.get(from) ?? [];
    if (early.length < EARLY_MAX) early.push(envelope);
    this.#early.set(from, early);
    if (this.#asked.get(from) === epoch) return;
    this.#asked.set(from, epoch);
    this.#parts.context.send(from, { kind: 'ask-configuration' });
  }

  /** That peer is said to be in a later epoch: it is asked, though it says nothing by itself. */
  heard(peer: PeerId, epoch: Epoch): void {
    const { context, links } = this.#parts;
    if (epoch <= context.configuration.epoch || !links.isOpen(peer)) return;
    if (this.#asked.get(peer) === epoch) return;
    this.#asked.set(peer, epoch);
    context.send(peer, { kind: 'ask-configuration' });
  }

  channelOpened(peer: PeerId): void {
    this.#told.delete(peer);
    this.channelClosed(peer);
  }

  channelClosed(peer: PeerId): void {
    this.#asked.delete(peer);
    this.#early.delete(peer);
  }

  /** Goes on in a newer epoch: its configuration is chosen (rule 18). */
  adopt(configuration: Configuration): void {
    const { context, ending, begun } = this.#parts;
    const before = context.configuration;
    if (configuration.epoch <= before.epoch) return;
    const standing = this.#standingIn(configuration);
    ending();
    context.enter(configuration);
    context.persist({ kind: 'epoch', state: { configuration, standing } });
    context.observe({ kind: 'epoch', configuration });
    begun();
    this.#spread(before, configuration);
    this.#parts.transfer.begin(standing);
    this.apply();
    this.#deliverEarly();
  }

  /** Tells the transport what counts, and ends the channels of those that are refused. */
  apply(): void {
    const { context, links } = this.#parts;
    const { configuration } = context;
    context.push({ kind: 'configured', configuration, refused: this.#refused });
    for (const peer of this.#refused) if (links.isOpen(peer)) this.refuse(peer);
  }

  get #refused(): readonly PeerId[] {
    const { context, voter } = this.#parts;
    return refusedBy(context.configuration, { self: context.self, standing: voter.standing });
  }

  /**
   * Only who took part in the epoch just before has registers that count (rule 18). A voter of that
   * which has not, and never will, holds none of them: that counts as much.
   */
  #standingIn({ epoch, before }: Configuration): Standing {
    const { context, voter } = this.#parts;
    const tookPart = voter.standing === 'serving' && epoch === context.configuration.epoch + 1;
    if (tookPart) return 'sealed';
    return before.includes(context.self) ? 'absent' : 'empty';
  }

  /** By those that vote, or did; the others would say what everybody has heard. */
  #spread(before: Configuration, { voters }: Configuration): void {
    const { context, links } = this.#parts;
    if (![...before.voters, ...voters].includes(context.self)) return;
    for (const peer of links.known) {
      if (peer !== context.self && links.isOpen(peer)) this.#tell(peer);
    }
  }

  /** Whether that peer was shut out of the cluster, and is of no use any more. */
  isRefused(peer: PeerId): boolean {
    return this.#refused.includes(peer);
  }

  /** Ends the channel to a peer that was shut out. */
  refuse(peer: PeerId): void {
    const { context } = this.#parts;
    const reason = 'it was removed from this cluster';
    context.observe({ kind: 'refused-peer', peer, reason });
    context.push({ kind: 'disconnect', peer, cause: 'removed', reason });
  }

  #deliverEarly(): void {
    const early = [...this.#early.values()].flat();
    this.#early.clear();
    this.#asked.clear();
    for (const envelope of early) this.#parts.deliver(envelope);
  }
}
