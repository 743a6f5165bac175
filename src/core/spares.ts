/**
 * Which peer becomes a voter without being asked for: a spare while there are fewer voters than
 * wanted, and in place of a voter that a quorum has not heard for long.
 *
 * One voter acts, the first that is heard; by wishes like anybody's, so never without a quorum
 * (rule 17). Owns no change, only the occasion for it.
 */
import type { MembershipChange } from './configuration.ts';
import type { Context } from './context.ts';
import type { Links } from './links.ts';
import type { Membership } from './membership.ts';
import type { Silence, SilenceOf } from './message.ts';
import type { Voter } from './register.ts';
import type { Instant, PeerId } from './types.ts';

/** What the choice rests on. */
export interface SparesParts {
  readonly context: Context;
  readonly links: Links;
  readonly voter: Voter;
  readonly membership: Membership;
  /** A number for a request that wants one answer. */
  readonly newRequest: () => number;
}

/** Looks after the number of voters. */
export class Spares {
  readonly #parts: SparesParts;
  /** Since when this voter has served in its epoch without a break, as far as it looked. */
  #servingSince: Instant | null = null;
  /** The epoch that this was seen in. */
  #epoch = 0;
  /** A voter that may be lost, and which voters say so, too. */
  #doubt: { lost: PeerId; request: number; agreed: Set<PeerId> } | null = null;

  constructor(parts: SparesParts) {
    this.#parts = parts;
    this.#schedule();
  }

  #schedule(): void {
    const { context } = this.#parts;
    // In step with the heartbeats: no waking of its own.
    context.after(context.settings.heartbeatMs, () => {
      this.#look();
      this.#schedule();
    });
  }

  #look(): void {
    const { context, links, voter, membership } = this.#parts;
    if (!voter.isServing || !links.reachesQuorum()) {
      this.#servingSince = null;
      return;
    }
    const { epoch } = context.configuration;
    if (this.#servingSince === null || this.#epoch !== epoch) this.#servingSince = context.instant;
    this.#epoch = epoch;
    if (!membership.isIdle || !this.#isFirst()) return;
    const promotion = this.#promotion();
    if (promotion !== null) membership.wish(promotion, () => {});
    else this.#askAboutLost();
  }

  /** One acts, lest they outrun one another. */
  #isFirst(): boolean {
    const { context, links } = this.#parts;
    return context.voters.find((voter) => links.hears(voter)) === context.self;
  }

  #promotion(): MembershipChange | null {
    const { wanted, voters } = this.#parts.context.configuration;
    if (voters.length >= wanted) return null;
    const peers = this.#spares().slice(0, wanted - voters.length);
    return peers.length === 0 ? null : { kind: 'add', peers };
  }

  /** A voter that is silent here may be heard by others: a quorum of them is to agree. */
  #askAboutLost(): void {
    const { context, newRequest } = this.#parts;
    this.#doubt = null;
    const lost = context.voters.find((voter) => this.#isLost(this.#silentForMs(voter)));
    if (lost === undefined || this.#spares().length === 0) return;
    const request = newRequest();
    this.#doubt = { lost, request, agreed: new Set() };
    for (const voter of context.voters) {
      context.send(voter, { kind: 'silence-of', request, peer: lost });
    }
  }

  onSilenceOf(from: PeerId, { request, peer }: SilenceOf): void {
    this.#parts.context.send(from, { kind: 'silence', request, forMs: this.#silentForMs(peer) });
  }

  onSilence(from: PeerId, { request, forMs }: Silence): void {
    const { context, membership } = this.#parts;
    const doubt = this.#doubt;
    if (doubt?.request !== request || !this.#isLost(forMs)) return;
    if (context.voterIndex(from) >= 0) doubt.agreed.add(from);
    const [by] = this.#spares();
    if (doubt.agreed.size < context.quorum || by === undefined) return;
    this.#doubt = null;
    membership.wish({ kind: 'replace', peer: doubt.lost, by, rests: false }, () => {});
  }

  #isLost(silentForMs: number): boolean {
    const { replaceAfterMs } = this.#parts.context.settings;
    return replaceAfterMs > 0 && silentForMs >= replaceAfterMs;
  }

  /** For how long that peer was not heard here, while this voter served and could have heard it. */
  #silentForMs(peer: PeerId): number {
    const { context, links } = this.#parts;
    const heardAt = links.heardAt(peer) ?? Number.NEGATIVE_INFINITY;
    const since = Math.max(this.#servingSince ?? context.instant, heardAt);
    return Math.max(0, context.instant - since);
  }

  /** Peers that could become voters, the one that has been here longest first. */
  #spares(): PeerId[] {
    const { context, links } = this.#parts;
    const { resting, removed } = context.configuration;
    const spares: { readonly peer: PeerId; readonly forMs: number }[] = [];
    for (const peer of links.known) {
      const forMs = links.openForMs(peer) ?? 0;
      if (context.voterIndex(peer) >= 0 || !links.hears(peer)) continue;
      if (resting.includes(peer) || removed.includes(peer)) continue;
      if (forMs >= context.settings.promoteAfterMs) spares.push({ peer, forMs });
    }
    return spares.sort((a, b) => b.forMs - a.forMs || (a.peer < b.peer ? -1 : 1)).map(peerOf);
  }
}

function peerOf({ peer }: { readonly peer: PeerId }): PeerId {
  return peer;
}
