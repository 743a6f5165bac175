/**
 * Carrying registers over into a new epoch (rule 18).
 *
 *   discarding ─▶ fetching from all who may have them ─▶ merged ─▶ serving
 *
 * What a quorum of the voters of the epoch before holds is enough. One that took no part in it has
 * nothing to give, and counts all the same: a quorum that took part accepted what was chosen in it,
 * and each of those had merged what was chosen before. What one voter of this epoch holds that has
 * merged already is never less, so it is enough as well. Owns who was asked, and what came of it.
 * Which record counts is the voter's matter.
 */
import type { Context } from './context.ts';
import type { Links } from './links.ts';
import type { Fetch, Fetched } from './message.ts';
import { quorumOf } from './quorum.ts';
import type { Voter } from './register.ts';
import type { Page } from './registers.ts';
import type { PeerId, Standing } from './types.ts';

/** A peer that is asked for its registers. */
interface Source {
  /** Another for each attempt: pages of a sealed and of a serving voter never mix. */
  readonly request: number;
  page: number;
  /** The page that was waited for at the latest look. */
  seen: number;
}

/**
 * Times of `askMs` between two looks at most. A link on which a page takes longer is of no use: it
 * holds heartbeats up for longer than a lease.
 */
const PAUSE_MAX = 16;

/** A peer that fetches registers from here. */
interface Reader {
  readonly request: number;
  readonly pages: Iterator<Page>;
  readonly serving: boolean;
  page: number;
}

/** What a transfer needs. */
export interface TransferParts {
  readonly context: Context;
  readonly links: Links;
  readonly voter: Voter;
  /** A number for a request that wants one answer. */
  readonly newRequest: () => number;
  /** This voter has merged: nobody is needed for it any more. */
  readonly serving: () => void;
}

/** Registers on their way from the voters before to those of the present epoch. */
export class Transfer {
  readonly #parts: TransferParts;
  #isFetching = false;
  /** Counts what was begun: what was to come of it before is over. */
  #begun = 0;
  /** Whether those that were asked first are given the time to answer. */
  #isPatient = true;
  readonly #sources = new Map<PeerId, Source>();
  /** Voters of the epoch before whose registers are merged here. */
  readonly #merged = new Set<PeerId>();
  /** By whoever fetches: what it has not been sent yet. */
  readonly #readers = new Map<PeerId, Reader>();

  constructor(parts: TransferParts) {
    this.#parts = parts;
  }

  /** An epoch begins, or a life within one: makes the voter serve, if it is one. */
  begin(standing: Standing): void {
    const { voter } = this.#parts;
    const begun = ++this.#begun;
    this.#isFetching = false;
    this.#sources.clear();
    this.#merged.clear();
    this.#readers.clear();
    voter.enter(standing, () => {
      if (begun === this.#begun) this.#fetchAll();
    });
  }

  /** Goes on where a life before ended: what it had merged may be merged again. */
  resume(): void {
    const { standing } = this.#parts.voter;
    if (standing !== 'serving') this.begin(standing);
  }

  #fetchAll(): void {
    const { context, voter } = this.#parts;
    if (context.voterIndex(context.self) < 0 || voter.standing === 'serving') return;
    this.#isFetching = true;
    this.#isPatient = true;
    if (voter.standing !== 'empty') this.#mergedFrom(context.self);
    for (const peer of this.#holders()) this.#askIfNeeded(peer);
    this.#lookLater(1);
  }

  /** Whoever was asked may be slow, have nothing to give, or not have heard: all are asked. */
  #lookLater(pause: number): void {
    const { context } = this.#parts;
    const begun = this.#begun;
    context.after(context.settings.askMs * pause, () => {
      if (begun !== this.#begun || !this.#isFetching) return;
      this.#isPatient = false;
      for (const peer of this.#holders()) this.#askIfIdle(peer);
      this.#lookLater(Math.min(2 * pause, PAUSE_MAX));
    });
  }

  /**
   * Unless it has given something since the latest look. Whoever gave what it held of the epoch
   * before may have merged since: that is enough, and others have nothing to give any more.
   */
  #askIfIdle(peer: PeerId): void {
    const source = this.#sources.get(peer);
    if (this.#merged.has(peer) && !this.#takesPart(peer)) return;
    if (source !== undefined && source.page > source.seen) source.seen = source.page;
    else this.#ask(peer);
  }

  /** A voter answers heartbeats of an epoch once it has merged. */
  #takesPart(peer: PeerId): boolean {
    const { context, links } = this.#parts;
    const voter = context.voterIndex(peer);
    return voter >= 0 && links.answeredAt(voter) > Number.NEGATIVE_INFINITY;
  }

  /** No more are asked at first than are needed: each sends all that it has. */
  #askIfNeeded(peer: PeerId): void {
    const { before } = this.#parts.context.configuration;
    const enough = this.#merged.size + this.#sources.size >= quorumOf(before.length);
    if (!this.#isPatient || !enough) this.#ask(peer);
  }

  #holders(): Set<PeerId> {
    const { self, configuration } = this.#parts.context;
    const holders = new Set([...configuration.before, ...configuration.voters]);
    holders.delete(self);
    return holders;
  }

  #ask(peer: PeerId): void {
    const { context, links, newRequest } = this.#parts;
    if (!this.#isFetching || !links.isOpen(peer)) return;
    const [request, page] = [newRequest(), 0];
    this.#sources.set(peer, { request, page, seen: page });
    context.send(peer, { kind: 'fetch', request, page });
  }

  /** It may have been asked before it had anything to give, or over a channel that broke. */
  askAgain(peer: PeerId): void {
    const isGiving = (this.#sources.get(peer)?.page ?? 0) > 0;
    if (!this.#holders().has(peer) || this.#merged.has(peer) || isGiving) return;
    this.#sources.delete(peer);
    this.#askIfNeeded(peer);
  }

  channelClosed(peer: PeerId): void {
    this.#sources.delete(peer);
    this.#readers.delete(peer);
  }

  onFetched(from: PeerId, message: Fetched): void {
    const { context, voter } = this.#parts;
    const source = this.#sources.get(from);
    if (!this.#isFetching || source?.request !== message.request) return;
    if (source.page !== message.page) return;
    voter.merge(message);
    if (!message.last) {
      source.page += 1;
      const { request, page } = source;
      context.send(from, { kind: 'fetch', request, page });
      return;
    }
    this.#sources.delete(from);
    if (message.serving) this.#serve();
    else this.#mergedFrom(from);
  }

  #mergedFrom(peer: PeerId): void {
    const { before } = this.#parts.context.configuration;
    if (!this.#isFetching || !before.includes(peer)) return;
    this.#merged.add(peer);
    if (this.#merged.size >= quorumOf(before.length)) this.#serve();
  }

  #serve(): void {
    const { context, links, voter, serving } = this.#parts;
    this.#isFetching = false;
    this.#sources.clear();
    voter.serve();
    const { configuration } = context;
    context.persist({ kind: 'epoch', state: { configuration, standing: 'serving' } });
    context.observe({ kind: 'serving', epoch: configuration.epoch, registers: voter.size });
    for (const peer of links.known) {
      if (links.isOpen(peer)) context.vote(peer, { kind: 'serving' });
    }
    serving();
  }

  /** Somebody fetches: as long as it was asked whatever it is sent is of this epoch. */
  onFetch(from: PeerId, { request, page }: Fetch): void {
    const { context, voter } = this.#parts;
    if (voter.standing === 'empty') return;
    const serving = voter.standing === 'serving';
    if (page === 0) this.#readers.set(from, { request, page, serving, pages: voter.pages() });
    const reader = this.#readers.get(from);
    if (reader?.request !== request || reader.page !== page) return;
    const { value, done } = reader.pages.next();
    if (done === true) return;
    reader.page += 1;
    if (value.last) this.#readers.delete(from);
    context.vote(from, { kind: 'fetched', request, page, serving: reader.serving, ...value });
  }

  /**
   * Registers of a peer that votes no more are of use to nobody once a quorum has merged: as a
   * quorum answers heartbeats, it has.
   */
  retire(): void {
    const { context, links, voter } = this.#parts;
    const isVoter = context.voterIndex(context.self) >= 0;
    if (isVoter || voter.standing !== 'sealed' || links.votersReached() < context.quorum) return;
    const { configuration } = context;
    context.persist({ kind: 'epoch', state: { configuration, standing: 'empty' } });
    voter.enter('empty', () => {});
  }
}
