/**
 * What every `Transport` keeps to, real or simulated: one suite for all.
 *
 * A harness makes two peers that find each other, and can break their channel from outside.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Incarnation, PeerId } from '../../src/core/types.ts';
import type { Transport } from '../../src/runtime/ports.ts';
import { framed, type RecordingListener } from './recording-listener.ts';

/** One of the two peers. */
export interface TransportSide {
  readonly self: PeerId;
  readonly incarnation: Incarnation;
  readonly transport: Transport;
  readonly listener: RecordingListener;
}

/** Two peers that can reach each other. */
export interface TransportPair {
  readonly left: TransportSide;
  readonly right: TransportSide;
  /** Lets the world go on until `condition` holds. */
  until(side: TransportSide, condition: () => boolean): Promise<void>;
  /** Breaks whatever joins the two, as a network would. */
  breakChannel(): void;
  /** Ends both peers. */
  stop(): Promise<void>;
}

/** @param makePair - makes the peers and starts them; `left` has the smaller id */
export function describeTransport(name: string, makePair: () => Promise<TransportPair>): void {
  describe(`${name} is a transport that`, () => {
    let pair: TransportPair;
    let left: TransportSide;
    let right: TransportSide;

    beforeEach(async () => {
      pair = await makePair();
      ({ left, right } = pair);
      await bothOpened(1);
    });

    afterEach(() => pair.stop());

    async function opened(side: TransportSide, other: TransportSide, times: number): Promise<void> {
      await pair.until(side, () => side.listener.count('opened', other.self) >= times);
    }

    async function bothOpened(times: number): Promise<void> {
      await opened(left, right, times);
      await opened(right, left, times);
    }

    async function arrived(side: TransportSide, from: TransportSide, text: string): Promise<void> {
      await pair.until(side, () => side.listener.framesFrom(from.self).includes(text));
    }

    it('names the other side and its incarnation before anything else', () => {
      for (const [side, other] of [
        [left, right],
        [right, left],
      ] as const) {
        const [first] = side.listener.heard;
        const { self: peer, incarnation } = other;
        expect(first).toEqual({ kind: 'opened', peer, incarnation });
      }
    });

    it('delivers frames whole, once and in order, both ways', async () => {
      const texts = Array.from({ length: 500 }, (_, i) => `frame ${i} ${'x'.repeat(i)}`);
      for (const text of texts) {
        left.transport.send(right.self, framed(text));
        right.transport.send(left.self, framed(text));
      }
      await arrived(right, left, texts.at(-1)!);
      await arrived(left, right, texts.at(-1)!);
      expect(right.listener.framesFrom(left.self)).toEqual(texts);
      expect(left.listener.framesFrom(right.self)).toEqual(texts);
    });

    it('delivers each of the frames sent as one', async () => {
      left.transport.send(right.self, framed('one', 'two', 'three'));
      await arrived(right, left, 'three');
      expect(right.listener.framesFrom(left.self)).toEqual(['one', 'two', 'three']);
    });

    it('delivers a frame of 3 MB', async () => {
      const text = 'm'.repeat(3_000_000);
      left.transport.send(right.self, framed(text, 'end'));
      await arrived(right, left, 'end');
      expect(right.listener.framesFrom(left.self)[0] === text).toBe(true);
    });

    it('delivers 24 MB, both ways at once', async () => {
      const texts = Array.from({ length: 24 }, (_, i) => `${i} ${'m'.repeat(1_000_000)}`);
      left.transport.send(right.self, framed(...texts));
      right.transport.send(left.self, framed(...texts));
      await arrived(right, left, texts.at(-1)!);
      await arrived(left, right, texts.at(-1)!);
      expect(right.listener.framesFrom(left.self).map((text) => text.length)).toEqual(
        texts.map((text) => text.length),
      );
    });

    it('drops what is for a peer that it does not know', () => {
      expect(() => left.transport.send('nobody' as PeerId, framed('lost'))).not.toThrow();
      expect(() => left.transport.disconnect('nobody' as PeerId, 'test', 'any')).not.toThrow();
    });

    it('tells both sides of a broken channel, and opens a new one', async () => {
      pair.breakChannel();
      await bothOpened(2);
      left.transport.send(right.self, framed('again'));
      await arrived(right, left, 'again');
      const closed = left.listener.count('closed', right.self);
      const opened = left.listener.count('opened', right.self);
      expect(closed).toBe(opened - 1);
    });

    it('never delivers on a channel what was sent on the one before', async () => {
      pair.breakChannel();
      left.transport.send(right.self, framed('sent into the broken one'));
      await bothOpened(2);
      left.transport.send(right.self, framed('sent into the new one'));
      await arrived(right, left, 'sent into the new one');
      const opened = right.listener.heard.findLastIndex(({ kind }) => kind === 'opened');
      const after = right.listener.heard.slice(opened + 1);
      const peer = left.self;
      expect(after).toEqual([{ kind: 'frame', peer, text: 'sent into the new one' }]);
    });

    it('closes a channel on demand, later than the call, and lets it come back', async () => {
      left.transport.disconnect(right.self, 'test', 'any');
      expect(left.listener.count('closed', right.self)).toBe(0);
      left.transport.send(right.self, framed('sent after the call'));
      await bothOpened(2);
      expect(left.listener.count('closed', right.self)).toBe(1);
      expect(right.listener.framesFrom(left.self)).toEqual([]);
    });

    it('delivers nothing more of a channel that is closed while a frame is heard', async () => {
      right.listener.react = (heard) => {
        if (heard.kind === 'frame') right.transport.disconnect(left.self, 'test', 'any');
      };
      left.transport.send(right.self, framed('one', 'two'));
      await opened(right, left, 2);
      expect(right.listener.framesFrom(left.self)).toEqual(['one']);
    });
  });
}
