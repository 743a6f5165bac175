/**
 * The transport between peers: one long-lived libp2p stream for each pair, found and kept for ever.
 *
 * Owns the libp2p node, the discovery of addresses (configured, mDNS, known from an earlier start)
 * and start and stop; the channels are the mesh's, what peers tell of themselves `ClusterNews`'s.
 * Discovery finds addresses only: who votes is the core's affair. A sender is who proved that id to
 * noise, never who a message says it is.
 */
import './promise-with-resolvers.ts';
import type { PrivateKey, Stream } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import type { ClusterId, Epoch, Incarnation, Nonce, PeerId } from '../core/types.ts';
import { ElockError } from '../errors.ts';
import {
  CHANNEL_ROUND_MS,
  CHARTER_STREAMS_MAX,
  STREAMS_PER_CONNECTION_MAX,
  TRANSPORT_STOP_MS_MAX,
} from '../limits.ts';
import type { Logger, Transport, TransportListener } from '../runtime/ports.ts';
import type { PeerDirectory } from '../text/format.ts';
import type { CharterFrame, Farewell, FarewellCause } from '../wire/control-codec.ts';
import { CHARTER_PROTOCOL, tellCharter } from './charter-exchange.ts';
import { ClusterNews, type Portrayal } from './cluster-news.ts';
import { ClusterView } from './cluster-view.ts';
import type { Network } from './dialler.ts';
import type { Keyring } from './keyring.ts';
import type { KnownPeers } from './known-peers.ts';
import { createNode, DIAL_MS_MAX, type Node, startNode } from './libp2p-node.ts';
import { PROTOCOL } from './link.ts';
import { Mesh } from './mesh.ts';
import { type PeerAddress, parsePeerAddress, withPeerId } from './peer-address.ts';
import { PeerDoor } from './peer-door.ts';
import { RefusalLog } from './refusal-log.ts';
import { SecretSpread } from './secret-spread.ts';
import { Seed, type SeedOwner } from './seed.ts';

/** What a transport is made of. */
export interface Libp2pTransportOptions {
  readonly privateKey: PrivateKey;
  /** The id of that key. */
  readonly self: PeerId;
  readonly incarnation: Incarnation;
  /** Drawn for this life: see rule 20. */
  readonly nonce: Nonce;
  /** Peers of any other cluster are refused. */
  readonly cluster: ClusterId;
  /** The present epoch. */
  readonly epoch: () => Epoch;
  /** Whether that peer votes in the present epoch: it is dialled again soon, for ever. */
  readonly votes: (peer: PeerId) => boolean;
  /** Whether that peer was shut out of the cluster: nothing is heard of it. */
  readonly isRemoved: (peer: PeerId) => boolean;
  /** What to announce of this peer, besides what the transport knows by itself. */
  readonly portray: () => Portrayal;
  /** That peer has a channel, and a configuration of that epoch, newer than this peer's: ask it. */
  readonly newerEpoch: (peer: PeerId, epoch: Epoch) => void;
  /** Where addresses of peers outlive this process; `null`: nowhere. */
  readonly known: KnownPeers | null;
  /** Multiaddrs to listen on, such as `/ip4/0.0.0.0/tcp/0`. */
  readonly listen: readonly string[];
  /** Multiaddrs of other peers, with or without `/p2p/ID`. */
  readonly peers: readonly string[];
  /** Whether to look for peers on the local network. */
  readonly mdns: boolean;
  /** The keys by which peers come in; `null`: the network is open to all. */
  readonly keyring: Keyring | null;
  /** Called when a peer says that this one was shut out. */
  readonly shutOut: (by: PeerId) => void;
  /** Members that are known beside those that were met since the start. */
  readonly members: () => readonly PeerId[];
  /** What a newcomer is told. */
  readonly charter: () => CharterFrame;
  /** Called when a peer refuses this one since it remembers a later start of it (rule 20). */
  readonly outdated: (by: PeerId) => void;
  readonly logger: Logger;
}

const REMOVED: Farewell = {
  kind: 'farewell',
  cause: 'removed',
  reason: 'this peer was removed from the cluster',
};

/** What a transport consists of. */
interface Parts {
  readonly node: Node;
  readonly mesh: Mesh;
  readonly view: ClusterView;
  readonly news: ClusterNews;
  readonly secrets: SecretSpread | null;
  readonly door: PeerDoor | null;
}

/** The `Transport` port over libp2p. */
export class Libp2pTransport implements Transport {
  readonly #options: Libp2pTransportOptions;
  readonly #peers: readonly PeerAddress[];
  readonly #node: Node;
  readonly #mesh: Mesh;
  readonly #news: ClusterNews;
  readonly #seeds: Seed[] = [];
  #rounds: NodeJS.Timeout | null = null;

  /** The whole cluster, as far as it is known here. */
  readonly view: ClusterView;
  /** `null`: the cluster has no secret. */
  readonly secrets: SecretSpread | null;
  readonly #door: PeerDoor | null;

  private constructor(options: Libp2pTransportOptions, parts: Parts) {
    this.#options = options;
    this.#peers = options.peers.map((text) => readAddress(text, 'of a peer'));
    this.#node = parts.node;
    this.#mesh = parts.mesh;
    this.#news = parts.news;
    this.view = parts.view;
    this.secrets = parts.secrets;
    this.#door = parts.door;
  }

  /** Makes a transport that neither listens nor dials yet. */
  static async create(options: Libp2pTransportOptions): Promise<Libp2pTransport> {
    const { privateKey, cluster, listen, mdns, keyring, logger } = options;
    for (const text of listen) readAddress(text, 'to listen on');
    const discovered = (peer: PeerId, addresses: readonly string[]): void => {
      const readable = addresses.flatMap((text) => parsePeerAddress(text)?.address ?? []);
      mesh.peers.correct(peer, readable);
    };
    const door = keyring === null ? null : new PeerDoor(keyring, logger);
    const node = await createNode({
      ...{ privateKey, cluster, listen, mdns, discovered },
      privateNetwork: door,
    });
    const secrets = keyring === null ? null : spreadOf(keyring, options, () => mesh);
    const view = new ClusterView({ ...options, now, news: (learned) => news.learn(learned) });
    const mesh: Mesh = new Mesh({
      ...{ ...options, network: networkOf(node), refusals: new RefusalLog(logger), secrets, view },
      introduced: (known) => news.introduced(known),
      met: (peer, epoch) => news.met(peer, epoch),
    });
    const ownAddresses = (): string[] => ownAddressesOf(node);
    const sources = { services: node.services, mesh, view, now, ownAddresses };
    const news: ClusterNews = new ClusterNews({ ...options, ...sources });
    return new Libp2pTransport(options, { node, mesh, view, news, secrets, door });
  }

  /** Listens, and begins to look for the other peers; resolves once it listens. */
  async start(): Promise<void> {
    await this.#node.handle(
      PROTOCOL,
      (stream, connection) => this.#mesh.accept(stream, connection),
      {
        maxInboundStreams: STREAMS_PER_CONNECTION_MAX,
        maxOutboundStreams: STREAMS_PER_CONNECTION_MAX,
      },
    );
    await this.#node.handle(
      CHARTER_PROTOCOL,
      (stream, { remotePeer }) => void this.#tellNewcomer(stream, remotePeer.toString() as PeerId),
      { maxInboundStreams: CHARTER_STREAMS_MAX },
    );
    this.#node.addEventListener('connection:open', ({ detail }) => this.#mesh.connected(detail));
    await startNode(this.#node, this.#options.listen);
    this.#rounds = setInterval(() => this.#round(), CHANNEL_ROUND_MS);
    this.#news.start();
    for (const peer of this.#peers) this.#seek(peer);
  }

  async #tellNewcomer(stream: Stream, peer: PeerId): Promise<void> {
    const isRemoved = this.#options.isRemoved(peer);
    await tellCharter(stream, isRemoved ? REMOVED : this.#options.charter());
  }

  /** Says farewell, and ends all channels and connections, in bounded time. */
  async stop(): Promise<void> {
    if (this.#rounds !== null) clearInterval(this.#rounds);
    for (const seed of this.#seeds) seed.stop();
    await bounded(this.#stopParts(), TRANSPORT_STOP_MS_MAX);
  }

  async #stopParts(): Promise<void> {
    await Promise.all([this.#mesh.stop(), this.#news.stop()]);
    await this.#node.stop();
  }

  /** Where this peer can be reached, with its id. */
  addresses(): string[] {
    return this.#node.getMultiaddrs().map(String);
  }

  /** Where another peer may be reached, with its id; what worked last comes first. */
  addressesOf(peer: PeerId): string[] {
    return this.#mesh.peers.addressesOf(peer).map((address) => withPeerId(address, peer));
  }

  /** Whether this peer's secret is void, as others say. */
  get isOutsider(): boolean {
    return this.#door?.isOutsider ?? false;
  }

  /** What clients are shown of peers. */
  readonly directory: PeerDirectory = {
    announced: () => this.view.peers().map(({ peer }) => peer),
    announcement: (peer) => this.view.peer(peer),
    addressesOf: (peer) => {
      return peer === this.#options.self ? this.addresses() : this.addressesOf(peer);
    },
  };

  listen(listener: TransportListener): void {
    this.#mesh.listen(listener);
  }

  send(peer: PeerId, frames: Uint8Array): void {
    this.#mesh.send(peer, frames);
  }

  disconnect(peer: PeerId, reason: string, cause: FarewellCause): void {
    this.#mesh.disconnect(peer, reason, cause);
  }

  #round(): void {
    this.#mesh.round();
    this.#news.round();
  }

  #seek({ address, peer }: PeerAddress): void {
    if (peer !== null) {
      this.#mesh.peers.configure(peer, address);
      return;
    }
    const seed = new Seed(address, this.#seedOwner);
    this.#seeds.push(seed);
    seed.start();
  }

  readonly #seedOwner: SeedOwner = {
    isReached: (peer) => this.#mesh.isReached(peer),
    identify: (address) => identify(this.#node, address),
    identified: (peer, address) => {
      if (peer !== null) this.#mesh.peers.hear(peer, [address]);
      else this.#options.logger.log('debug', 'own address among those of peers', { address });
    },
    failed: (address, { message }) => {
      this.#options.logger.log('debug', 'address not reached', { address, reason: message });
    },
  };
}

/** The transport of one peer; `start` makes it listen. */
export function createLibp2pTransport(options: Libp2pTransportOptions): Promise<Libp2pTransport> {
  return Libp2pTransport.create(options);
}

function spreadOf(
  keyring: Keyring,
  { self, members, isRemoved, logger }: Libp2pTransportOptions,
  mesh: () => Mesh,
): SecretSpread {
  return new SecretSpread({
    keyring,
    members: () => {
      const all = new Set([...members(), ...mesh().peers.met(), ...mesh().asleep]);
      return [...all].filter((peer) => peer !== self && !isRemoved(peer));
    },
    say: (peer, frame) => mesh().tellAboutSecrets(peer, frame),
    logger,
  });
}

function readAddress(text: string, purpose: string): PeerAddress {
  const address = parsePeerAddress(text);
  if (address !== null) return address;
  const wanted = 'expected /ip4|ip6|dns4|dns6|dns/HOST/tcp/PORT, with or without /p2p/ID';
  throw new ElockError('configuration', `'${text}' is no address ${purpose}: ${wanted}`);
}

function networkOf(node: Node): Network {
  return {
    connections: () => node.getConnections(),
    dial: async (peer, addresses, ms) => {
      let failure: unknown;
      for (const address of addresses) {
        try {
          const target = multiaddr(withPeerId(address, peer));
          const connection = await node.dial(target, { signal: AbortSignal.timeout(ms) });
          return parsePeerAddress(connection.remoteAddr.toString())?.address ?? '';
        } catch (error) {
          failure = error;
        }
      }
      throw failure;
    },
  };
}

function ownAddressesOf(node: Node): string[] {
  const own = node.getMultiaddrs().map((address) => parsePeerAddress(address.toString()));
  return own.flatMap((parsed) => parsed?.address ?? []);
}

async function identify(node: Node, address: string): Promise<PeerId | null> {
  try {
    const signal = AbortSignal.timeout(DIAL_MS_MAX);
    const { remotePeer } = await node.dial(multiaddr(address), { signal });
    return remotePeer.toString() as PeerId;
  } catch (error) {
    // What libp2p says when it finds its own id at the other end.
    if ((error as Error).name === 'InvalidPeerIdError') return null;
    throw error;
  }
}

/** Whole milliseconds that never fall. */
function now(): number {
  return Math.floor(performance.now());
}

async function bounded(work: Promise<unknown>, boundMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, boundMs);
  });
  await Promise.race([work, bound]);
  clearTimeout(timer);
}
