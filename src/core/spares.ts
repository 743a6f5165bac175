/**
 * Which peer becomes a voter without being asked for: a spare while there are fewer voters than
 * wanted, and in place of a voter that was not heard of for long.
 *
 * One voter acts, the first that is heard; by wishes like anybody's, so never without a quorum
 * (rule 17). Owns no change, only the occasion for it.
 */
import type { MembershipChange } from './configuration.ts';
import type { Context } from './context.ts';
import type { Links } from './links.ts';
import type { Membership } from './membership.ts';
import type { Voter } from './register.ts';
import type { Instant, PeerId } from './types.ts';

/** What the choice rests on. */
export interface SparesParts {
  readonly context: Context;
  readonly links: Links;
  readonly voter: Voter;
  readonly membership: Membership;
}

/** Between two looks at who could become a voter. */
const LOOK_MS = 500;

/** Looks after the number of voters. */
export class Spares {
  readonly #parts: SparesParts;
  /** Since when this voter has served in its epoch without a break, as far as it looked. */
  #servingSince: Instant | null = null;
  /** The epoch that this was seen in. */
  #epoch = 0;

  constructor(parts: SparesParts) {
    this.#parts = parts;
    this.#schedule();
  }

  #schedule(): void {
    this.#parts.context.after(LOOK_MS, () => {
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
    const change = this.#promotion() ?? this.#replacement();
    if (change !== null) membership.wish(change, () => {});
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

  #replacement(): MembershipChange | null {
    const [by] = this.#spares();
    const peer = this.#parts.context.voters.find((voter) => this.#isLost(voter));
    if (by === undefined || peer === undefined) return null;
    return { kind: 'replace', peer, by, rests: false };
  }

  /** Whether this peer served for so long, and did not hear that voter in all that time. */
  #isLost(voter: PeerId): boolean {
    const { context, links } = this.#parts;
    const { replaceAfterMs } = context.settings;
    if (replaceAfterMs === 0 || voter === context.self) return false;
    const since = Math.max(
      this.#servingSince ?? context.instant,
      links.heardAt(voter) ?? Number.NEGATIVE_INFINITY,
    );
    return context.instant - since >= replaceAfterMs;
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
