/**
 * All channels of this peer: who is let in, and which channel of a pair stands.
 *
 * Owns the channels and the rounds in which silence is counted. Whoever a channel opens to is told
 * of all peers that are known here, if it is new; what changes later is gossip's to tell. Which
 * pairs keep a channel is `sparse-mesh.ts`'s choice. Knows nothing of listening, discovery or what
 * frames say. A frame, a hello or a peer that is refused costs its own channel and nothing else.
 */
import type { Connection, Stream } from '@libp2p/interface';
import type { ClusterId, Epoch, Incarnation, Nonce, PeerId } from '../core/types.ts';
import {
  LATE_ROUND_MS,
  LATE_ROUND_WEIGHT,
  TOLD_ROUNDS_MAX,
  TOLD_ROUNDS_MIN,
  UNUSED_ROUNDS_MAX,
} from '../limits.ts';
import type { Logger, TransportListener } from '../runtime/ports.ts';
import type { AboutSecrets, FarewellCause, Hello, Introduced } from '../wire/control-codec.ts';
import { Channel, type ChannelEnd, type ChannelOwner, type Refusal } from './channel.ts';
import type { ClusterView } from './cluster-view.ts';
import { Dialler, type Network } from './dialler.ts';
import type { Link, LinkOwner } from './link.ts';
import { PeerTable } from './peer-table.ts';
import type { RefusalLog } from './refusal-log.ts';
import type { SecretSpread } from './secret-spread.ts';
import { SparseMesh } from './sparse-mesh.ts';
import { isThisMachine } from './this-machine.ts';

/** What a mesh is made of. */
export interface MeshOptions {
  readonly self: PeerId;
  readonly incarnation: Incarnation;
  readonly nonce: Nonce;
  readonly cluster: ClusterId;
  readonly epoch: () => Epoch;
  /** Whether that peer votes in the present epoch. */
  readonly votes: (peer: PeerId) => boolean;
  readonly network: Network;
  /** What is known of peers. */
  readonly view: Pick<ClusterView, 'version' | 'introductions' | 'own' | 'peer'>;
  /** A peer tells of peers. */
  readonly introduced: (known: readonly Introduced[]) => void;
  /** A channel to that peer stands, and its configuration is of that epoch. */
  readonly met: (peer: PeerId, epoch: Epoch) => void;
  /** Whether that peer was shut out of the cluster. */
  readonly isRemoved: (peer: PeerId) => boolean;
  /** That peer says that this one was shut out. */
  readonly shutOut: (by: PeerId) => void;
  /** That peer remembers a later start of this one (rule 20). */
  readonly outdated: (by: PeerId) => void;
  readonly logger: Logger;
  readonly refusals: RefusalLog;
  /** `null`: the cluster has no secret. */
  readonly secrets: Pick<SecretSpread, 'opened' | 'heard' | 'awaits'> | null;
}

/** The channels to all peers of the cluster. */
export class Mesh implements ChannelOwner, LinkOwner {
  /** The other peers, and what is learned of where they are. */
  readonly peers: PeerTable;
  readonly #options: MeshOptions;
  /** All that have not ended, those still greeting included. */
  readonly #channels = new Set<Channel>();
  /** The version of the view that each channel was told of. */
  readonly #told = new WeakMap<Channel, number>();
  /** Rounds for which a connection carried no channel. */
  readonly #unused = new WeakMap<Connection, number>();
  /** Peers whose channel closed in this very turn; see `closed`. */
  readonly #closing = new Set<PeerId>();
  readonly #dialler: Dialler;
  readonly #sparse: SparseMesh;
  /** When the last round was, by this process's own clock. */
  #roundAt = performance.now();
  #listener: TransportListener | null = null;
  #channelsOpened = 0;
  #stopped = false;

  constructor(options: MeshOptions) {
    this.#options = options;
    this.peers = new PeerTable(options.self, this, options.logger);
    this.#dialler = new Dialler({ ...options, peers: this.peers });
    this.#sparse = new SparseMesh({
      ...options,
      peers: this.peers,
      sight: (peer) => options.view.peer(peer),
      awaits: (peer) => options.secrets?.awaits(peer) ?? false,
      listener: () => this.#listener,
    });
  }

  /** Who hears of channels and frames. */
  listen(listener: TransportListener): void {
    this.#listener = listener;
  }

  /** Whether that peer has a channel, or gets one when something is to be said. */
  isReached(peer: PeerId): boolean {
    return this.hasChannel(peer) || this.#sparse.isAsleep(peer);
  }

  /** Whether a channel to that peer stands. */
  hasChannel(peer: PeerId): boolean {
    return this.peers.get(peer)?.channel?.isOpen === true;
  }

  /** Those that have no channel, and get one when something is to be said. */
  get asleep(): Iterable<PeerId> {
    return this.#sparse.asleep;
  }

  /** Frames for a peer; dropped where there is no channel, unless it is asleep. */
  send(peer: PeerId, frames: Uint8Array): void {
    const channel = this.peers.get(peer)?.channel;
    if (channel?.isOpen === true) channel.send(frames);
    else this.#sparse.send(peer, frames);
  }

  /** Ends the channel to a peer; it may come back after a back-off. */
  disconnect(peer: PeerId, reason: string, cause: FarewellCause): void {
    this.#sparse.forget(peer);
    this.peers.get(peer)?.channel?.end({ reason, fault: true }, cause);
  }

  /** Ends all channels for good, and has said so when it resolves; nothing is heard any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.peers.stop();
    this.#dialler.stop();
    this.#sparse.stop();
    const channels = [...this.#channels];
    for (const channel of channels) channel.end({ reason: 'this peer stops', fault: false });
    await Promise.all(channels.map(({ lastWords }) => lastWords));
  }

  /** By peer the connection of its open channel. */
  used(): Map<PeerId, Connection> {
    const open = [...this.#channels].filter((channel) => channel.isOpen);
    return new Map(open.map(({ peer, connection }) => [peer, connection]));
  }

  // Connections and streams

  /** A connection stands, whoever made it. */
  connected(connection: Connection): void {
    const peer = connection.remotePeer.toString() as PeerId;
    this.peers.admit(peer)?.connected(connection);
  }

  /** A peer opened a stream to this one. */
  accept(stream: Stream, connection: Connection): void {
    const peer = connection.remotePeer.toString() as PeerId;
    const link = this.peers.admit(peer);
    if (link === null || link.isImpatient) stream.abort(new Error('not now'));
    else if (link.isOpener) stream.abort(new Error('the smaller peer id opens the channel'));
    else this.#begin(peer, connection, stream, null).start();
  }

  /** @see LinkOwner */
  adopt(link: Link, connection: Connection, stream: Stream): void {
    if (this.#stopped) {
      stream.abort(new Error('this peer stops'));
      return;
    }
    link.channel = this.#begin(link.peer, connection, stream, ++this.#channelsOpened);
    link.channel.start();
  }

  #begin(peer: PeerId, connection: Connection, stream: Stream, number: number | null): Channel {
    const channel = new Channel({ peer, connection, stream, number, owner: this });
    this.#channels.add(channel);
    return channel;
  }

  /** @see LinkOwner */
  connectionsTo(peer: PeerId): readonly Connection[] {
    return this.#dialler.connectionsTo(peer);
  }

  /** @see LinkOwner */
  dial(peer: PeerId): Promise<void> {
    return this.#dialler.dial(peer);
  }

  /** @see LinkOwner */
  votes(peer: PeerId): boolean {
    return this.#options.votes(peer);
  }

  /** @see LinkOwner */
  wants(peer: PeerId): boolean {
    return this.#sparse.wants(peer);
  }

  /** @see LinkOwner */
  failed({ peer }: Link, error: Error): void {
    this.#options.logger.log('debug', 'peer not reached', { peer, reason: error.message });
  }

  // What channels say: see ChannelOwner

  introduce(): Omit<Hello, 'kind' | 'channel'> {
    const { cluster, incarnation, nonce, epoch } = this.#options;
    return { cluster, incarnation, nonce, epoch: epoch() };
  }

  judge(channel: Channel, hello: Hello): Refusal | null {
    const link = this.peers.get(channel.peer);
    if (link === undefined) return refusal('too many peers');
    const { cluster, isRemoved } = this.#options;
    if (isRemoved(channel.peer)) {
      return { cause: 'removed', reason: 'it was removed from this cluster' };
    }
    if (hello.cluster !== cluster) return refusal(`cluster ${hello.cluster} is not ${cluster}`);
    if (hello.incarnation < link.incarnation) {
      const reason = `incarnation ${hello.incarnation} after ${link.incarnation}`;
      return { cause: 'stale-incarnation', reason };
    }
    if (hello.incarnation === link.incarnation && hello.nonce !== link.nonce) {
      const reason = `incarnation ${hello.incarnation} was another start before`;
      return { cause: 'stale-incarnation', reason };
    }
    if (channel.isOpener) {
      return hello.channel === channel.number ? null : refusal('hello of another channel');
    }
    const isNewer = hello.incarnation > link.incarnation || hello.channel > link.lastChannel;
    return isNewer ? null : refusal(`channel ${hello.channel} after ${link.lastChannel}`);
  }

  opened(channel: Channel): void {
    const { peer, incarnation, nonce, number } = channel;
    const link = this.peers.get(peer)!;
    if (link.channel !== null && link.channel !== channel) this.#supersede(link.channel);
    link.channel = channel;
    link.incarnation = incarnation;
    link.nonce = nonce;
    link.lastChannel = number;
    this.peers.welcome(link);
    link.settle();
    this.#closing.delete(peer);
    const address = channel.connection.remoteAddr.toString();
    link.isElsewhere = !isThisMachine(address);
    this.#options.logger.log('info', 'channel opened', { peer, incarnation, number, address });
    if (!this.#sparse.opened(channel)) this.#listener?.opened(peer, incarnation, nonce);
    this.#options.secrets?.opened(peer);
    this.#tell(channel);
    this.#options.met(peer, channel.epoch);
  }

  /** What is known of peers, or what was learned since. */
  #tell(channel: Channel): void {
    const { view } = this.#options;
    const told = this.#told.get(channel);
    const known = told === undefined ? this.#firstWords(channel) : view.introductions(told);
    this.#told.set(channel, view.version);
    if (known.length > 0) channel.tell(known);
  }

  /**
   * All that is known; but whoever was heard of since its start was told all that by others, and
   * in a crowd to repeat it is most of what is said. To and from voters all of it is said.
   */
  #firstWords(channel: Channel): Introduced[] {
    const { view } = this.#options;
    const isKnown = view.peer(channel.peer)?.incarnation === channel.incarnation;
    return isKnown && !this.isUrgent(channel) ? view.own() : view.introductions(0);
  }

  #supersede(channel: Channel): void {
    this.#channels.delete(channel);
    channel.supersede();
  }

  frame({ peer }: Channel, frame: Uint8Array): void {
    this.#listener?.frame(peer, frame);
  }

  introduced(_: Channel, known: readonly Introduced[]): void {
    this.#options.introduced(known);
  }

  isUrgent({ peer }: Channel): boolean {
    return this.votes(peer) || this.votes(this.#options.self);
  }

  /** A silent connection may be dead in ways that TCP does not notice; so may its like. */
  abandoned({ peer }: Channel, reason: string): void {
    for (const connection of this.connectionsTo(peer)) connection.abort(new Error(reason));
  }

  aboutSecrets({ peer }: Channel, frame: AboutSecrets): void {
    this.#options.secrets?.heard(peer, frame);
  }

  /** Says something about the secret; dropped where there is no channel. */
  tellAboutSecrets(peer: PeerId, frame: AboutSecrets): void {
    this.peers.get(peer)?.channel?.tellAboutSecrets(frame);
  }

  shutOut({ peer }: Channel): void {
    this.#options.shutOut(peer);
  }

  outdated({ peer }: Channel): void {
    this.#options.outdated(peer);
  }

  /**
   * The listener is told a little later, for it may be the one that closes; if a newer channel
   * opens meanwhile, that replaces the old one without a word.
   */
  closed(channel: Channel, end: ChannelEnd, wasOpen: boolean): void {
    const { peer } = channel;
    this.#channels.delete(channel);
    this.#report(peer, end, wasOpen);
    const link = this.peers.get(peer);
    if (link?.channel === channel) link.channel = null;
    if (end.asleep === true && !this.#stopped) {
      this.#sparse.slept(channel);
      return;
    }
    if (link?.channel === null && !this.#stopped) link.lose(end.fault);
    if (!wasOpen || this.#stopped) return;
    this.#closing.add(peer);
    queueMicrotask(() => {
      if (this.#closing.delete(peer)) this.#listener?.closed(peer);
    });
  }

  /** A refusal is said loudly once, not at each of the endless attempts. */
  #report(peer: PeerId, { reason, fault }: ChannelEnd, wasOpen: boolean): void {
    const { logger, refusals } = this.#options;
    if (fault && !wasOpen && refusals.refused(peer, reason, { peer })) return;
    const link = this.peers.get(peer);
    const isNews = fault && wasOpen && link !== undefined && link.complaint !== reason;
    if (isNews) link.complaint = reason;
    const level = isNews ? 'warn' : wasOpen ? 'info' : 'debug';
    const message = wasOpen ? 'channel closed' : fault ? 'peer refused' : 'no channel';
    logger.log(level, message, { peer, reason });
  }

  // Rounds

  /** Every CHANNEL_ROUND_MS: silence, and connections and peers of no use. */
  round(): void {
    const now = performance.now();
    const weight = now - this.#roundAt > LATE_ROUND_MS ? LATE_ROUND_WEIGHT : 1;
    this.#roundAt = now;
    for (const channel of this.#channels) {
      channel.round(weight);
      if (channel.isOpen && isTimeToTell(channel.age)) this.#settle(channel);
    }
    this.#sparse.round();
    this.#dropUnused();
    this.peers.forgetStrangers((peer) => this.connectionsTo(peer).length > 0);
  }

  /** It has proven itself. What was learned before gossip could flow well is told by it. */
  #settle(channel: Channel): void {
    this.peers.get(channel.peer)?.trust();
    this.#tell(channel);
  }

  /** Of two that a pair made at once, of a stranger, of a peer that is gone. */
  #dropUnused(): void {
    const used = new Set([...this.#channels].map((channel) => channel.connection));
    for (const connection of this.#options.network.connections()) {
      const rounds = used.has(connection) ? 0 : (this.#unused.get(connection) ?? 0) + 1;
      this.#unused.set(connection, rounds);
      if (rounds > UNUSED_ROUNDS_MAX) connection.abort(new Error('it carries no channel'));
    }
  }
}

/** Ever more rarely: gossip of a crowd that has just started takes its time. */
function isTimeToTell(age: number): boolean {
  return age >= TOLD_ROUNDS_MIN && age <= TOLD_ROUNDS_MAX && Number.isInteger(Math.log2(age));
}

function refusal(reason: string): Refusal {
  return { cause: 'any', reason };
}
