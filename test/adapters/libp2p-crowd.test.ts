/**
 * A crowd over loopback: one voter, and more others than keep channels to each other.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PeerId } from '../../src/core/types.ts';
import { FULL_MESH_PEERS_MAX } from '../../src/limits.ts';
import { framed } from '../contracts/recording-listener.ts';
import { keysInOrder, type RunningPeer, startPeer } from './libp2p-peers.ts';

const OTHERS = FULL_MESH_PEERS_MAX + 2;

describe('of a crowd', () => {
  let peers: RunningPeer[];

  beforeEach(async () => {
    const [voter, ...others] = await keysInOrder(OTHERS + 1);
    const votes = (peer: PeerId) => peer === voter!.self;
    peers = [await startPeer(voter!, { votes })];
    const address = peers[0]!.transport.addresses()[0]!;
    for (const key of others) peers.push(await startPeer(key, { votes, peers: [address] }));
  });

  afterEach(() => Promise.all(peers.map(({ transport }) => transport.stop())));

  it('all reach each other, few of them by a channel, and are heard all the same', async () => {
    for (const { listener, self } of peers) {
      const others = peers.filter((other) => other.self !== self);
      await listener.until(() => others.every((other) => listener.count('opened', other.self) > 0));
    }
    const openedBy = (peer: RunningPeer): number =>
      peer.logger.lines.filter(({ message }) => message === 'channel opened').length;
    const ends = peers.slice(1).reduce((sum, peer) => sum + openedBy(peer), 0);
    expect(ends).toBeLessThan(OTHERS * OTHERS);

    for (const peer of peers) sayAgainOnceBack(peer);
    const pairs = peers.flatMap((from) =>
      peers.flatMap((to) => (to === from ? [] : [{ from, to, text: textTo(to.self) }])),
    );
    for (const { from, to, text } of pairs) from.transport.send(to.self, framed(text));
    for (const { from, to, text } of pairs) {
      await to.listener.until(() => to.listener.framesFrom(from.self).includes(text));
    }
  });
});

function textTo(peer: PeerId): string {
  return `to ${peer}`;
}

/**
 * All pairs meet at once, and on a machine that is busy with other things some do so too late: what
 * waited for their channel is lost, and `closed` says so. Only then is the peer opened once more.
 */
function sayAgainOnceBack({ listener, transport }: RunningPeer): void {
  listener.react = ({ kind, peer }) => {
    if (kind === 'opened') transport.send(peer, framed(textTo(peer)));
  };
}
