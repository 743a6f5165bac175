import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Libp2pTransportOptions } from '../../src/adapters/libp2p-transport.ts';
import type { PeerId } from '../../src/core/types.ts';
import { FRAME_BYTES_MAX, UNSENT_BYTES_MAX } from '../../src/limits.ts';
import { encodeControlFrame } from '../../src/wire/control-codec.ts';
import { framed } from '../contracts/recording-listener.ts';
import { describeTransport, type TransportPair } from '../contracts/transport.ts';
import {
  CLUSTER,
  joined,
  type Key,
  keysInOrder,
  OTHER_CLUSTER,
  portOf,
  type RunningPeer,
  startPeer,
} from './libp2p-peers.ts';
import { HELLO, RawPeer } from './raw-peer.ts';
import { TcpRelay } from './tcp-relay.ts';

/** In the order of their ids: the first of two opens the channel. */
let keys: Key[];
/** What a test started, ended after it in reverse order. */
let started: (() => unknown)[] = [];

beforeAll(async () => {
  keys = await keysInOrder(4);
});

afterEach(async () => {
  for (const stop of started.reverse()) await stop();
  started = [];
});

async function peer(
  index: number,
  options: Partial<Libp2pTransportOptions> = {},
): Promise<RunningPeer> {
  const running = await startPeer(keys[index]!, options);
  started.push(() => running.transport.stop());
  return running;
}

async function relayTo(target: number | Promise<number>): Promise<TcpRelay> {
  const relay = await TcpRelay.start(target);
  started.push(() => relay.stop());
  return relay;
}

function addressOf({ transport }: RunningPeer): string {
  return transport.addresses()[0]!;
}

function withoutId(address: string): string {
  return address.replace(/\/p2p\/.*/, '');
}

/** Both still have their first channel, and frames pass both ways. */
async function expectUndisturbed(a: RunningPeer, b: RunningPeer, word: string): Promise<void> {
  a.transport.send(b.self, framed(`${word} there`));
  await b.listener.until(() => b.listener.framesFrom(a.self).includes(`${word} there`));
  b.transport.send(a.self, framed(`${word} back`));
  await a.listener.until(() => a.listener.framesFrom(b.self).includes(`${word} back`));
  expect(a.listener.count('opened', b.self)).toBe(1);
  expect(b.listener.count('opened', a.self)).toBe(1);
}

describeTransport('libp2p', async (): Promise<TransportPair> => {
  const [smaller, larger] = (await keysInOrder(2)) as [Key, Key];
  const right = await startPeer(larger);
  const relay = await TcpRelay.start(portOf(right.transport));
  const left = await startPeer(smaller, { incarnation: 7, peers: [relay.address] });
  return {
    left,
    right,
    until: (side, condition) => side.listener.until(condition),
    breakChannel: () => relay.breakAll(),
    stop: async () => {
      await Promise.all([left.transport.stop(), right.transport.stop()]);
      relay.stop();
    },
  };
});

describe('two peers meet when', () => {
  it('only the one that opens channels knows the other', async () => {
    const larger = await peer(1);
    const smaller = await peer(0, { peers: [addressOf(larger)] });
    await joined(smaller, larger);
  });

  it('only the one that waits to be found knows the other', async () => {
    const smaller = await peer(0);
    const larger = await peer(1, { peers: [addressOf(smaller)] });
    await joined(smaller, larger);
  });

  it('the id that goes with the address is not known', async () => {
    const smaller = await peer(0);
    const larger = await peer(1, { peers: [withoutId(addressOf(smaller))] });
    await joined(smaller, larger);
    expect(larger.transport.addressesOf(smaller.self)).toContain(addressOf(smaller));
  });

  it('both dial at once, over one channel', async () => {
    let bothListen!: () => void;
    const listening = new Promise<void>((resolve) => {
      bothListen = resolve;
    });
    const toSmaller = await relayTo(listening.then(() => portOf(smaller.transport)));
    const toLarger = await relayTo(listening.then(() => portOf(larger.transport)));
    const smaller: RunningPeer = await peer(0, { peers: [toLarger.address] });
    const larger: RunningPeer = await peer(1, { peers: [toSmaller.address] });
    bothListen();
    await joined(smaller, larger);
    await expectUndisturbed(smaller, larger, 'one');
  });

  it('a silent address and a closed one stand beside the right one', async () => {
    const server = createServer();
    started.push(() => server.close());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const smaller = await peer(0);
    const silent = `/ip4/127.0.0.1/tcp/${port}`;
    const larger = await peer(1, { peers: [silent, '/ip4/127.0.0.1/tcp/1', addressOf(smaller)] });
    await joined(smaller, larger);
  });
});

describe('a peer', () => {
  it('gives up an address that leads to itself, and finds the others', async () => {
    let listens!: () => void;
    const listening = new Promise<void>((resolve) => {
      listens = resolve;
    });
    const toItself = await relayTo(listening.then(() => portOf(larger.transport)));
    const smaller = await peer(0);
    const peers = [toItself.address, addressOf(smaller)];
    const larger: RunningPeer = await peer(1, { peers });
    listens();
    await joined(smaller, larger);
    await larger.logger.until(() => JSON.stringify(larger.logger.lines).includes('own address'));
    expect(larger.transport.addressesOf(larger.self)).toEqual([]);
  });
});

describe('a mesh', () => {
  it('of four is complete when each knows one address', async () => {
    const first = await peer(2);
    const others = [];
    for (const index of [0, 1, 3]) {
      others.push(await peer(index, { peers: [withoutId(addressOf(first))] }));
    }
    const all = [first, ...others];
    for (const a of all) for (const b of all) if (a !== b) await joined(a, b);
  });

  it('takes a peer back that was stopped and has a new incarnation', async () => {
    const larger = await peer(1, { incarnation: 4 });
    const listen = [withoutId(addressOf(larger))];
    const smaller = await peer(0, { peers: [addressOf(larger)] });
    await joined(smaller, larger);
    await larger.transport.stop();
    await smaller.listener.until(() => smaller.listener.count('closed', larger.self) === 1);
    const again = await peer(1, { incarnation: 5, listen });
    await again.listener.until(() => again.listener.count('opened', smaller.self) === 1);
    await smaller.listener.until(() => smaller.listener.count('opened', again.self) === 2);
    const incarnation = 5;
    expect(smaller.listener.heard.at(-1)).toEqual({
      kind: 'opened',
      peer: again.self,
      incarnation,
    });
  });

  it('notices a connection that has gone silent, and makes another', async () => {
    const larger = await peer(1);
    const relay = await relayTo(portOf(larger.transport));
    const smaller = await peer(0, { peers: [relay.address], listen: [] });
    await joined(smaller, larger);
    relay.silenceAll();
    await joined(smaller, larger, 2);
    expect(smaller.listener.count('closed', larger.self)).toBe(1);
  });

  it('closes a channel rather than keep more than it may for a peer that does not read', async () => {
    const larger = await peer(1);
    const relay = await relayTo(portOf(larger.transport));
    const smaller = await peer(0, { peers: [relay.address], listen: [] });
    await joined(smaller, larger);
    relay.silenceAll();
    const frame = framed('x'.repeat(FRAME_BYTES_MAX));
    const frames = Math.ceil(UNSENT_BYTES_MAX / frame.length) + 8;
    for (let i = 0; i < frames; i++) smaller.transport.send(larger.self, frame);
    await smaller.listener.until(() => smaller.listener.count('closed', larger.self) === 1);
    const lines = smaller.logger.lines.filter(({ message }) => message === 'channel closed');
    expect(JSON.stringify(lines)).toContain('bytes unsent');
  });
});

describe('beside an honest peer', () => {
  let honest: RunningPeer;
  let victim: RunningPeer;

  async function startBoth(options: Partial<Libp2pTransportOptions> = {}): Promise<void> {
    victim = await peer(3, options);
    honest = await peer(1, { peers: [addressOf(victim)] });
    await joined(honest, victim);
  }

  const tooLong = Buffer.alloc(4);
  tooLong.writeUInt32BE(FRAME_BYTES_MAX + 1);
  const otherVersion = Buffer.from(encodeControlFrame(HELLO));
  otherVersion[6] = 9;

  it.each([
    ['an over-long frame', tooLong, `frame of ${FRAME_BYTES_MAX + 1} bytes`],
    ['an unknown version', otherVersion, 'unknown version 9'],
    ['a hello of another cluster', { ...HELLO, cluster: OTHER_CLUSTER }, `is not ${CLUSTER}`],
    ['a frame before any hello', framed('what'), 'frame before any hello'],
    ['an unknown control frame', framed('\0\x63'), 'unknown kind 99'],
    ['a cut hello', framed('\0\x01\x01'), 'truncated'],
  ])('%s costs its own channel only', async (_, bytes, reason) => {
    await startBoth();
    const raw = await RawPeer.start(keys[0]!);
    started.push(() => raw.stop());
    const stream = await raw.open(addressOf(victim));
    stream.send(bytes instanceof Uint8Array ? bytes : encodeControlFrame(bytes));
    await stream.ended;
    expect(JSON.stringify(stream.heard)).toContain(reason);
    expect(victim.logger.warnings(reason)).toBe(1);
    expect(victim.listener.count('opened', keys[0]!.self)).toBe(0);
    await expectUndisturbed(honest, victim, 'still');
  });

  it('a peer of another cluster is refused, and both say why', async () => {
    await startBoth();
    const stranger = await startPeer(keys[0]!, {
      cluster: OTHER_CLUSTER,
      peers: [addressOf(victim)],
    });
    started.push(() => stranger.transport.stop());
    const refusal = `cluster ${OTHER_CLUSTER} is not ${CLUSTER}`;
    await stranger.logger.until(() => stranger.logger.warnings(refusal) === 1);
    expect(victim.logger.warnings(refusal)).toBe(1);
    await expectUndisturbed(honest, victim, 'still');
  });

  it('a peer that was removed is refused, told so, and named once', async () => {
    await startBoth({ isRemoved: (id) => id === keys[0]!.self });
    const told: string[] = [];
    const removed = await startPeer(keys[0]!, {
      shutOut: (by) => told.push(by),
      peers: [addressOf(victim)],
    });
    started.push(() => removed.transport.stop());
    await removed.logger.until(() => told.length >= 2);
    expect(told).toContain(victim.self);
    expect(victim.logger.warnings('it was removed from this cluster')).toBe(1);
    expect(victim.listener.count('opened', keys[0]!.self)).toBe(0);
    await expectUndisturbed(honest, victim, 'still');
  });

  it('garbage on the bare port changes nothing', async () => {
    await startBoth();
    const port = portOf(victim.transport);
    for (const garbage of [Buffer.from('GET / HTTP/1.0\r\n\r\n'), Buffer.alloc(100_000, 0xff)]) {
      const socket = connect(port, '127.0.0.1');
      // A reset, too, ends it well: `once` of node:events would take that for a failure.
      socket.on('error', () => {});
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.resume().end(garbage);
      await closed;
    }
    await expectUndisturbed(honest, victim, 'still');
  });

  it('a newer channel takes the place of an older one, and an older one is refused', async () => {
    await startBoth();
    const raw = await RawPeer.start(keys[0]!);
    started.push(() => raw.stop());
    const { self } = keys[0]!;
    const [first, second, late] = [
      await raw.open(addressOf(victim)),
      await raw.open(addressOf(victim)),
      await raw.open(addressOf(victim)),
    ];
    first.say({ ...HELLO, channel: 5 });
    await victim.listener.until(() => victim.listener.count('opened', self) === 1);
    second.say({ ...HELLO, channel: 6 });
    await victim.listener.until(() => victim.listener.count('opened', self) === 2);
    await first.ended;
    late.say({ ...HELLO, channel: 6 });
    await late.ended;
    expect(JSON.stringify(late.heard)).toContain('channel 6 after 6');
    expect(victim.listener.count('closed', self)).toBe(0);
    second.send(framed('of the second'));
    await victim.listener.until(() => victim.listener.framesFrom(self).length === 1);
    await expectUndisturbed(honest, victim, 'still');
  });

  it('a lower incarnation than was seen is refused', async () => {
    await startBoth();
    const raw = await RawPeer.start(keys[0]!);
    started.push(() => raw.stop());
    const first = await raw.open(addressOf(victim));
    first.say({ ...HELLO, incarnation: 9 });
    await victim.listener.until(() => victim.listener.count('opened', keys[0]!.self) === 1);
    const second = await raw.open(addressOf(victim));
    second.say({ ...HELLO, incarnation: 8, channel: 100 });
    await second.ended;
    const [farewell] = second.heard;
    expect(farewell).toMatchObject({ cause: 'stale-incarnation', reason: 'incarnation 8 after 9' });
  });

  it('another start of the incarnation that was seen is refused', async () => {
    await startBoth();
    const raw = await RawPeer.start(keys[0]!);
    started.push(() => raw.stop());
    const first = await raw.open(addressOf(victim));
    first.say({ ...HELLO, incarnation: 9, nonce: 3 });
    await victim.listener.until(() => victim.listener.count('opened', keys[0]!.self) === 1);
    const second = await raw.open(addressOf(victim));
    second.say({ ...HELLO, incarnation: 9, nonce: 4, channel: 100 });
    await second.ended;
    const reason = 'incarnation 9 was another start before';
    expect(second.heard[0]).toMatchObject({ cause: 'stale-incarnation', reason });
  });

  it.each([0, 2])('a peer whose later start is remembered is told so, as key %s', async (index) => {
    const stays = await peer(1);
    const later = await startPeer(keys[index]!, { incarnation: 9, peers: [addressOf(stays)] });
    await joined(stays, later);
    await later.transport.stop();
    const told = new Promise((outdated) => {
      void peer(index, { incarnation: 8, peers: [addressOf(stays)], outdated });
    });
    expect(await told).toBe(stays.self);
  });
});

describe('a transport', () => {
  it('tells a peer whose later start the core remembers', async () => {
    const larger = await peer(1);
    let told: PeerId | null = null;
    const outdated = (by: PeerId): void => {
      told = by;
    };
    const smaller = await peer(0, { peers: [addressOf(larger)], outdated });
    await joined(smaller, larger);
    larger.transport.disconnect(smaller.self, 'too old', 'stale-incarnation');
    await smaller.listener.until(() => smaller.listener.count('closed', larger.self) === 1);
    expect(told).toBe(larger.self);
  });

  it('says which address is taken', async () => {
    const server: Server = createServer();
    started.push(() => server.close());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const listen = [`/ip4/127.0.0.1/tcp/${port}`];
    await expect(startPeer(keys[0]!, { listen })).rejects.toMatchObject({
      code: 'addressInUse',
      message: expect.stringContaining(listen[0]!),
    });
  });

  it.each(['nonsense', '/ip4/127.0.0.1/udp/1', '/ip4/127.0.0.1/tcp/1/p2p/nobody'])(
    "does not take '%s' for an address of a peer, or to listen on",
    async (address) => {
      for (const options of [{ peers: [address] }, { listen: [address] }]) {
        const refused = { code: 'configuration', message: expect.stringContaining(address) };
        await expect(startPeer(keys[0]!, options)).rejects.toMatchObject(refused);
      }
    },
  );

  it('says farewell when it stops', async () => {
    const larger = await peer(1);
    const smaller = await peer(0, { peers: [addressOf(larger)] });
    await joined(smaller, larger);
    await larger.transport.stop();
    await smaller.listener.until(() => smaller.listener.count('closed', larger.self) === 1);
    expect(JSON.stringify(smaller.logger.lines)).toContain('this peer stops');
    expect(larger.listener.count('closed', smaller.self)).toBe(0);
  });
});
