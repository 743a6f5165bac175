import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Mesh, type Network } from '../../src/adapters/mesh.ts';
import { RefusalLog } from '../../src/adapters/refusal-log.ts';
import type { PeerId } from '../../src/core/types.ts';
import { DIAL_TURN_MS, DIALS_MAX, FOUND_SLOWLY_MS_MAX } from '../../src/limits.ts';
import { CLUSTER, RecordingLogger } from './libp2p-peers.ts';

const SELF = 'm' as PeerId;
const VOTER = 'voter' as PeerId;
const LARGER = Array.from({ length: 10 }, (_, i) => `peer-${i}` as PeerId);

describe('a mesh', () => {
  let dialled: PeerId[];
  let fail: Map<PeerId, () => void>;
  let connected: Set<PeerId>;
  let mesh: Mesh;

  const network = {
    connections: () => [...connected].map((peer) => ({ status: 'open', remotePeer: peer })),
    dial: (peer: PeerId) => {
      dialled.push(peer);
      return new Promise((_, reject) => fail.set(peer, () => reject(new Error('late'))));
    },
  } as unknown as Network;

  beforeEach(() => {
    vi.useFakeTimers();
    dialled = [];
    fail = new Map();
    connected = new Set();
    const logger = new RecordingLogger();
    mesh = new Mesh({
      self: SELF,
      incarnation: 1,
      cluster: CLUSTER,
      epoch: () => 1,
      votes: (peer) => peer === VOTER,
      network,
      view: { version: 0, introductions: () => [] },
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
});
