/**
 * The transport between peers: one long-lived libp2p stream for each pair, found and kept for ever.
 *
 * Owns the libp2p node, the discovery of addresses (configured, mDNS, told by others) and start and
 * stop; the channels are the mesh's. Discovery finds addresses only: who votes is the core's
 * affair. A sender is who proved that id to noise, never who a message says it is.
 */
import './promise-with-resolvers.ts';
import type { Libp2p, PrivateKey } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import type { ClusterId, Epoch, Incarnation, PeerId } from '../core/types.ts';
import { ElockError } from '../errors.ts';
import { CHANNEL_ROUND_MS, TRANSPORT_STOP_MS_MAX } from '../limits.ts';
import type { Logger, Transport, TransportListener } from '../runtime/ports.ts';
import { createNode, DIAL_MS_MAX, startNode } from './libp2p-node.ts';
import { PROTOCOL } from './link.ts';
import { Mesh, type Network } from './mesh.ts';
import { parsePeerAddress, withPeerId } from './peer-address.ts';
import { Seed, type SeedOwner } from './seed.ts';

/** What a transport is made of. */
export interface Libp2pTransportOptions {
  readonly privateKey: PrivateKey;
  /** The id of that key. */
  readonly self: PeerId;
  readonly incarnation: Incarnation;
  /** Peers of any other cluster are refused. */
  readonly cluster: ClusterId;
  /** The present epoch, for the hello. */
  readonly epoch: () => Epoch;
  /** Multiaddrs to listen on, such as `/ip4/0.0.0.0/tcp/0`. */
  readonly listen: readonly string[];
  /** Multiaddrs of other peers, with or without `/p2p/ID`. */
  readonly peers: readonly string[];
  /** Whether to look for peers on the local network. */
  readonly mdns: boolean;
  readonly logger: Logger;
}

/** Streams of one connection that another peer may have open at once: one, and its successors. */
const STREAMS_MAX = 8;

/** The `Transport` port over libp2p. */
export class Libp2pTransport implements Transport {
  readonly #options: Libp2pTransportOptions;
  readonly #node: Libp2p;
  readonly #mesh: Mesh;
  readonly #seeds: Seed[] = [];
  #rounds: NodeJS.Timeout | null = null;

  private constructor(options: Libp2pTransportOptions, node: Libp2p, mesh: Mesh) {
    this.#options = options;
    this.#node = node;
    this.#mesh = mesh;
  }

  /** Makes a transport that neither listens nor dials yet. */
  static async create(options: Libp2pTransportOptions): Promise<Libp2pTransport> {
    const { privateKey, cluster, listen, mdns } = options;
    const discovered = (peer: PeerId, addresses: readonly string[]): void => {
      const readable = addresses.flatMap((text) => parsePeerAddress(text)?.address ?? []);
      mesh.peers.correct(peer, readable);
    };
    const node = await createNode({ privateKey, cluster, listen, mdns, discovered });
    const mesh = new Mesh({ ...options, network: networkOf(node) });
    return new Libp2pTransport(options, node, mesh);
  }

  /** Listens, and begins to look for the other peers; resolves once it listens. */
  async start(): Promise<void> {
    this.#takePeers();
    await this.#node.handle(
      PROTOCOL,
      (stream, connection) => this.#mesh.accept(stream, connection),
      {
        maxInboundStreams: STREAMS_MAX,
        maxOutboundStreams: STREAMS_MAX,
      },
    );
    this.#node.addEventListener('connection:open', ({ detail }) => this.#mesh.connected(detail));
    this.#node.addEventListener('self:peer:update', () => this.#mesh.announce());
    await startNode(this.#node, this.#options.listen);
    this.#rounds = setInterval(() => this.#mesh.round(), CHANNEL_ROUND_MS);
    for (const seed of this.#seeds) seed.start();
  }

  /** Says farewell, and ends all channels and connections, in bounded time. */
  async stop(): Promise<void> {
    if (this.#rounds !== null) clearInterval(this.#rounds);
    for (const seed of this.#seeds) seed.stop();
    this.#mesh.stop();
    await bounded(Promise.resolve(this.#node.stop()), TRANSPORT_STOP_MS_MAX);
  }

  /** Where this peer can be reached, with its id. */
  addresses(): string[] {
    return this.#node.getMultiaddrs().map(String);
  }

  /** Where another peer may be reached, with its id; what worked last comes first. */
  addressesOf(peer: PeerId): string[] {
    return this.#mesh.peers.addressesOf(peer).map((address) => withPeerId(address, peer));
  }

  listen(listener: TransportListener): void {
    this.#mesh.listen(listener);
  }

  send(peer: PeerId, frames: Uint8Array): void {
    this.#mesh.send(peer, frames);
  }

  disconnect(peer: PeerId, reason: string): void {
    this.#mesh.disconnect(peer, reason);
  }

  #takePeers(): void {
    for (const text of this.#options.peers) {
      const parsed = parsePeerAddress(text);
      if (parsed === null) {
        const wanted = 'expected /ip4|ip6|dns4|dns6|dns/HOST/tcp/PORT, with or without /p2p/ID';
        throw new ElockError('configuration', `'${text}' is no address of a peer: ${wanted}`);
      }
      if (parsed.peer !== null) this.#mesh.peers.configure(parsed.peer, parsed.address);
      else this.#seeds.push(new Seed(parsed.address, this.#seedOwner));
    }
  }

  readonly #seedOwner: SeedOwner = {
    hasChannel: (peer) => this.#mesh.hasChannel(peer),
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

function networkOf(node: Libp2p): Network {
  return {
    ownAddresses: () => {
      const own = node.getMultiaddrs().map((address) => parsePeerAddress(address.toString()));
      return own.flatMap((parsed) => parsed?.address ?? []);
    },
    connections: () => node.getConnections(),
    dial: async (peer, addresses) => {
      const targets = addresses.map((address) => multiaddr(withPeerId(address, peer)));
      const connection = await node.dial(targets, { signal: AbortSignal.timeout(DIAL_MS_MAX) });
      return parsePeerAddress(connection.remoteAddr.toString())?.address ?? '';
    },
  };
}

async function identify(node: Libp2p, address: string): Promise<PeerId | null> {
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

async function bounded(work: Promise<void>, boundMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, boundMs);
  });
  await Promise.race([work, bound]);
  clearTimeout(timer);
}
