/** What peers hear of each other, over the real transport. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Portrayal } from '../../src/adapters/cluster-news.ts';
import { KnownPeers } from '../../src/adapters/known-peers.ts';
import type { Libp2pTransportOptions } from '../../src/adapters/libp2p-transport.ts';
import type { PeerId } from '../../src/core/types.ts';
import {
  joined,
  type Key,
  keysInOrder,
  PORTRAYAL,
  RecordingLogger,
  type RunningPeer,
  startPeer,
} from './libp2p-peers.ts';
import { temporaryDirectory } from './temporary-directory.ts';

let keys: Key[];
let started: RunningPeer[] = [];

beforeAll(async () => {
  keys = await keysInOrder(5);
});

afterEach(async () => {
  await Promise.all(started.map(({ transport }) => transport.stop()));
  started = [];
});

async function peer(
  index: number,
  options: Partial<Libp2pTransportOptions> = {},
): Promise<RunningPeer> {
  const running = await startPeer(keys[index]!, options);
  started.push(running);
  return running;
}

/** Resolves once that peer has heard enough of another. */
async function knows(
  { transport, logger }: RunningPeer,
  other: PeerId,
  enough: (sight: Portrayal & { epoch: number; counter: number }) => boolean = () => true,
): Promise<void> {
  await logger.until(() => {
    const sight = transport.view.peer(other);
    return sight !== null && enough(sight);
  });
}

/** How a peer is, for others to be told when it changes. */
function changing(): { now: Portrayal } {
  return { now: PORTRAYAL };
}

describe('a peer', () => {
  it('shows all others, those that it cannot reach as well', async () => {
    const middle = await peer(0);
    const peers = middle.transport.addresses();
    const one = await peer(1, { peers, listen: [] });
    const other = await peer(2, { peers, listen: [], epoch: () => 4 });
    await knows(one, other.self);
    await knows(other, one.self);
    expect(one.transport.view.peers().map(({ peer }) => peer)).toEqual(
      [middle, one, other].map(({ self }) => self),
    );
    expect(one.transport.view.peer(other.self)).toMatchObject({
      ...PORTRAYAL,
      ...{ epoch: 4, incarnation: 1, addresses: [], gone: false },
    });
    expect(one.listener.count('opened', other.self)).toBe(0);
  });

  it('learns of everybody from the first that it meets', async () => {
    const first = await peer(0);
    const second = await peer(1, { peers: first.transport.addresses() });
    await knows(first, second.self);
    const peers = first.transport.addresses();
    const newcomer = await peer(2, { peers });
    await knows(newcomer, first.self);
    await knows(newcomer, second.self);
    await joined(newcomer, second);
  });

  it('is told of a change that came after it met the others', async () => {
    const portrait = changing();
    const first = await peer(0, { portray: () => portrait.now });
    const peers = first.transport.addresses();
    const others = [await peer(1, { peers }), await peer(2, { peers, listen: [] })];
    for (const other of others) await knows(other, first.self);
    const health = { ...PORTRAYAL.health, quorum: false };
    portrait.now = { ...PORTRAYAL, text: '10.0.0.1:11400', health };
    for (const other of others) await knows(other, first.self, ({ text }) => text !== null);
    expect(others[1]!.transport.view.peer(first.self)?.health.quorum).toBe(false);
  });

  it('asks whoever has a newer configuration, and only once it can', async () => {
    const told: [PeerId, number][] = [];
    let epoch = 1;
    const old = await peer(0, { newerEpoch: (by, newer) => told.push([by, newer]) });
    const same = await peer(1, { peers: old.transport.addresses() });
    await joined(old, same);
    const ahead = await peer(2, { peers: old.transport.addresses(), epoch: () => epoch });
    await joined(old, ahead);
    expect(told).toEqual([]);
    epoch = 7;
    await knows(old, ahead.self, (sight) => sight.epoch === 7);
    expect(told[0]).toEqual([ahead.self, 7]);
  });

  it('asks as soon as it meets somebody with a newer configuration', async () => {
    const ahead = await peer(1, { epoch: () => 3 });
    const asked = new Promise((newerEpoch) => {
      void peer(0, {
        peers: ahead.transport.addresses(),
        newerEpoch: (...told) => newerEpoch(told),
      });
    });
    expect(await asked).toEqual([ahead.self, 3]);
  });

  it('finds the others again after a restart that nobody told where they are', async () => {
    const directory = temporaryDirectory();
    const known = () => new KnownPeers(directory, new RecordingLogger());
    const stays = await peer(0);
    const peers = stays.transport.addresses();
    const moves = await startPeer(keys[1]!, { peers, known: known() });
    await joined(stays, moves);
    await moves.transport.stop();
    const again = await peer(1, { incarnation: 2, known: known() });
    await again.listener.until(() => again.listener.count('opened', stays.self) === 1);
  });
});
