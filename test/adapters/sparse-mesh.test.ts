/** A mesh that knows of a crowd: its voter, and others that it needs no channel to. */
import type { Connection, Stream } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PeerSight } from '../../src/adapters/cluster-view.ts';
import type { Network } from '../../src/adapters/dialler.ts';
import { Mesh } from '../../src/adapters/mesh.ts';
import { RefusalLog } from '../../src/adapters/refusal-log.ts';
import type { PeerId } from '../../src/core/types.ts';
import {
  FULL_MESH_PEERS_MAX,
  SLEEPY_ROUNDS_MIN,
  SLOW_ROUNDS,
  WAKE_MS_MAX,
} from '../../src/limits.ts';
import { decodeControlFrame, encodeControlFrame } from '../../src/wire/control-codec.ts';
import { framed, RecordingListener } from '../contracts/recording-listener.ts';
import { CLUSTER, RecordingLogger } from './libp2p-peers.ts';

const SELF = 'm' as PeerId;
const VOTER = 'a' as PeerId;
const PEER = 'z' as PeerId;
const CROWD = [
  PEER,
  ...Array.from({ length: FULL_MESH_PEERS_MAX }, (_, i) => `peer-${i}` as PeerId),
];
const HELLO = { cluster: CLUSTER, epoch: 1, incarnation: 3, nonce: 1 };

describe('a mesh of a crowd', () => {
  let dialled: PeerId[];
  let seen: Partial<PeerSight>;
  let awaited: PeerId | null;
  let listener: RecordingListener;
  let mesh: Mesh;
  let voter: FakeStream;

  const network = {
    connections: () => [],
    dial: (peer: PeerId) => {
      dialled.push(peer);
      return new Promise(() => {});
    },
  } as unknown as Network;

  beforeEach(async () => {
    vi.useFakeTimers();
    dialled = [];
    seen = { incarnation: 3, gone: false };
    awaited = null;
    const logger = new RecordingLogger();
    mesh = new Mesh({
      ...{ self: SELF, incarnation: 1, nonce: 1, cluster: CLUSTER, logger },
      epoch: () => 1,
      votes: (peer) => peer === VOTER,
      network,
      view: {
        version: 0,
        introductions: () => [],
        own: () => [],
        peer: (peer) => (CROWD.includes(peer) ? (seen as PeerSight) : null),
      },
      introduced: () => {},
      met: () => {},
      isRemoved: () => false,
      shutOut: () => {},
      outdated: () => {},
      refusals: new RefusalLog(logger),
      secrets: { opened: () => {}, heard: () => {}, awaits: (peer) => peer === awaited },
    });
    listener = new RecordingListener();
    mesh.listen(listener);
    voter = accept(VOTER);
    for (const peer of CROWD) mesh.peers.correct(peer, ['/ip4/127.0.0.1/tcp/1']);
    await vi.advanceTimersByTimeAsync(0);
  });

  afterEach(async () => {
    await mesh.stop();
    vi.useRealTimers();
  });

  function connectionOf(peer: PeerId): Connection {
    const remoteAddr = multiaddr('/ip4/127.0.0.1/tcp/1');
    return { remotePeer: peer, remoteAddr, close: async () => {} } as unknown as Connection;
  }

  /** That peer, whose id is smaller, opens a channel. */
  function accept(peer: PeerId): FakeStream {
    const stream = new FakeStream();
    mesh.accept(stream as unknown as Stream, connectionOf(peer));
    stream.hear(encodeControlFrame({ kind: 'hello', ...HELLO, channel: 1 }));
    return stream;
  }

  /** This peer opens a channel to the other one. */
  function open(nonce = HELLO.nonce): FakeStream {
    const stream = new FakeStream();
    mesh.adopt(mesh.peers.get(PEER)!, connectionOf(PEER), stream as unknown as Stream);
    stream.hear(encodeControlFrame({ kind: 'hello', ...HELLO, nonce, channel: stream.number }));
    return stream;
  }

  /** Rounds in which every channel is kept alive. */
  async function rounds(count: number, ...streams: FakeStream[]): Promise<void> {
    for (let i = 0; i < count; i++) {
      for (const stream of [voter, ...streams]) {
        stream.hear(encodeControlFrame({ kind: 'keep-alive' }));
      }
      mesh.round();
      await vi.advanceTimersByTimeAsync(0);
    }
  }

  const opened = (): number => listener.count('opened', PEER);
  const closed = (): number => listener.count('closed', PEER);

  it('dials none of them, and counts them as reached when they are heard of', async () => {
    expect(opened()).toBe(0);
    await rounds(SLOW_ROUNDS);
    for (const peer of CROWD) expect(listener.count('opened', peer)).toBe(1);
    expect(listener.asleep).toEqual(CROWD);
    expect(dialled).toEqual([]);
    expect([...mesh.asleep]).toEqual(CROWD);
  });

  it('does not count as reached whoever is gone, and no more whoever went', async () => {
    seen = { incarnation: 3, gone: true };
    await rounds(SLOW_ROUNDS);
    expect(opened()).toBe(0);
    seen = { incarnation: 3, gone: false };
    await rounds(SLOW_ROUNDS);
    seen = { incarnation: 3, gone: true };
    await rounds(SLOW_ROUNDS);
    expect([opened(), closed()]).toEqual([1, 1]);
  });

  it('tells of a peer that has started again since', async () => {
    await rounds(SLOW_ROUNDS);
    seen = { incarnation: 4, gone: false };
    await rounds(SLOW_ROUNDS);
    expect([opened(), closed()]).toEqual([2, 1]);
    expect(listener.heard.at(-1)).toMatchObject({ kind: 'opened', incarnation: 4 });
  });

  it('dials one at once when something is to be said, and says it', async () => {
    await rounds(SLOW_ROUNDS);
    mesh.send(PEER, framed('first'));
    mesh.send(PEER, framed('second'));
    await vi.advanceTimersByTimeAsync(0);
    expect(dialled).toEqual([PEER]);
    const stream = open();
    expect(stream.messages()).toEqual(['first', 'second']);
    await vi.advanceTimersByTimeAsync(WAKE_MS_MAX);
    expect(closed()).toBe(0);
  });

  it('tells that a peer is not reached when it does not come in time, and goes on', async () => {
    await rounds(SLOW_ROUNDS);
    mesh.send(PEER, framed('lost'));
    await vi.advanceTimersByTimeAsync(WAKE_MS_MAX);
    expect(closed()).toBe(1);
    await rounds(SLOW_ROUNDS);
    expect(opened()).toBe(1);
    expect(mesh.isReached(PEER)).toBe(false);
    expect(open().messages()).toEqual([]);
    expect(opened()).toBe(2);
  });

  it('lets a channel sleep on which nothing is said, and tells nobody', async () => {
    const stream = open();
    await rounds(SLEEPY_ROUNDS_MIN + SLOW_ROUNDS, stream);
    expect(stream.farewell()).toBe('asleep');
    expect(mesh.hasChannel(PEER)).toBe(false);
    expect(mesh.isReached(PEER)).toBe(true);
    expect([opened(), closed()]).toEqual([1, 0]);

    mesh.send(PEER, framed('again'));
    expect(open().messages()).toEqual(['again']);
    expect([opened(), closed()]).toEqual([1, 0]);
  });

  it('says nothing to another life what was meant for the one that slept', async () => {
    await rounds(SLEEPY_ROUNDS_MIN + SLOW_ROUNDS, open());
    mesh.send(PEER, framed('meant for another'));
    expect(open(2).messages()).toEqual([]);
  });

  it('keeps the channel to a voter, and to whoever is to be told of a secret', async () => {
    awaited = PEER;
    const stream = open();
    await rounds(SLEEPY_ROUNDS_MIN + SLOW_ROUNDS, stream);
    expect(mesh.hasChannel(VOTER)).toBe(true);
    expect(mesh.hasChannel(PEER)).toBe(true);
  });

  it('dials everybody when it reaches no voter', async () => {
    await rounds(SLOW_ROUNDS);
    voter.hear(encodeControlFrame({ kind: 'farewell', cause: 'any', reason: 'stop' }));
    await rounds(SLOW_ROUNDS);
    await vi.advanceTimersByTimeAsync(0);
    expect(dialled.length).toBeGreaterThan(0);
    expect(dialled.every((peer) => peer === VOTER || CROWD.includes(peer))).toBe(true);
  });

  it('forgets one that is to be heard no more', async () => {
    await rounds(SLOW_ROUNDS);
    mesh.disconnect(PEER, 'an old copy', 'stale-incarnation');
    expect(mesh.isReached(PEER)).toBe(false);
    await rounds(SLOW_ROUNDS);
    expect(opened()).toBe(1);
  });
});

/** As much of a stream as a channel uses. */
class FakeStream extends EventTarget {
  status = 'open';
  readonly writeBufferLength = 0;
  readonly #sent: Buffer[] = [];

  send(bytes: Uint8Array): void {
    this.#sent.push(Buffer.from(bytes).subarray(4));
  }

  abort(): void {
    this.status = 'aborted';
  }

  async close(): Promise<void> {}

  hear(bytes: Uint8Array): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data: bytes }));
  }

  #control() {
    return this.#sent.flatMap((body) => {
      const decoded = decodeControlFrame(body);
      return decoded.ok ? [decoded.frame] : [];
    });
  }

  /** That the opener gave the channel. */
  get number(): number {
    return this.#control().flatMap((frame) => (frame.kind === 'hello' ? [frame.channel] : []))[0]!;
  }

  farewell(): string | undefined {
    return this.#control().flatMap((f) => (f.kind === 'farewell' ? [f.cause] : []))[0];
  }

  messages(): string[] {
    return this.#sent.filter((body) => !decodeControlFrame(body).ok).map(String);
  }
}
