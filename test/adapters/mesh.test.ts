import type { Connection, Stream } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PeerSight } from '../../src/adapters/cluster-view.ts';
import type { Network } from '../../src/adapters/dialler.ts';
import { Mesh } from '../../src/adapters/mesh.ts';
import { RefusalLog } from '../../src/adapters/refusal-log.ts';
import type { PeerId } from '../../src/core/types.ts';
import {
  CONNECT_MS_MAX,
  DIAL_TURN_MS,
  DIALS_MAX,
  FOUND_SLOWLY_MS_MAX,
  REDIAL_MS_MAX,
  TOLD_ROUNDS_MAX,
  TOLD_ROUNDS_MIN,
  UPGRADE_LATE_MS_MAX,
  UPGRADE_MS_MAX,
} from '../../src/limits.ts';
import {
  decodeControlFrame,
  encodeControlFrame,
  type Introduced,
} from '../../src/wire/control-codec.ts';
import { CLUSTER, RecordingLogger } from './libp2p-peers.ts';

const SELF = 'm' as PeerId;
const KNOWN = 'b' as PeerId;
const OWN = { sealed: Buffer.from('own'), ageMs: 0 };
const OTHERS = { sealed: Buffer.from('others'), ageMs: 5 };
const VOTER = 'voter' as PeerId;
const LARGER = Array.from({ length: 10 }, (_, i) => `peer-${i}` as PeerId);

describe('a mesh', () => {
  let dialled: PeerId[];
  let given: number[];
  let fail: Map<PeerId, (name?: string) => void>;
  let connected: Set<PeerId>;
  let mesh: Mesh;

  const network = {
    connections: () => [...connected].map((peer) => ({ status: 'open', remotePeer: peer })),
    dial: (peer: PeerId, _: readonly string[], ms: number) => {
      dialled.push(peer);
      given.push(ms);
      return new Promise((_, reject) => {
        fail.set(peer, (name = 'Error') => reject(Object.assign(new Error('late'), { name })));
      });
    },
  } as unknown as Network;

  beforeEach(() => {
    vi.useFakeTimers();
    dialled = [];
    given = [];
    fail = new Map();
    connected = new Set();
    const logger = new RecordingLogger();
    mesh = new Mesh({
      self: SELF,
      incarnation: 1,
      nonce: 1,
      cluster: CLUSTER,
      epoch: () => 1,
      votes: (peer) => peer === VOTER,
      network,
      view: {
        version: 0,
        introductions: () => [OWN, OTHERS],
        own: () => [OWN],
        peer: (peer) => (peer === KNOWN ? ({ incarnation: 4 } as PeerSight) : null),
      },
      introduced: () => {},
      met: () => {},
      isRemoved: () => false,
      shutOut: () => {},
      outdated: () => {},
      logger,
      refusals: new RefusalLog(logger),
      secrets: null,
    });
  });

  afterEach(async () => {
    await mesh.stop();
    vi.useRealTimers();
  });

  function hearOf(...peers: PeerId[]): Promise<unknown> {
    for (const peer of peers) mesh.peers.hear(peer, ['/ip4/127.0.0.1/tcp/1']);
    return vi.advanceTimersByTimeAsync(0);
  }

  it('dials a few at a time, the next when one is done, and voters at once', async () => {
    await hearOf(...LARGER);
    expect(dialled).toEqual(LARGER.slice(0, DIALS_MAX));
    await hearOf(VOTER);
    expect(dialled.at(-1)).toBe(VOTER);
    fail.get(LARGER[0]!)!();
    await vi.advanceTimersByTimeAsync(0);
    expect(dialled.at(-1)).toBe(LARGER[DIALS_MAX]);
    expect(dialled).toHaveLength(DIALS_MAX + 2);
  });

  it('goes on with others when those that it dials do not answer', async () => {
    await hearOf(...LARGER);
    await vi.advanceTimersByTimeAsync(DIAL_TURN_MS);
    expect(dialled).toEqual(LARGER.slice(0, 2 * DIALS_MAX));
  });

  it('dials nobody who came by himself meanwhile', async () => {
    await hearOf(...LARGER);
    connected.add(LARGER[DIALS_MAX]!);
    await vi.advanceTimersByTimeAsync(DIAL_TURN_MS);
    const after = LARGER.slice(DIALS_MAX + 1, 2 * DIALS_MAX + 1);
    expect(dialled).toEqual([...LARGER.slice(0, DIALS_MAX), ...after]);
  });

  it('gives a smaller id that does not vote the time to come by itself', async () => {
    const smaller = 'a' as PeerId;
    await hearOf(smaller);
    await vi.advanceTimersByTimeAsync(FOUND_SLOWLY_MS_MAX - 1);
    expect(dialled).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(dialled).toEqual([smaller]);
  });

  it('gives a dial that was late twice the time when it is repeated, up to a bound', async () => {
    await hearOf(VOTER);
    for (let times = 0; times < 6; times += 1) {
      fail.get(VOTER)!('TimeoutError');
      await vi.advanceTimersByTimeAsync(REDIAL_MS_MAX);
    }
    const upgrades = given.map((ms) => ms - CONNECT_MS_MAX);
    expect(upgrades.slice(0, 3)).toEqual([UPGRADE_MS_MAX, 2 * UPGRADE_MS_MAX, 4 * UPGRADE_MS_MAX]);
    expect(upgrades.at(-1)).toBe(UPGRADE_LATE_MS_MAX);
  });

  it('gives no more time to whoever is not there at all', async () => {
    await hearOf(VOTER);
    fail.get(VOTER)!('ConnectionFailedError');
    await vi.advanceTimersByTimeAsync(REDIAL_MS_MAX);
    expect(given).toEqual([CONNECT_MS_MAX + UPGRADE_MS_MAX, CONNECT_MS_MAX + UPGRADE_MS_MAX]);
  });

  it.each<[string, PeerId, number, unknown[]]>([
    ['all that it knows to a newcomer', 'a' as PeerId, 1, [OWN, OTHERS]],
    ['of itself to whom it has heard of', KNOWN, 4, [OWN]],
    ['all that it knows to whoever has started since', KNOWN, 5, [OWN, OTHERS]],
  ])('tells %s', (_, peer, incarnation, expected) => {
    const stream = new FakeStream();
    const connection = { remotePeer: peer, remoteAddr: multiaddr('/ip4/127.0.0.1/tcp/1') };
    mesh.accept(stream as unknown as Stream, connection as unknown as Connection);
    const hello = { cluster: CLUSTER, epoch: 1, incarnation, nonce: 1, channel: 1 };
    stream.hear(encodeControlFrame({ kind: 'hello', ...hello }));
    expect(stream.introduced()).toEqual(expected);
  });

  it('tells again what was learned since, ever more rarely', () => {
    const stream = new FakeStream();
    const connection = { remotePeer: 'a', remoteAddr: multiaddr('/ip4/127.0.0.1/tcp/1') };
    mesh.accept(stream as unknown as Stream, connection as unknown as Connection);
    const hello = { cluster: CLUSTER, epoch: 1, incarnation: 1, nonce: 1, channel: 1 };
    stream.hear(encodeControlFrame({ kind: 'hello', ...hello }));
    const told: number[] = [];
    for (let round = 1; round <= 2 * TOLD_ROUNDS_MAX; round++) {
      const before = stream.introduced().length;
      stream.hear(encodeControlFrame({ kind: 'keep-alive' }));
      mesh.round();
      if (stream.introduced().length > before) told.push(round);
    }
    expect(told.slice(0, 3)).toEqual([1, 2, 4].map((times) => times * TOLD_ROUNDS_MIN));
    expect(told.at(-1)).toBe(TOLD_ROUNDS_MAX);
  });
});

/** As much of a stream as an accepted channel uses. */
class FakeStream extends EventTarget {
  readonly status = 'open';
  readonly writeBufferLength = 0;
  readonly #sent: Uint8Array[] = [];

  send(bytes: Uint8Array): void {
    this.#sent.push(bytes);
  }

  abort(): void {}

  async close(): Promise<void> {}

  hear(bytes: Uint8Array): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data: bytes }));
  }

  introduced(): Introduced[] {
    return this.#sent.flatMap((bytes) => {
      const decoded = decodeControlFrame(bytes.subarray(4));
      if (!decoded.ok || decoded.frame.kind !== 'introduction') return [];
      return decoded.frame.known.map(({ sealed, ageMs }) => ({
        sealed: Buffer.from(sealed),
        ageMs,
      }));
    });
  }
}
