/**
 * Announcements to everybody, over gossipsub.
 *
 * Owns gossipsub's settings, and its streams: it opens one where a peer was identified, which is
 * done here for those that are to be partners; and none when that stream goes with a second
 * connection of the pair while the first one stands. What is passed on is what the view takes as
 * news. Everything said here is said again within a minute, so nothing is retried.
 *
 * @see https://github.com/libp2p/specs/blob/master/pubsub/gossipsub/gossipsub-v1.1.md
 */
import { createHash } from 'node:crypto';
import { type GossipSub, gossipsub, TopicValidatorResult } from '@libp2p/gossipsub';
import type { Identify } from '@libp2p/identify';
import type { Connection, ServiceMap } from '@libp2p/interface';
import type { ClusterId } from '../core/types.ts';
import {
  ANNOUNCEMENT_BYTES_MAX,
  GOSSIP_BUFFER_BYTES_MAX,
  GOSSIP_HEARTBEAT_MS,
  GOSSIP_PASSED_TO,
  GOSSIP_RPC_BYTES_MAX,
  PEERS_MAX,
  STREAM_OPEN_MS_MAX,
} from '../limits.ts';
import type { Logger } from '../runtime/ports.ts';
import type { ClusterView, Verdict } from './cluster-view.ts';

/** Of all versions. */
const PROTOCOL_PREFIX = '/meshsub/';

/** What the rest of a node must have. */
export interface GossipServices extends ServiceMap {
  readonly identify: Identify;
  readonly pubsub: GossipSub;
}

/** The service for a node of this cluster; who knows but the beginning of its id hears nothing. */
export function gossipService(cluster: string): ReturnType<typeof gossipsub> {
  return gossipsub({
    fallbackToFloodsub: false,
    // An announcement carries its own signature: it is handed on by other ways, too.
    globalSignaturePolicy: 'StrictNoSign',
    msgIdFn: ({ data }) => createHash('sha256').update(data).digest().subarray(0, ID_BYTES),
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    heartbeatInterval: GOSSIP_HEARTBEAT_MS,
    // Whoever announces tells all partners by itself: what is passed on reaches the few beyond.
    D: GOSSIP_PASSED_TO,
    Dlo: GOSSIP_PASSED_TO - 1,
    Dhi: GOSSIP_PASSED_TO + 2,
    Dscore: 1,
    Dout: 1,
    Dlazy: GOSSIP_PASSED_TO,
    // To few beside the mesh, and all the same to everybody sooner or later.
    gossipFactor: 0,
    // Nobody is judged by their address: a whole cluster may be on one machine. Nor by promises:
    // whoever was cut off has broken some. Peers that are no good are refused by the mesh.
    scoreParams: { IPColocationFactorWeight: 0, behaviourPenaltyWeight: 0 },
    // Announcements are too small for what that spares.
    idontwantMinDataSize: ANNOUNCEMENT_BYTES_MAX,
    tagMeshPeers: false,
    allowedTopics: [topicOf(cluster)],
    maxInboundDataLength: GOSSIP_RPC_BYTES_MAX,
    maxOutboundBufferSize: GOSSIP_BUFFER_BYTES_MAX,
    decodeRpcLimits: {
      maxSubscriptions: 4,
      maxMessages: PEERS_MAX,
      maxIhaveMessageIDs: IDS_MAX,
      maxIwantMessageIDs: IDS_MAX,
      maxIdontwantMessageIDs: IDS_MAX,
      maxControlMessages: 16,
      maxPeerInfos: 0,
    },
  });
}

/** Enough that no two announcements ever share an id. */
const ID_BYTES = 16;
/** Of one message about messages: several of each peer. */
const IDS_MAX = PEERS_MAX * 8;

/** What a gossip is made of. */
export interface GossipOptions {
  readonly services: GossipServices;
  readonly cluster: ClusterId;
  readonly view: ClusterView;
  readonly logger: Logger;
}

const RESULTS: Readonly<Record<Verdict, TopicValidatorResult>> = {
  news: TopicValidatorResult.Accept,
  known: TopicValidatorResult.Ignore,
  refused: TopicValidatorResult.Reject,
};

/** What all peers of the cluster say and hear. */
export class Gossip {
  readonly #options: GossipOptions;
  readonly #topic: string;
  /** Connections whose stream is being opened anew. */
  readonly #mending = new WeakSet<Connection>();

  constructor(options: GossipOptions) {
    this.#options = options;
    this.#topic = topicOf(options.cluster);
  }

  /** Begins to hear and to pass on; the node has started. */
  start(): void {
    const { pubsub } = this.#options.services;
    pubsub.topicValidators.set(this.#topic, async (_, { data }) => {
      return RESULTS[await this.#options.view.take({ sealed: Uint8Array.from(data), ageMs: 0 })];
    });
    pubsub.subscribe(this.#topic);
  }

  /** Tells everybody. */
  publish(sealed: Uint8Array): void {
    const { services, logger } = this.#options;
    services.pubsub.publish(this.#topic, sealed).catch((error: Error) => {
      logger.log('debug', 'not announced', { reason: error.message });
    });
  }

  /**
   * Sees to it that gossip can flow to a partner, and back: whoever gets a stream opens its own.
   *
   * @param connection - that of its channel
   * @param all - of that peer
   */
  mend(connection: Connection, all: readonly Connection[]): void {
    if (!this.#mending.has(connection) && !all.some(carriesGossip)) this.#mend(connection);
  }

  /** Whom gossipsub is told of as identified, it opens a stream to. */
  #mend(connection: Connection): void {
    this.#mending.add(connection);
    this.#options.services.identify
      .identify(connection, { signal: AbortSignal.timeout(STREAM_OPEN_MS_MAX) })
      .catch((error: Error) => {
        const peer = connection.remotePeer.toString();
        this.#options.logger.log('debug', 'no gossip', { peer, reason: error.message });
      })
      .finally(() => this.#mending.delete(connection));
  }
}

function carriesGossip({ streams }: Connection): boolean {
  return streams.some(({ protocol, direction, status }) => {
    return protocol.startsWith(PROTOCOL_PREFIX) && direction === 'outbound' && status === 'open';
  });
}

function topicOf(cluster: string): string {
  return `elock/${cluster}`;
}
