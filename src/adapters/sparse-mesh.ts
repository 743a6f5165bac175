/**
 * Which pairs keep a channel, and which have one only while they have something to say.
 *
 * A few peers all have channels to each other, and voters have them to everybody. Of a crowd the
 * others have none between each other: what they know of each other comes by gossip over the
 * voters, and whoever is heard of counts as reached. A peer that reaches no voter looks for
 * everybody. Owns that choice, and who is asleep; channels and their ends are `mesh.ts`'s.
 */
import type { PeerId } from '../core/types.ts';
import { FULL_MESH_PEERS_MAX, SLOW_ROUNDS } from '../limits.ts';
import type { TransportListener } from '../runtime/ports.ts';
import type { Channel } from './channel.ts';
import type { PeerSight } from './cluster-view.ts';
import type { Link } from './link.ts';
import type { PeerTable } from './peer-table.ts';
import { type Life, Sleepers } from './sleepers.ts';

/** What the choice rests on. */
export interface SparseMeshOptions {
  readonly self: PeerId;
  readonly peers: PeerTable;
  readonly votes: (peer: PeerId) => boolean;
  readonly isRemoved: (peer: PeerId) => boolean;
  /** What that peer announced last; `null`: it is not known of. */
  readonly sight: (peer: PeerId) => PeerSight | null;
  /** Whether that peer is yet to be told of the newest secret. */
  readonly awaits: (peer: PeerId) => boolean;
  readonly listener: () => TransportListener | null;
}

/** The pairs of one peer. */
export class SparseMesh {
  readonly #options: SparseMeshOptions;
  readonly #sleepers: Sleepers;
  #rounds = 0;

  constructor(options: SparseMeshOptions) {
    this.#options = options;
    this.#sleepers = new Sleepers((peer) => {
      options.peers.get(peer)?.giveUp();
      options.listener()?.closed(peer);
    });
  }

  /** Whether a channel to that peer is to stand. */
  wants(peer: PeerId): boolean {
    const { self, votes, peers, awaits } = this.#options;
    if (votes(self) || votes(peer) || peers.size <= FULL_MESH_PEERS_MAX) return true;
    return awaits(peer) || !this.#reachesVoter();
  }

  #reachesVoter(): boolean {
    const { votes, peers } = this.#options;
    return peers.some(({ channel, peer }) => channel?.isOpen === true && votes(peer));
  }

  /** Those that have no channel, and count as reached. */
  get asleep(): Iterable<PeerId> {
    return this.#sleepers.peers;
  }

  isAsleep(peer: PeerId): boolean {
    return this.#sleepers.lifeOf(peer) !== null;
  }

  /** Frames for a peer without a channel: one is made, if it is asleep. */
  send(peer: PeerId, frames: Uint8Array): void {
    if (this.#sleepers.keep(peer, frames)) this.#options.peers.get(peer)?.call();
  }

  /** Its channel has ended for want of anything to say. */
  slept({ peer, incarnation, nonce }: Channel): void {
    this.#sleepers.add(peer, { incarnation, nonce });
  }

  /** A channel stands, and says first what waited for it; whether it is of the life that slept. */
  opened(channel: Channel): boolean {
    const { peer, incarnation, nonce } = channel;
    const asleep = this.#sleepers.lifeOf(peer);
    for (const frames of this.#sleepers.woken(peer, channel)) channel.send(frames);
    return asleep?.incarnation === incarnation && asleep.nonce === nonce;
  }

  /** That peer is to be heard no more; whoever wants that knows it. */
  forget(peer: PeerId): void {
    if (this.#sleepers.remove(peer)) this.#options.peers.get(peer)?.lose(true);
  }

  stop(): void {
    this.#sleepers.stop();
  }

  /** Every CHANNEL_ROUND_MS. */
  round(): void {
    this.#rounds += 1;
    if (this.#rounds % SLOW_ROUNDS !== 0) return;
    const { peers } = this.#options;
    for (const peer of [...this.#sleepers.peers]) if (!peers.get(peer)) this.#sleepers.lose(peer);
    for (const link of [...peers.all]) {
      if (link.channel !== null) this.#rest(link.channel);
      else if (this.wants(link.peer)) this.#seek(link);
      else this.#look(link);
    }
  }

  #rest(channel: Channel): void {
    if (!channel.isSleepy || this.wants(channel.peer)) return;
    const { connection } = channel;
    channel.sleep();
    void channel.lastWords.then(() => connection.close()).catch(() => {});
  }

  /** With a voter nothing is left to be made in time. */
  #seek(link: Link): void {
    const { self, votes } = this.#options;
    if (votes(self) || votes(link.peer)) this.#sleepers.lose(link.peer);
    if (!link.isSought) link.wake();
  }

  /** Whoever is heard of is reached; but who was lost, or called in vain, is sought first. */
  #look(link: Link): void {
    const { sight, isRemoved, listener } = this.#options;
    const seen = sight(link.peer);
    const asleep = this.#sleepers.lifeOf(link.peer);
    const isThere = seen !== null && !seen.gone && !isRemoved(link.peer);
    if (asleep !== null && isThere && seen.incarnation <= asleep.incarnation) return;
    this.#sleepers.lose(link.peer);
    if (!isThere || link.isWanted || seen.incarnation < link.incarnation) return;
    link.stop();
    const life = lifeOf(link, seen);
    this.#sleepers.add(link.peer, life);
    listener()?.opened(link.peer, life.incarnation, life.nonce, true);
  }
}

function lifeOf(link: Link, { incarnation }: PeerSight): Life {
  return { incarnation, nonce: incarnation === link.incarnation ? link.nonce : 0 };
}
