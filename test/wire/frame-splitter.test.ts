import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FRAME_BYTES_MAX } from '../../src/limits.ts';
import { FrameSplitter } from '../../src/wire/frame-splitter.ts';

function framed(body: Uint8Array): Buffer {
  const frame = Buffer.alloc(4 + body.length);
  frame.writeUInt32BE(body.length);
  frame.set(body, 4);
  return frame;
}

function pushAll(splitter: FrameSplitter, chunks: readonly Uint8Array[]): string[] {
  return chunks.flatMap((chunk) => {
    const split = splitter.push(chunk);
    if (!split.ok) throw new Error(split.reason);
    return split.frames.map((frame) => Buffer.from(frame).toString('hex'));
  });
}

/** Cuts `bytes` at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
  return [...sorted, bytes.length].map((end, i) => bytes.subarray(sorted[i - 1] ?? 0, end));
}

describe('a frame splitter', () => {
  it('gives back the frames however the stream is cut', () => {
    const bodies = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 10 });
    fc.assert(
      fc.property(bodies, fc.array(fc.nat(), { maxLength: 12 }), (sent, places) => {
        const stream = Buffer.concat(sent.map(framed));
        const expected = sent.map((body) => Buffer.from(body).toString('hex'));
        expect(pushAll(new FrameSplitter(), cut(stream, places))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('gives back a frame that comes byte by byte', () => {
    const body = Buffer.from('a frame of some length');
    const bytes = [...framed(body)].map((byte) => Uint8Array.of(byte));
    expect(pushAll(new FrameSplitter(), bytes)).toEqual([body.toString('hex')]);
  });

  it('does not touch the frames that it gave back', () => {
    const splitter = new FrameSplitter();
    const stream = Buffer.concat([framed(Buffer.from('one')), framed(Buffer.from('two'))]);
    splitter.push(stream.subarray(0, 5));
    const split = splitter.push(stream.subarray(5, 10));
    if (!split.ok) throw new Error(split.reason);
    splitter.push(stream.subarray(10));
    expect(Buffer.from(split.frames[0]!).toString()).toBe('one');
  });

  it('takes the longest frame', () => {
    const body = Buffer.alloc(FRAME_BYTES_MAX, 7);
    const split = new FrameSplitter().push(framed(body));
    expect(split.ok && split.frames[0]?.length).toBe(FRAME_BYTES_MAX);
  });

  it('is broken for good by an over-long length', () => {
    const splitter = new FrameSplitter();
    const tooLong = Buffer.alloc(4);
    tooLong.writeUInt32BE(FRAME_BYTES_MAX + 1);
    const reason = `frame of ${FRAME_BYTES_MAX + 1} bytes, at most ${FRAME_BYTES_MAX}`;
    expect(splitter.push(tooLong)).toEqual({ ok: false, reason });
    expect(splitter.push(framed(Buffer.from('x')))).toEqual({ ok: false, reason });
  });

  it('never throws on random bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 20 })), (chunks) => {
        const splitter = new FrameSplitter();
        for (const chunk of chunks) splitter.push(chunk);
      }),
    );
  });
});
