import type { Connection, Stream } from '@libp2p/interface';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  Channel,
  type ChannelEnd,
  type ChannelOwner,
  type Refusal,
} from '../../src/adapters/channel.ts';
import type { ClusterId, PeerId } from '../../src/core/types.ts';
import {
  GREETING_ROUNDS_MAX,
  IDLE_ROUNDS_MIN,
  QUIET_IDLE_ROUNDS_MAX,
  QUIET_ROUNDS_MAX,
  SILENT_IDLE_ROUNDS_MAX,
  SILENT_ROUNDS_MAX,
  SILENT_SLOW_ROUNDS_MAX,
  SLEEPY_ROUNDS_MIN,
  UNSENT_BYTES_MAX,
} from '../../src/limits.ts';
import {
  type ControlFrame,
  decodeControlFrame,
  encodeControlFrame,
  type Hello,
} from '../../src/wire/control-codec.ts';
import { framed } from '../contracts/recording-listener.ts';

const PEER = 'Bob' as PeerId;
const INTRODUCTION = { cluster: 'ab'.repeat(32) as ClusterId, epoch: 1, incarnation: 3, nonce: 5 };
const HELLO: Hello = { kind: 'hello', ...INTRODUCTION, channel: 12 };

/** As much of a stream as a channel uses. */
class FakeStream extends EventTarget {
  status = 'open';
  writeBufferLength = 0;
  readonly sent: Uint8Array[] = [];

  send(bytes: Uint8Array): boolean {
    if (this.status !== 'open') throw new Error('stream is closed');
    this.sent.push(bytes);
    return true;
  }

  abort(): void {
    this.status = 'aborted';
  }

  async close(): Promise<void> {
    this.status = 'closed';
  }

  /** The other side says that. */
  hear(bytes: Uint8Array): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data: bytes }));
  }

  takeControlFrames(): ControlFrame[] {
    return this.sent.splice(0).map((bytes) => {
      const decoded = decodeControlFrame(bytes.subarray(4));
      if (!decoded.ok) throw new Error(decoded.reason);
      return decoded.frame;
    });
  }
}

describe('a channel', () => {
  let stream: FakeStream;
  let aborted: boolean;
  let isUrgent: boolean;
  let refusal: Refusal | null;
  let heard: string[];
  let ends: (ChannelEnd & { readonly wasOpen: boolean })[];

  const owner: ChannelOwner = {
    introduce: () => INTRODUCTION,
    judge: () => refusal,
    opened: ({ number, incarnation }) => heard.push(`opened ${number} ${incarnation}`),
    frame: (_, frame) => heard.push(Buffer.from(frame).toString()),
    aboutSecrets: () => {},
    shutOut: () => heard.push('shut out'),
    introduced: (_, known) => heard.push(JSON.stringify(known)),
    abandoned: () => {
      aborted = true;
    },
    isUrgent: () => isUrgent,
    outdated: () => heard.push('outdated'),
    closed: (_, end, wasOpen) => ends.push({ ...end, wasOpen }),
  };

  beforeEach(() => {
    stream = new FakeStream();
    aborted = false;
    isUrgent = true;
    refusal = null;
    heard = [];
    ends = [];
  });

  function start(number: number | null): Channel {
    const channel = new Channel({
      peer: PEER,
      connection: {} as unknown as Connection,
      stream: stream as unknown as Stream,
      number,
      owner,
    });
    channel.start();
    return channel;
  }

  function open(): Channel {
    const channel = start(12);
    stream.hear(encodeControlFrame(HELLO));
    stream.sent.length = 0;
    heard.length = 0;
    return channel;
  }

  it('says hello first when this side opened it, and is open with the answer', () => {
    const channel = start(12);
    expect(stream.takeControlFrames()).toEqual([HELLO]);
    expect(channel.isOpen).toBe(false);
    stream.hear(encodeControlFrame({ ...HELLO, incarnation: 8 }));
    expect(heard).toEqual(['opened 12 8']);
    expect(stream.sent).toEqual([]);
  });

  it('answers a hello with the same channel number, and is open', () => {
    start(null);
    expect(stream.sent).toEqual([]);
    stream.hear(encodeControlFrame({ ...HELLO, incarnation: 8 }));
    expect(stream.takeControlFrames()).toEqual([HELLO]);
    expect(heard).toEqual(['opened 12 8']);
  });

  it('says why it refuses a hello', () => {
    refusal = { cause: 'stale-incarnation', reason: 'too old' };
    start(null);
    stream.hear(encodeControlFrame(HELLO));
    expect(stream.takeControlFrames()).toEqual([{ kind: 'farewell', ...refusal }]);
    expect(ends).toEqual([{ reason: 'too old', fault: true, wasOpen: false }]);
  });

  it('takes a farewell before it is open for a refusal, afterwards for an end', () => {
    start(12);
    stream.hear(encodeControlFrame({ kind: 'farewell', cause: 'any', reason: 'no' }));
    stream = new FakeStream();
    open();
    stream.hear(encodeControlFrame({ kind: 'farewell', cause: 'any', reason: 'bye' }));
    expect(heard).toEqual([]);
    expect(ends).toEqual([
      { reason: 'the other side says: no', fault: true, wasOpen: false },
      { reason: 'the other side says: bye', fault: false, wasOpen: true },
    ]);
  });

  it.each([12, null])('tells that this side is outdated, opened by number %s or not', (number) => {
    start(number);
    if (number !== null) stream.hear(encodeControlFrame(HELLO));
    heard.length = 0;
    const cause = 'stale-incarnation';
    stream.hear(encodeControlFrame({ kind: 'farewell', cause, reason: 'too old' }));
    expect(heard).toEqual(['outdated']);
    expect(ends).toHaveLength(1);
  });

  it('does not take a second hello', () => {
    open();
    stream.hear(encodeControlFrame(HELLO));
    expect(ends).toEqual([{ reason: 'more than one hello', fault: true, wasOpen: true }]);
  });

  it('delivers nothing after its end', () => {
    const channel = open();
    stream.hear(framed('one'));
    channel.end({ reason: 'test', fault: false });
    stream.hear(framed('two'));
    expect(heard).toEqual(['one']);
    expect(ends).toHaveLength(1);
  });

  it('sends nothing before both hellos, and nothing after its end', () => {
    const channel = start(12);
    stream.sent.length = 0;
    channel.send(framed('early'));
    expect(stream.sent).toEqual([]);
    channel.supersede();
    channel.send(framed('late'));
    expect(stream.sent).toEqual([]);
    expect(ends).toEqual([]);
  });

  it('keeps the other side awake when it has nothing to say', () => {
    const channel = open();
    for (let i = 0; i < QUIET_ROUNDS_MAX; i++) channel.round();
    expect(stream.takeControlFrames()).toEqual([{ kind: 'keep-alive' }]);
    channel.send(framed('word'));
    stream.sent.length = 0;
    for (let i = 1; i < QUIET_ROUNDS_MAX; i++) channel.round();
    expect(stream.sent).toEqual([]);
  });

  it('breaks the connection after too many silent rounds, not after as many as it may', () => {
    const channel = open();
    for (let i = 0; i < 2; i++) channel.round();
    stream.hear(encodeControlFrame({ kind: 'keep-alive' }));
    for (let i = 0; i < SILENT_ROUNDS_MAX; i++) channel.round();
    expect(aborted).toBe(false);
    channel.round();
    expect(aborted).toBe(true);
    const reason = 'nothing was heard for too long';
    expect(ends).toEqual([{ reason, fault: false, wasOpen: true }]);
  });

  /** So many rounds of silence; whether the channel stands after them. */
  function outlasts(channel: Channel, rounds: number): boolean {
    for (let i = 0; i < rounds; i++) channel.round();
    return !aborted;
  }

  /** Somebody whose machine is busy is there again. */
  function speakAfter(channel: Channel, rounds: number): void {
    for (let i = 0; i < rounds; i++) channel.round();
    stream.hear(framed('word'));
  }

  it('waits for longer when longer silences were broken lately, but not for ever', () => {
    const channel = open();
    speakAfter(channel, SILENT_ROUNDS_MAX - 2);
    expect(outlasts(channel, 2 * SILENT_ROUNDS_MAX)).toBe(true);
    stream.hear(framed('word'));
    expect(outlasts(channel, SILENT_SLOW_ROUNDS_MAX)).toBe(true);
    expect(outlasts(channel, 1)).toBe(false);
  });

  it('waits for longer when the hello took long', () => {
    const channel = start(null);
    for (let i = 0; i < SILENT_ROUNDS_MAX - 2; i++) channel.round();
    stream.hear(encodeControlFrame(HELLO));
    expect(outlasts(channel, 2 * SILENT_ROUNDS_MAX)).toBe(true);
  });

  it('waits no longer than at first once silences have been short for some time', () => {
    const channel = open();
    speakAfter(channel, SILENT_ROUNDS_MAX - 2);
    for (let i = 0; i < 200; i++) speakAfter(channel, 1);
    expect(outlasts(channel, SILENT_ROUNDS_MAX + 1)).toBe(false);
  });

  /** No message for so long that the channel is idle, but a keep-alive in each round. */
  function idle(channel: Channel): void {
    for (let i = 0; i < IDLE_ROUNDS_MIN; i++) {
      stream.hear(encodeControlFrame({ kind: 'keep-alive' }));
      channel.round();
    }
    stream.sent.length = 0;
  }

  it('says little, and waits long, when it is idle', () => {
    const channel = open();
    idle(channel);
    for (let i = 0; i < QUIET_IDLE_ROUNDS_MAX; i++) channel.round();
    expect(stream.takeControlFrames()).toEqual([{ kind: 'keep-alive' }]);
    for (let i = QUIET_IDLE_ROUNDS_MAX + 1; i < SILENT_IDLE_ROUNDS_MAX; i++) channel.round();
    expect(aborted).toBe(false);
    channel.round();
    channel.round();
    expect(aborted).toBe(true);
  });

  it('is busy with the first message that it hears', () => {
    const channel = open();
    idle(channel);
    stream.hear(framed('word'));
    for (let i = 0; i < QUIET_ROUNDS_MAX; i++) channel.round();
    expect(stream.takeControlFrames()).toEqual([{ kind: 'keep-alive' }]);
    for (let i = QUIET_ROUNDS_MAX; i <= SILENT_ROUNDS_MAX; i++) channel.round();
    expect(aborted).toBe(true);
  });

  it('is busy with the first message that it sends, and waits for a word from then on', () => {
    const channel = open();
    idle(channel);
    for (let i = 0; i < SILENT_ROUNDS_MAX; i++) channel.round();
    channel.send(framed('word'));
    for (let i = 0; i < SILENT_ROUNDS_MAX; i++) channel.round();
    expect(aborted).toBe(false);
    channel.round();
    expect(aborted).toBe(true);
  });

  it('breaks the connection when no hello comes', () => {
    const channel = start(null);
    for (let i = 0; i < GREETING_ROUNDS_MAX; i++) channel.round();
    expect(aborted).toBe(false);
    channel.round();
    expect(aborted).toBe(true);
  });

  it.each([null, 12])('waits long, also for a hello, where no voter is (number %s)', (number) => {
    isUrgent = false;
    const channel = number === null ? start(null) : open();
    for (let i = 0; i < SILENT_IDLE_ROUNDS_MAX; i++) channel.round();
    expect(aborted).toBe(false);
    channel.round();
    expect(aborted).toBe(true);
  });

  it('counts rounds that came late for less, as silence', () => {
    const channel = open();
    for (let i = 0; i < 2 * SILENT_ROUNDS_MAX; i++) channel.round(0.5);
    expect(aborted).toBe(false);
    channel.round(0.5);
    expect(aborted).toBe(true);
  });

  it('ends when the other side takes too little of what is sent', () => {
    const channel = open();
    const frames = framed('x');
    stream.writeBufferLength = UNSENT_BYTES_MAX - frames.length;
    channel.send(frames);
    expect(ends).toEqual([]);
    stream.writeBufferLength += 1;
    channel.send(frames);
    expect(ends).toMatchObject([{ fault: false, wasOpen: true }]);
  });

  it('ends when its stream was over before it began', () => {
    stream.status = 'reset';
    start(12);
    expect(ends).toEqual([{ reason: 'ended at once', fault: false, wasOpen: false }]);
  });

  it.each(['close', 'remoteCloseWrite'])("ends with its stream's '%s'", (type) => {
    open();
    stream.dispatchEvent(new Event(type));
    expect(ends).toMatchObject([{ fault: false, wasOpen: true }]);
  });

  describe('that nothing is said on', () => {
    const asleep = encodeControlFrame({ kind: 'farewell', cause: 'asleep', reason: 'quiet' });

    /** As long as told; the other side keeps it alive. */
    function rest(channel: Channel, rounds: number): void {
      for (let i = 0; i < rounds; i++) {
        stream.hear(encodeControlFrame({ kind: 'keep-alive' }));
        channel.round();
      }
    }

    it('may sleep after a while, and says so', () => {
      const channel = open();
      rest(channel, SLEEPY_ROUNDS_MIN - 1);
      expect(channel.isSleepy).toBe(false);
      rest(channel, 1);
      expect(channel.isSleepy).toBe(true);
      stream.sent.length = 0;
      channel.sleep();
      expect(stream.takeControlFrames()).toMatchObject([{ kind: 'farewell', cause: 'asleep' }]);
      expect(ends).toMatchObject([{ asleep: true, fault: false, wasOpen: true }]);
    });

    it('may not sleep soon after a message, nor where the other side opened it', () => {
      const channel = open();
      rest(channel, SLEEPY_ROUNDS_MIN);
      channel.send(framed('message'));
      expect(channel.isSleepy).toBe(false);
      stream = new FakeStream();
      const accepted = start(null);
      stream.hear(encodeControlFrame(HELLO));
      rest(accepted, SLEEPY_ROUNDS_MIN);
      expect(accepted.isSleepy).toBe(false);
    });

    it('sleeps when the other side wants it to', () => {
      rest(open(), IDLE_ROUNDS_MIN);
      stream.hear(asleep);
      expect(ends).toMatchObject([{ asleep: true, fault: false }]);
    });

    it('is closed instead when something was said that the other side may not have heard', () => {
      const channel = open();
      rest(channel, IDLE_ROUNDS_MIN);
      channel.send(framed('message'));
      stream.hear(asleep);
      expect(ends).toHaveLength(1);
      expect(ends[0]).not.toHaveProperty('asleep');
    });
  });
});
