/**
 * What peers tell each other of themselves, and what follows from it.
 *
 * Joins the view of the cluster, this peer's own announcements and gossip: addresses go to the peer
 * table and to disk, and who has a newer configuration is asked for it. Whoever is heard of is
 * there: a link that waits for its next attempt does not wait on.
 */
import type { PrivateKey } from '@libp2p/interface';
import type { ClusterId, Epoch, Incarnation, PeerId } from '../core/types.ts';
import { ADDRESSES_PER_PEER_MAX, SLOW_ROUNDS } from '../limits.ts';
import type { Logger } from '../runtime/ports.ts';
import type { Announcement } from '../wire/announcement-codec.ts';
import type { Introduced } from '../wire/control-codec.ts';
import { seal } from './announcement-seal.ts';
import { Announcer, type Portrait } from './announcer.ts';
import type { ClusterView } from './cluster-view.ts';
import { Gossip, type GossipServices } from './gossip.ts';
import { gossipPartners } from './gossip-partners.ts';
import type { KnownPeers } from './known-peers.ts';
import type { Mesh } from './mesh.ts';
import { parsePeerAddress } from './peer-address.ts';

/** What the transport does not know of its peer by itself. */
export type Portrayal = Pick<Announcement, 'software' | 'text' | 'health'>;

/** What news are made of. */
export interface ClusterNewsOptions {
  readonly privateKey: PrivateKey;
  readonly self: PeerId;
  readonly incarnation: Incarnation;
  readonly cluster: ClusterId;
  readonly epoch: () => Epoch;
  readonly portray: () => Portrayal;
  /** Whether that peer votes in the present epoch. */
  readonly votes: (peer: PeerId) => boolean;
  readonly newerEpoch: (peer: PeerId, epoch: Epoch) => void;
  readonly known: KnownPeers | null;
  readonly services: GossipServices;
  readonly mesh: Mesh;
  readonly view: ClusterView;
  readonly now: () => number;
  /** Multiaddrs without this peer's id. */
  readonly ownAddresses: () => readonly string[];
  readonly logger: Logger;
}

/** The news of one peer. */
export class ClusterNews {
  readonly #options: ClusterNewsOptions;
  readonly #gossip: Gossip;
  readonly #announcer: Announcer;
  #rounds = 0;
  /** As looked up last; empty: to be looked up. */
  #ownAddresses: readonly string[] = [];

  constructor(options: ClusterNewsOptions) {
    this.#options = options;
    this.#gossip = new Gossip(options);
    this.#announcer = new Announcer({
      portray: () => this.#portrait(),
      publish: (announcement) => void this.#publish(announcement),
      peers: () => options.view.size,
      now: options.now,
      random: Math.random,
    });
  }

  /** Begins to announce and to hear; the node listens. */
  start(): void {
    for (const peer of this.#options.known?.load() ?? []) this.#options.mesh.peers.remember(peer);
    this.#gossip.start();
    this.#announcer.round();
  }

  /** Every CHANNEL_ROUND_MS. */
  round(): void {
    this.#announcer.round();
    this.#rounds += 1;
    if (this.#rounds % SLOW_ROUNDS !== 0) return;
    const { mesh, known, view, now } = this.#options;
    this.#ownAddresses = [];
    this.#mendGossip();
    known?.note(mesh.peers.remembered(), now());
    view.round();
    for (const { peer, epoch } of view.peers()) this.#compare(peer, epoch);
  }

  /** Keeps what is known for the next start. */
  async stop(): Promise<void> {
    const { mesh, known } = this.#options;
    await known?.flush(mesh.peers.remembered());
  }

  /** A peer that was met tells of all that it knows. Others may not have heard of it yet. */
  introduced(known: readonly Introduced[]): void {
    for (const each of known) void this.#take(each);
  }

  async #take(introduced: Introduced): Promise<void> {
    const isNews = (await this.#options.view.take(introduced)) === 'news';
    if (isNews && introduced.ageMs === 0) this.#gossip.publish(introduced.sealed);
  }

  /** A channel to that peer stands. Of the two one is enough to begin with gossip. */
  met(peer: PeerId, epoch: Epoch): void {
    if (this.#options.self < peer) this.#mendGossip(peer);
    this.#compare(peer, Math.max(epoch, this.#options.view.peer(peer)?.epoch ?? 0));
  }

  /** The view has something new. */
  learn({ peer, incarnation, counter, addresses, epoch }: Announcement): void {
    const { self, mesh, logger } = this.#options;
    if (peer === self) return;
    logger.log('debug', 'peer announced', { peer, incarnation, counter, epoch });
    const readable = addresses.flatMap((text) => parsePeerAddress(text)?.address ?? []);
    const link = mesh.peers.correct(peer, readable);
    if (link !== null) link.isRemembered = true;
    this.#compare(peer, epoch);
  }

  /** With all partners, or with that one if it is one. */
  #mendGossip(only?: PeerId): void {
    const { self, mesh, votes } = this.#options;
    const used = mesh.used();
    const partners = gossipPartners(self, [...used.keys()], votes);
    const wanted = only === undefined ? partners : [only].filter((peer) => partners.has(peer));
    for (const peer of wanted) this.#gossip.mend(used.get(peer)!, mesh.connectionsTo(peer));
  }

  #portrait(): Portrait {
    const { self, incarnation, cluster, epoch, portray } = this.#options;
    const addresses = this.#addresses();
    return { cluster, peer: self, incarnation, epoch: epoch(), addresses, ...portray() };
  }

  /** They change with the machine's interfaces; to list them costs more than all of a round. */
  #addresses(): readonly string[] {
    if (this.#ownAddresses.length === 0)
      this.#ownAddresses = this.#options.ownAddresses().slice(0, ADDRESSES_PER_PEER_MAX);
    return this.#ownAddresses;
  }

  async #publish(announcement: Announcement): Promise<void> {
    const sealed = await seal(announcement, this.#options.privateKey);
    this.#options.view.present(announcement, sealed);
    this.#gossip.publish(sealed);
  }

  /** A peer that has no channel yet is dialled already: it is heard of. */
  #compare(peer: PeerId, epoch: Epoch): void {
    const { mesh, newerEpoch } = this.#options;
    if (epoch > this.#options.epoch() && mesh.hasChannel(peer)) newerEpoch(peer, epoch);
  }
}
