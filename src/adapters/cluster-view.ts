/**
 * The whole cluster as this peer knows it: the newest announcement of every peer.
 *
 * Owns which announcements are taken: those of this cluster, signed by the peer that they name, and
 * newer than the one held. Cheap reasons to refuse come before the signature. Bounded: at most
 * PEERS_MAX peers, of which those that are gone make room. Who is heard of, and who votes, has
 * nothing to do with each other: this is for people, for addresses, and for a hint that somebody
 * has a newer configuration.
 */
import type { ClusterId, PeerId } from '../core/types.ts';
import { FORGOTTEN_MS, GONE_MS, PEERS_MAX } from '../limits.ts';
import { type Announcement, decodeAnnouncement } from '../wire/announcement-codec.ts';
import type { Introduced } from '../wire/control-codec.ts';
import { isSealed } from './announcement-seal.ts';

/** One peer, as it last presented itself. */
export interface PeerSight extends Announcement {
  /** Since its last announcement; 0: it is this peer. */
  readonly heardMs: number;
  /** Unheard of for GONE_MS. */
  readonly gone: boolean;
}

/**
 * `news`: it is taken. `known`: nothing new, or in a version that is not spoken here. `refused`: it
 * is wrong, whoever handed it on.
 */
export type Verdict = 'news' | 'known' | 'refused';

/** What a view is made of. */
export interface ClusterViewOptions {
  readonly self: PeerId;
  readonly cluster: ClusterId;
  /** Whether that peer was shut out of the cluster. */
  readonly isRemoved: (peer: PeerId) => boolean;
  /** Whole milliseconds that never fall. */
  readonly now: () => number;
  /** Something was learned; of this peer itself, too. */
  readonly news: (announcement: Announcement) => void;
}

interface Entry {
  readonly announcement: Announcement;
  readonly sealed: Uint8Array;
  readonly heardAt: number;
  /** The version of the view that it came with. */
  readonly version: number;
}

/** Announcements by peer. */
export class ClusterView {
  readonly #options: ClusterViewOptions;
  readonly #entries = new Map<PeerId, Entry>();
  #version = 0;

  constructor(options: ClusterViewOptions) {
    this.#options = options;
  }

  /** Every peer that is known of, in the order of their ids; this one, too, once it announced. */
  peers(): PeerSight[] {
    const sights = [...this.#entries.values()].map((entry) => this.#sight(entry));
    return sights.sort((a, b) => (a.peer < b.peer ? -1 : 1));
  }

  /** The same of one peer; `null`: it is not known of. */
  peer(peer: PeerId): PeerSight | null {
    const entry = this.#entries.get(peer);
    return entry === undefined ? null : this.#sight(entry);
  }

  /** How many peers are known of. */
  get size(): number {
    return this.#entries.size;
  }

  /** Rises with everything that is learned. */
  get version(): number {
    return this.#version;
  }

  /** What can be handed on, of all that was learned after that version. */
  introductions(since: number): Introduced[] {
    const entries = [...this.#entries.values()].filter(({ version }) => version > since);
    return entries.map((entry) => ({ sealed: entry.sealed, ageMs: this.#ageOf(entry) }));
  }

  /** What this peer says of itself, for others to hand on. */
  own(): Introduced[] {
    const entry = this.#entries.get(this.#options.self);
    return entry === undefined ? [] : [{ sealed: entry.sealed, ageMs: 0 }];
  }

  /** What somebody handed on, heard by them `ageMs` ago. */
  async take({ sealed, ageMs }: Introduced): Promise<Verdict> {
    const decoded = decodeAnnouncement(sealed);
    if (!decoded.ok) return decoded.foreign ? 'known' : 'refused';
    const { announcement } = decoded;
    const { cluster, isRemoved } = this.#options;
    if (announcement.cluster !== cluster || isRemoved(announcement.peer)) return 'refused';
    // Of this peer itself nobody else has news.
    if (announcement.peer === this.#options.self || !this.#isNewer(announcement)) return 'known';
    if (!(await isSealed(decoded))) return 'refused';
    // Another may have come while that one was verified.
    return this.#isNewer(announcement) && this.#set(announcement, sealed, ageMs) ? 'news' : 'known';
  }

  /** What this peer itself announces. */
  present(announcement: Announcement, sealed: Uint8Array): void {
    this.#set(announcement, sealed, 0);
  }

  /** Forgets those that have been gone for very long, or were shut out. */
  round(): void {
    for (const [peer, entry] of this.#entries) {
      const isOver = this.#ageOf(entry) >= FORGOTTEN_MS || this.#options.isRemoved(peer);
      if (isOver) this.#entries.delete(peer);
    }
  }

  #isNewer({ peer, incarnation, counter }: Announcement): boolean {
    const known = this.#entries.get(peer)?.announcement;
    if (known === undefined || incarnation !== known.incarnation) {
      return known === undefined || incarnation > known.incarnation;
    }
    return counter > known.counter;
  }

  /** False when there is no room. */
  #set(announcement: Announcement, sealed: Uint8Array, ageMs: number): boolean {
    const { peer } = announcement;
    if (ageMs >= FORGOTTEN_MS || (!this.#entries.has(peer) && !this.#makeRoom())) return false;
    const heardAt = this.#options.now() - ageMs;
    this.#version += 1;
    this.#entries.set(peer, { announcement, sealed, heardAt, version: this.#version });
    this.#options.news(announcement);
    return true;
  }

  /** Whoever has been gone for longest goes. */
  #makeRoom(): boolean {
    if (this.#entries.size < PEERS_MAX) return true;
    const [peer, entry] = [...this.#entries].reduce((oldest, each) => {
      return each[1].heardAt < oldest[1].heardAt ? each : oldest;
    });
    return this.#sight(entry).gone && this.#entries.delete(peer);
  }

  #sight(entry: Entry): PeerSight {
    const heardMs = this.#ageOf(entry);
    return { ...entry.announcement, heardMs, gone: heardMs >= GONE_MS };
  }

  #ageOf({ announcement, heardAt }: Entry): number {
    return announcement.peer === this.#options.self ? 0 : this.#options.now() - heardAt;
  }
}
