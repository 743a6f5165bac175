/**
 * The door of a private network: who knows the key comes in, whoever does not costs nearly nothing.
 */
import { connect } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Keyring } from '../../src/adapters/keyring.ts';
import type { Libp2pTransportOptions } from '../../src/adapters/libp2p-transport.ts';
import { newSecretKey } from '../../src/adapters/system-random.ts';
import { SECRETS_MAX } from '../../src/limits.ts';
import type { SecretKey } from '../../src/wire/secret.ts';
import { framed } from '../contracts/recording-listener.ts';
import {
  joined,
  type Key,
  keysInOrder,
  portOf,
  type RunningPeer,
  startPeer,
} from './libp2p-peers.ts';

const [FIRST, SECOND, THIRD] = [newSecretKey(), newSecretKey(), newSecretKey()];

let keys: Key[];
let started: RunningPeer[] = [];

beforeAll(async () => {
  keys = await keysInOrder(3);
});

afterEach(async () => {
  for (const { transport } of started) await transport.stop();
  started = [];
});

async function peer(
  index: number,
  secrets: readonly SecretKey[] | null,
  options: Partial<Libp2pTransportOptions> = {},
): Promise<RunningPeer> {
  const running = await startPeer(keys[index]!, { keyring: ringOf(secrets), ...options });
  started.push(running);
  return running;
}

/** Of the first generation the last, and so on. */
function ringOf(secrets: readonly SecretKey[] | null): Keyring | null {
  if (secrets === null) return null;
  const held = secrets.map((key, index) => ({
    generation: secrets.length - index,
    key,
    retiresAt: index === 0 ? null : Number.MAX_SAFE_INTEGER,
  }));
  return new Keyring({ held, save: () => {}, now: Date.now });
}

function addressOf({ transport }: RunningPeer): string {
  return transport.addresses()[0]!;
}

describe('two peers meet', () => {
  it('by a key that both know, whichever each of them has as its newest', async () => {
    const rows: [SecretKey[], SecretKey[]][] = [
      [[FIRST], [FIRST]],
      [[SECOND, FIRST], [FIRST]],
      [[FIRST], [SECOND, FIRST]],
      [[THIRD, SECOND, FIRST].slice(0, SECRETS_MAX), [SECOND, FIRST]],
    ];
    for (const [left, right] of rows) {
      const larger = await peer(1, right);
      const smaller = await peer(0, left, { peers: [addressOf(larger)] });
      await joined(smaller, larger);
      smaller.transport.send(larger.self, framed('hello'));
      await larger.listener.until(() => larger.listener.framesFrom(smaller.self).includes('hello'));
      for (const { transport } of started.splice(0)) await transport.stop();
    }
  });
});

describe('a new secret', () => {
  it('reaches every member at once, and the old one is void when all have it', async () => {
    const a = await peer(0, [FIRST]);
    const b = await peer(1, [FIRST], { peers: [addressOf(a)] });
    const c = await peer(2, [FIRST], { peers: [addressOf(a), addressOf(b)] });
    await joined(a, b);
    await joined(a, c);
    await joined(b, c);
    a.transport.secrets!.rotate();
    for (const { logger } of [a, b, c]) {
      await logger.until(() => logger.lines.some(({ message }) => /the old is void/.test(message)));
    }
    expect(a.transport.secrets!.missing).toEqual([]);
    expect(a.listener.count('closed', b.self) + b.listener.count('closed', c.self)).toBe(0);
  });

  it('is one, though two members make one at the same moment', async () => {
    const rings = [ringOf([FIRST])!, ringOf([FIRST])!];
    const a = await peer(0, null, { keyring: rings[0]! });
    const b = await peer(1, null, { keyring: rings[1]!, peers: [addressOf(a)] });
    await joined(a, b);
    a.transport.secrets!.rotate();
    b.transport.secrets!.rotate();
    for (const { logger } of [a, b]) {
      await logger.until(() => logger.lines.some(({ message }) => /the old is void/.test(message)));
    }
    expect(rings[0]!.keys).toEqual(rings[1]!.keys);
    expect(rings[0]!.keys).toHaveLength(1);
  });

  it('is given to a member that was away, which came in by the old one', async () => {
    const away = keys[1]!.self;
    const a = await peer(0, [FIRST], { members: () => [away] });
    a.transport.secrets!.rotate();
    expect(a.transport.secrets!.missing).toEqual([away]);
    const ring = ringOf([FIRST])!;
    const b = await peer(1, null, { keyring: ring, peers: [addressOf(a)] });
    await joined(a, b);
    await a.transport.secrets!.settled(10_000);
    expect(a.transport.secrets!.missing).toEqual([]);
    expect(ring.newest.generation).toBe(2);
  });
});

describe('a stranger', () => {
  it('with another key is refused, and named once however often it comes', async () => {
    const host = await peer(0, [FIRST]);
    const stranger = await peer(1, [SECOND, THIRD], { peers: [addressOf(host)] });
    const attempts = () => stranger.logger.lines.filter((l) => l.message === 'peer not reached');
    await stranger.logger.until(() => attempts().length >= 3);
    expect(host.logger.warnings('does not know the secret')).toBe(1);
    expect(stranger.logger.warnings('get a new invite')).toBe(1);
    expect(stranger.transport.isOutsider).toBe(true);
    expect(host.listener.count('opened', stranger.self)).toBe(0);
  });

  it('without any key is refused, whichever of the two dials', async () => {
    const host = await peer(0, [FIRST]);
    const open = await peer(1, null, { peers: [addressOf(host)] });
    const guest = await peer(2, [FIRST], { peers: [addressOf(open)] });
    for (const { logger } of [open, guest]) {
      await logger.until(() => logger.lines.some((l) => l.message === 'peer not reached'));
    }
    expect(host.listener.count('opened', open.self)).toBe(0);
    expect(open.listener.count('opened', guest.self)).toBe(0);
  });
});

describe('a flood of a thousand strangers', () => {
  it('leaves two members undisturbed, and lets a third one in', async () => {
    const a = await peer(0, [FIRST]);
    const b = await peer(1, [FIRST], { peers: [addressOf(a)] });
    await joined(a, b);
    const strangers = Array.from({ length: 1_000 }, (_, index) => {
      const socket = connect(portOf(a.transport), '127.0.0.1').on('error', () => {});
      socket.resume();
      // A third says nothing, a third speaks another protocol, a third offers wrong proofs.
      if (index % 3 === 1) socket.write('\u0013/multistream/1.0.0\n');
      if (index % 3 === 2) socket.write(Buffer.alloc(64, index));
      return new Promise<void>((resolve) => socket.once('close', () => resolve()));
    });
    for (let count = 1; count <= 100; count += 1) {
      b.transport.send(a.self, framed(`word ${count}`));
      await a.listener.until(() => a.listener.framesFrom(b.self).length >= count);
    }
    const c = await peer(2, [FIRST], { peers: [addressOf(a)] });
    await joined(a, c);
    await Promise.all(strangers);
    expect(a.listener.count('closed', b.self)).toBe(0);
    expect(a.logger.warnings('does not know the secret')).toBe(1);
  }, 30_000);
});
