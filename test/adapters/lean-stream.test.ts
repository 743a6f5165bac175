import type { ConnectionEncrypter, MessageStream, StreamMessageEvent } from '@libp2p/interface';
import { AbstractMessageStream } from '@libp2p/utils';
import { describe, expect, it, vi } from 'vitest';
import { flowPlainly, hearPlainly, secureLeanly } from '../../src/adapters/lean-stream.ts';
import { RecordSplitter } from '../../src/adapters/record-splitter.ts';

const log = Object.assign(() => {}, { error: () => {}, trace: () => {} });

/** A stream of libp2p whose far end is in the hands of a test. */
class TestStream extends AbstractMessageStream {
  readonly sent: number[][] = [];
  takesMore = true;
  meanwhile: (() => void) | null = null;
  failure: Error | null = null;

  constructor() {
    super({ log } as never);
  }

  override sendData(data: { subarray(): Uint8Array; byteLength: number }) {
    if (this.failure !== null) throw this.failure;
    this.sent.push([...data.subarray()]);
    this.meanwhile?.();
    return { sentBytes: data.byteLength, canSendMore: this.takesMore };
  }
  override sendReset(): void {}
  override sendPause(): void {}
  override sendResume(): void {}
  async close(): Promise<void> {}
  receive(...bytes: number[]): void {
    this.onData(Uint8Array.from(bytes));
  }
}

function hearing(stream: TestStream): number[][] {
  const heard: number[][] = [];
  stream.addEventListener('message', ({ data }) => heard.push([...data.subarray()]));
  return heard;
}

describe('a stream that is heard plainly', () => {
  it('calls its listeners without an event, in order', () => {
    const stream = hearPlainly(new TestStream());
    const dispatch = vi.spyOn(stream, 'dispatchEvent');
    const [one, other] = [hearing(stream), hearing(stream)];
    stream.receive(1, 2);
    stream.receive(3);
    expect(one).toEqual([[1, 2], [3]]);
    expect(other).toEqual(one);
    expect(dispatch).not.toHaveBeenCalled();
  });

  it('calls a listener no more that was removed', () => {
    const stream = hearPlainly(new TestStream());
    const heard: StreamMessageEvent[] = [];
    const listener = (event: StreamMessageEvent): void => void heard.push(event);
    stream.addEventListener('message', listener);
    stream.removeEventListener('message', listener);
    const rest = hearing(stream);
    stream.receive(1);
    expect(heard).toEqual([]);
    expect(rest).toEqual([[1]]);
  });

  it('keeps what comes while nobody listens, or while it is paused, and tells it first', async () => {
    const stream = hearPlainly(new TestStream());
    stream.receive(1);
    const heard = hearing(stream);
    await Promise.resolve();
    stream.pause();
    stream.receive(2);
    expect(heard).toEqual([[1]]);
    stream.resume();
    stream.receive(3);
    expect(heard).toEqual([[1], [2], [3]]);
  });

  it('leaves listeners with options to libp2p', () => {
    const stream = hearPlainly(new TestStream());
    const once: number[] = [];
    stream.addEventListener('message', ({ data }) => once.push(data.byteLength), { once: true });
    const heard = hearing(stream);
    stream.receive(1);
    stream.receive(2, 3);
    expect(once).toEqual([1]);
    expect(heard).toEqual([[1], [2, 3]]);
  });

  it('lets an error of a listener end the process, and nobody below catch it', () => {
    const stream = hearPlainly(new TestStream());
    const nextTick = vi.spyOn(process, 'nextTick').mockImplementation(() => {});
    stream.addEventListener('message', () => {
      throw new Error('a broken invariant');
    });
    stream.receive(1);
    const [thrower] = nextTick.mock.lastCall ?? [];
    nextTick.mockRestore();
    expect(thrower).toThrow('a broken invariant');
  });

  it('makes no event that nobody listens for', () => {
    const stream = hearPlainly(new TestStream());
    const dispatch = vi.spyOn(stream, 'dispatchEvent');
    stream.send(Uint8Array.of(1));
    expect(dispatch).not.toHaveBeenCalled();
    const idle = vi.fn();
    stream.addEventListener('idle', idle);
    stream.send(Uint8Array.of(2));
    expect(idle).toHaveBeenCalledOnce();
  });
});

describe('a stream that flows plainly', () => {
  it('hands on what is sent in one piece', () => {
    const stream = flowPlainly(new TestStream());
    const list = { byteLength: 3, subarray: () => Uint8Array.of(1, 2, 3) };
    expect(stream.send(list as never)).toBe(true);
    expect(stream.sent).toEqual([[1, 2, 3]]);
    expect(stream.writeBufferLength).toBe(0);
  });

  it('says when the other side takes no more, keeps the rest, and sends it after the drain', async () => {
    const stream = flowPlainly(new TestStream());
    stream.takesMore = false;
    expect(stream.send(Uint8Array.of(1))).toBe(false);
    expect(stream.send(Uint8Array.of(2))).toBe(false);
    expect(stream.sent).toEqual([[1]]);
    stream.takesMore = true;
    stream.safeDispatchEvent('drain');
    await Promise.resolve();
    stream.send(Uint8Array.of(3));
    expect(stream.sent).toEqual([[1], [2], [3]]);
  });

  it('sends after it what is sent from inside', () => {
    const stream = flowPlainly(new TestStream());
    stream.meanwhile = () => {
      stream.meanwhile = null;
      stream.send(Uint8Array.of(2));
    };
    stream.send(Uint8Array.of(1));
    expect(stream.sent).toEqual([[1], [2]]);
  });

  it('is aborted by an error, and refuses what is sent later', () => {
    const stream = flowPlainly(new TestStream());
    stream.failure = new Error('the cable was cut');
    expect(() => stream.send(Uint8Array.of(1))).toThrow('the cable was cut');
    expect(stream.status).toBe('aborted');
    expect(() => stream.send(Uint8Array.of(2))).toThrow('closed');
  });

  it('is left alone when it is not what libp2p makes', () => {
    const other = { send: () => true } as unknown as MessageStream;
    const { send } = other;
    expect(flowPlainly(other).send).toBe(send);
  });
});

describe('an encrypter that secures leanly', () => {
  it.each(['secureInbound', 'secureOutbound'] as const)(
    'gets another decoder (%s)',
    async (side) => {
      const connection = Object.assign(new TestStream(), { decoder: {} });
      const secure = async () => ({ connection });
      const encrypter = { secureInbound: secure, secureOutbound: secure };
      await secureLeanly(encrypter as unknown as ConnectionEncrypter)[side](connection);
      expect(connection.decoder).toBeInstanceOf(RecordSplitter);
    },
  );
});
