import type { ConnectionEncrypter, MessageStream, Stream } from '@libp2p/interface';
import { describe, expect, it } from 'vitest';
import { joinRecords, spareWindowUpdates } from '../../src/adapters/fewer-writes.ts';

describe('an encrypter whose records are joined', () => {
  it.each(['secureInbound', 'secureOutbound'] as const)(
    'hands over one piece (%s)',
    async (side) => {
      const sent: unknown[] = [];
      const connection = {
        send: (data: unknown) => sent.push(data) > 0,
      } as unknown as MessageStream;
      const secure = async (stream: MessageStream) => {
        const list = { subarray: () => Uint8Array.of(1, 2, 3) };
        stream.send(list as unknown as Uint8Array);
        stream.send(Uint8Array.of(4));
        return { connection: stream };
      };
      const encrypter = { secureInbound: secure, secureOutbound: secure };
      await joinRecords(encrypter as unknown as ConnectionEncrypter)[side](connection);
      expect(sent).toEqual([Uint8Array.of(1, 2, 3), Uint8Array.of(4)]);
    },
  );
});

describe('a stream that spares window updates', () => {
  function windowed(): {
    stream: EventTarget & { sendWindowUpdate(): void };
    updates: () => number;
  } {
    let updates = 0;
    const sendWindowUpdate = (): void => {
      updates += 1;
    };
    const stream = Object.assign(new EventTarget(), { sendWindowUpdate });
    spareWindowUpdates(stream as unknown as Stream);
    return { stream, updates: () => updates };
  }

  function read(stream: EventTarget & { sendWindowUpdate(): void }, bytes: number): void {
    const data = new Uint8Array(bytes);
    stream.dispatchEvent(Object.assign(new Event('message'), { data }));
    stream.sendWindowUpdate();
  }

  it('opens the window again after a quarter of it, however it was read', () => {
    const { stream, updates } = windowed();
    for (let i = 0; i < 64; i++) read(stream, 1_023);
    expect(updates()).toBe(0);
    read(stream, 64);
    expect(updates()).toBe(1);
    read(stream, 100);
    expect(updates()).toBe(1);
    read(stream, 200_000);
    expect(updates()).toBe(2);
  });

  it('is left alone when it has no windows', () => {
    expect(() => spareWindowUpdates(new EventTarget() as unknown as Stream)).not.toThrow();
  });
});
