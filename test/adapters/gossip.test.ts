/** Gossip between two bare nodes: what a transport would do for them, the test does. */
import type { Connection, Stream } from '@libp2p/interface';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seal } from '../../src/adapters/announcement-seal.ts';
import { ClusterView } from '../../src/adapters/cluster-view.ts';
import { Gossip } from '../../src/adapters/gossip.ts';
import { createNode, type Node } from '../../src/adapters/libp2p-node.ts';
import { announcementOf } from '../wire/announcements.ts';
import { CLUSTER } from '../wire/fixtures.ts';
import { type Key, keysInOrder, RecordingLogger } from './libp2p-peers.ts';

class Side {
  readonly logger = new RecordingLogger();
  readonly view: ClusterView;
  readonly gossip: Gossip;
  readonly node: Node;
  readonly #key: Key;

  constructor(key: Key, node: Node) {
    this.node = node;
    this.#key = key;
    const news = ({ counter }: { counter: number }) => {
      this.logger.log('debug', `news ${counter}`);
    };
    const isRemoved = (): boolean => false;
    this.view = new ClusterView({
      ...{ self: key.self, cluster: CLUSTER, isRemoved, now: () => 1, news },
    });
    const { services } = node;
    this.gossip = new Gossip({ services, cluster: CLUSTER, view: this.view, logger: this.logger });
  }

  static async start(key: Key): Promise<Side> {
    const node = await createNode({
      ...{ privateKey: key.privateKey, cluster: CLUSTER, mdns: false, privateNetwork: null },
      listen: ['/ip4/127.0.0.1/tcp/0'],
      discovered() {},
    });
    await node.start();
    const side = new Side(key, node);
    side.gossip.start();
    return side;
  }

  async announce(counter: number): Promise<void> {
    const announcement = announcementOf({ peer: this.#key.self, counter });
    this.gossip.publish(await seal(announcement, this.#key.privateKey));
  }

  hears(counter: number): Promise<void> {
    const heard = () => this.logger.lines.some(({ message }) => message === `news ${counter}`);
    return this.logger.until(heard);
  }

  /** Resolves once the other side would hear what this one says. */
  async isReady(): Promise<void> {
    const { pubsub } = this.node.services;
    const topic = pubsub.getTopics()[0]!;
    while (pubsub.getSubscribers(topic).length === 0) {
      await new Promise((resolve) =>
        pubsub.addEventListener('subscription-change', resolve, { once: true }),
      );
    }
  }
}

function gossipStreams({ streams }: Connection): Stream[] {
  return streams.filter(({ protocol }) => protocol.startsWith('/meshsub'));
}

describe('gossip', () => {
  let here: Side;
  let there: Side;
  let connection: Connection;

  beforeEach(async () => {
    const [one, other] = (await keysInOrder(2)) as [Key, Key];
    [here, there] = [await Side.start(one), await Side.start(other)];
    connection = await here.node.dial(there.node.getMultiaddrs());
    here.gossip.mend(connection, [connection]);
    await Promise.all([here.isReady(), there.isReady()]);
  });

  afterEach(async () => {
    await Promise.all([here.node.stop(), there.node.stop()]);
  });

  it('reaches the other side', async () => {
    await here.announce(1);
    await there.hears(1);
    await there.announce(2);
    await here.hears(2);
  });

  it('flows again once its streams are mended, which it does not do by itself', async () => {
    const back = there.node.getConnections()[0]!;
    const streams = [...gossipStreams(connection), ...gossipStreams(back)];
    const closed = streams.map(
      (stream) => new Promise((resolve) => stream.addEventListener('close', resolve)),
    );
    for (const stream of gossipStreams(connection)) stream.abort(new Error('test'));
    await Promise.all(closed);
    expect(gossipStreams(connection)).toEqual([]);
    here.gossip.mend(connection, [connection]);
    await here.isReady();
    await here.announce(3);
    await there.hears(3);
  });

  it('leaves streams alone that are as they should be', async () => {
    const before = gossipStreams(connection);
    expect(before.length).toBeGreaterThan(0);
    here.gossip.mend(connection, [connection]);
    await here.announce(4);
    await there.hears(4);
    expect(gossipStreams(connection)).toEqual(before);
  });
});
