/**
 * The libp2p node that peers speak through: TCP, noise, yamux, identify, gossipsub and mDNS.
 *
 * Owns the settings of libp2p and why they differ from its defaults. Never dials by itself, keeps
 * no peer alive and retries nothing: that is the transport's part.
 *
 * @see https://github.com/libp2p/js-libp2p/blob/main/doc/CONFIGURATION.md
 */
import './promise-with-resolvers.ts';
import { noise } from '@chainsafe/libp2p-noise';
import { identify } from '@libp2p/identify';
import type { Libp2p, PrivateKey } from '@libp2p/interface';
import { mdns } from '@libp2p/mdns';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { createLibp2p } from 'libp2p';
import type { PeerId } from '../core/types.ts';
import { ElockError } from '../errors.ts';
import {
  ADDRESSES_PER_DIAL,
  CONNECT_MS_MAX,
  HANDSHAKE_TURN_MS,
  HANDSHAKES_MAX,
  HANDSHAKES_WAITING_MAX,
  INCOMING_PENDING_MAX,
  INCOMING_PER_SECOND_MAX,
  PEERS_MAX,
  STREAM_OPEN_SLOWLY_MS_MAX,
  UPGRADE_LATE_MS_MAX,
  UPGRADE_MS_MAX,
} from '../limits.ts';
import { boundConnects } from './bound-connects.ts';
import { boundHandshakes } from './bound-handshakes.ts';
import { joinRecords } from './fewer-writes.ts';
import { type GossipServices, gossipService } from './gossip.ts';
import { loseLateWrites } from './late-writes.ts';
import { secureLeanly } from './lean-stream.ts';
import { type PrivateNetworkOptions, privateNetwork } from './private-network.ts';
import { Turns } from './turns.ts';

/** What the node is made of. */
export interface NodeOptions {
  readonly privateKey: PrivateKey;
  /** At least the beginning of the cluster id. */
  readonly cluster: string;
  /** Multiaddrs. */
  readonly listen: readonly string[];
  readonly mdns: boolean;
  /** `null`: whoever reaches the address may connect. */
  readonly privateNetwork: PrivateNetworkOptions | null;
  /** What a peer says of itself on the local network, unproven. */
  readonly discovered: (peer: PeerId, addresses: readonly string[]) => void;
}

/** For one attempt to reach a peer. */
export const DIAL_MS_MAX = (CONNECT_MS_MAX + UPGRADE_MS_MAX) * ADDRESSES_PER_DIAL;
/** Between two questions on the local network: a peer that comes later asks by itself. */
const DISCOVERY_INTERVAL_MS = 5_000;
/** Digits of the cluster id in the name of the mDNS service, which may have 15 characters. */
const CLUSTER_DIGITS = 8;

const tcpTransport = tcp({ dialOpts: { keepAlive: true, noDelay: true } });

/** A node with all that is needed here. */
export type Node = Libp2p<GossipServices>;

/** A node that does not listen yet. */
export async function createNode(options: NodeOptions): Promise<Node> {
  return createLibp2p({
    start: false,
    privateKey: options.privateKey,
    addresses: { listen: [...options.listen] },
    transports: [(components) => boundConnects(tcpTransport(components))],
    connectionEncrypters: [(components) => encrypter(components)],
    streamMuxers: [() => loseLateWrites(yamux()())],
    ...(options.privateNetwork === null
      ? {}
      : { connectionProtector: privateNetwork(options.privateNetwork) }),
    peerDiscovery: options.mdns ? [discovery(options)] : [],
    // The channels notice silence, and a connection without one is dropped: its pings are spared.
    connectionMonitor: { enabled: false },
    connectionManager: {
      // Both ends of a pair may dial at once.
      maxConnections: PEERS_MAX * 3,
      maxParallelDials: PEERS_MAX,
      inboundConnectionThreshold: INCOMING_PER_SECOND_MAX,
      maxIncomingPendingConnections: INCOMING_PENDING_MAX,
      dialTimeout: CONNECT_MS_MAX + UPGRADE_LATE_MS_MAX,
      // Whoever dials gives up sooner; see the mesh.
      addressDialTimeout: CONNECT_MS_MAX + UPGRADE_LATE_MS_MAX,
      inboundUpgradeTimeout: UPGRADE_LATE_MS_MAX,
      outboundStreamProtocolNegotiationTimeout: STREAM_OPEN_SLOWLY_MS_MAX,
      inboundStreamProtocolNegotiationTimeout: STREAM_OPEN_SLOWLY_MS_MAX,
      reconnectRetries: 0,
    },
    services: {
      pubsub: gossipService(options.cluster),
      // Gossip alone needs it, and not with everybody: see `gossip-partners.ts`.
      identify: identify({ runOnConnectionOpen: false }),
    },
  });
}

type Encrypter = ReturnType<ReturnType<typeof noise>>;

function encrypter(components: Parameters<ReturnType<typeof noise>>[0]): Encrypter {
  const turns = new Turns({
    atOnce: HANDSHAKES_MAX,
    waiting: HANDSHAKES_WAITING_MAX,
    turnMs: HANDSHAKE_TURN_MS,
  });
  return boundHandshakes(secureLeanly(joinRecords(noise()(components))), turns);
}

/** mDNS, heard directly: libp2p's own event does not tell when a known peer has moved. */
function discovery({ cluster, discovered }: NodeOptions): ReturnType<typeof mdns> {
  const serviceTag = `_elock-${cluster.slice(0, CLUSTER_DIGITS)}._udp.local`;
  const create = mdns({ serviceTag, interval: DISCOVERY_INTERVAL_MS });
  return (components) => {
    const service = create(components);
    service.addEventListener('peer', ({ detail: { id, multiaddrs } }) => {
      discovered(id.toString() as PeerId, multiaddrs.map(String));
    });
    return service;
  };
}

/** Begins to listen. */
export async function startNode(node: Node, listen: readonly string[]): Promise<void> {
  try {
    await node.start();
  } catch (cause) {
    await node.stop();
    const addresses = listen.join(', ');
    const why = (cause as Error).message.includes('EADDRINUSE') ? 'it is taken' : 'see the cause';
    const message = `cannot listen on ${addresses}: ${why}; free it, or listen elsewhere`;
    throw new ElockError('addressInUse', message, { cause });
  }
}
