import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/core/message.ts';
import type { ClusterId, LockName, PeerId, RegisterName } from '../../src/core/types.ts';
import { FRAME_BYTES_MAX, NAME_BYTES_MAX, PAGE_ITEMS_MAX } from '../../src/limits.ts';
import { decodeFrame, FrameWriter, LENGTH_BYTES } from '../../src/wire/codec.ts';
import type { EnvelopedMessage } from '../../src/wire/message-codec.ts';
import { enveloped, KINDS, messageOf, word } from './arbitraries.ts';
import { CLUSTER, ENVELOPE, FIXTURES } from './fixtures.ts';

const HEADER = '010001020304050607';
const OTHER_CLUSTER = 'ff'.repeat(32) as ClusterId;

function encode(messages: readonly EnvelopedMessage[]): Uint8Array {
  const writer = new FrameWriter(CLUSTER);
  for (const { epoch, counter, message } of messages) writer.add(epoch, counter, message);
  return writer.take();
}

/** The bodies of the frames in `bytes`. */
function bodies(bytes: Uint8Array): Uint8Array[] {
  const view = Buffer.from(bytes);
  const found: Uint8Array[] = [];
  for (let at = 0; at < view.length; ) {
    const length = view.readUInt32BE(at);
    found.push(view.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + length));
    at += LENGTH_BYTES + length;
  }
  return found;
}

function decodeAll(bytes: Uint8Array): EnvelopedMessage[] {
  return bodies(bytes).flatMap((body) => {
    const decoded = decodeFrame(body, CLUSTER);
    if (!decoded.ok) throw new Error(decoded.reason);
    return decoded.messages;
  });
}

/** Why a body of these bytes behind a sound header is refused. */
function refusal(hexAfterHeader: string): string | null {
  const decoded = decodeFrame(Buffer.from(HEADER + hexAfterHeader, 'hex'), CLUSTER);
  return decoded.ok ? null : decoded.reason;
}

describe('a frame', () => {
  it.each(FIXTURES)('of $message.kind is exactly $hex', ({ message, hex }) => {
    const bytes = encode([{ ...ENVELOPE, message }]);
    expect(Buffer.from(bytes).toString('hex')).toBe(hex);
    expect(decodeAll(Buffer.from(hex, 'hex'))).toEqual([{ ...ENVELOPE, message }]);
  });

  it('has a fixture for every kind', () => {
    expect(new Set(FIXTURES.map(({ message }) => message.kind))).toEqual(new Set(KINDS));
  });

  it.each(KINDS)('carries any %s unchanged', (kind) => {
    fc.assert(
      fc.property(messageOf(kind), (message) => {
        const sent = [{ ...ENVELOPE, message }];
        expect(decodeAll(encode(sent))).toEqual(sent);
      }),
      { numRuns: 60 },
    );
  });

  it('carries many messages, in order', () => {
    fc.assert(
      fc.property(fc.array(enveloped, { minLength: 1, maxLength: 30 }), (sent) => {
        const bytes = encode(sent);
        expect(bodies(bytes)).toHaveLength(1);
        expect(decodeAll(bytes)).toEqual(sent);
      }),
      { numRuns: 100 },
    );
  });

  it('repeats a peer id as one byte', () => {
    const ballot = { epoch: 1, round: 1, peer: 'p'.repeat(52) as PeerId, incarnation: 1 };
    const prepare: Message = { kind: 'prepare', request: 1, register: 'L' as RegisterName, ballot };
    const one = encode([{ ...ENVELOPE, message: prepare }]).length;
    const two = encode([
      { ...ENVELOPE, message: prepare },
      { ...ENVELOPE, message: prepare },
    ]).length;
    expect(two - one).toBeLessThan(20);
  });

  it('is followed by another when it is full', () => {
    const name = 'n'.repeat(NAME_BYTES_MAX) as LockName;
    const message: Message = { kind: 'inspect', request: 1, lock: name };
    const sent = new Array<EnvelopedMessage>(1_500).fill({ ...ENVELOPE, message });
    const bytes = encode(sent);
    expect(bodies(bytes)).toHaveLength(2);
    for (const body of bodies(bytes)) expect(body.length).toBeLessThanOrEqual(FRAME_BYTES_MAX);
    expect(decodeAll(bytes)).toEqual(sent);
  });

  it('has room for a full page of the longest names', () => {
    const name = 'n'.repeat(NAME_BYTES_MAX) as LockName;
    const locks = new Array<LockName>(PAGE_ITEMS_MAX).fill(name);
    const sent = [{ ...ENVELOPE, message: { kind: 'holding', request: 1, locks, last: true } }];
    expect(decodeAll(encode(sent as EnvelopedMessage[]))).toEqual(sent);
  });

  it('takes any name without space and LF', () => {
    fc.assert(
      fc.property(word, (name) => {
        const bytes = Buffer.from(name, 'latin1');
        const length = Buffer.of(bytes.length);
        const hex = Buffer.concat([Buffer.of(0x2b, 1, 1, 1), length, bytes]).toString('hex');
        expect(refusal(hex)).toBeNull();
      }),
    );
  });
});

describe('a frame writer', () => {
  it('is empty until something is added, and again once it was taken', () => {
    const writer = new FrameWriter(CLUSTER);
    expect(writer.size).toBe(0);
    expect(writer.take()).toHaveLength(0);
    writer.add(1, 1, { kind: 'accepted', request: 1 });
    const size = writer.size;
    expect(size).toBeGreaterThan(0);
    expect(writer.take()).toHaveLength(size);
    expect(writer.size).toBe(0);
  });

  it('does not touch what was taken', () => {
    const writer = new FrameWriter(CLUSTER);
    writer.add(1, 1, { kind: 'accepted', request: 1 });
    const first = writer.take();
    const copy = Uint8Array.from(first);
    writer.add(1, 2, { kind: 'accepted', request: 2 });
    writer.take();
    expect(Uint8Array.from(first)).toEqual(copy);
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('does not write %d', (n) => {
    const writer = new FrameWriter(CLUSTER);
    expect(() => writer.add(1, 1, { kind: 'accepted', request: n })).toThrow('no natural number');
  });
});

describe('decodeFrame refuses', () => {
  it.each([
    ['nothing at all', '', 'truncated'],
    ['an unknown version', '02', 'unknown version 2'],
    ['a frame of the transport', '0003', 'unknown version 0'],
    ['half a cluster', '0100010203', 'truncated'],
    ['another cluster', '01ff01020304050607510101', 'frame of another cluster'],
    ['no message', HEADER, 'truncated'],
  ])('%s', (_, hex, reason) => {
    expect(decodeFrame(Buffer.from(hex, 'hex'), CLUSTER)).toEqual({ ok: false, reason });
  });

  it.each([
    ['an unknown kind', 'ff0101', 'unknown kind 255'],
    ['kind 0', '000101', 'unknown kind 0'],
    ['half a message', '0101', 'truncated'],
    ['bytes behind the last message', '51010100', 'unknown kind 0'],
    ['an integer above 2^53-1', '040101ffffffffffffff10', 'integer out of range'],
    ['an integer without end', `040101${'ff'.repeat(40)}`, 'integer out of range'],
    ['an integer in a longer form', '0401018100', 'integer not in its shortest form'],
    ['an empty name', '2b01010100', 'empty name'],
    ['a name with a space', '2b010101026120', 'name with space or LF'],
    ['a name with LF', '2b01010102610a', 'name with space or LF'],
    ['a name longer than any line', '2b010101ffff03', 'text of 65535 bytes, at most 4096'],
    ['a name beyond the end', '2b010101056162', 'truncated'],
    ['an empty peer id', '010101010161000001010101', 'empty name'],
    ['a peer that was not named', '0101010101610201010101', 'peer number 2 is not known'],
    ['an unknown record', '02010101090000', 'unknown record 9'],
    ['a session record for a lock', '2c010101010300017001010101', 'record of a session'],
    ['a lock record for a session', '12010101610001700101010101', 'record of a lock'],
    ['a flag that is none', '430101010002', 'flag of 2'],
    ['an unknown outcome', '4101010105', 'unknown outcome 5'],
    ['a list beyond the end', '1301016401', 'truncated'],
    ['a list of too many', '130101e907', 'list of 1001 items, at most 1000'],
    ['peers not in order', `500101${'00'.repeat(32)}0103020001620001610`, 'peers not in order'],
  ])('%s', (_, hex, reason) => {
    expect(refusal(hex)).toContain(reason);
  });

  it('a frame for another cluster than its own', () => {
    const [body] = bodies(encode([{ ...ENVELOPE, message: { kind: 'accepted', request: 1 } }]));
    expect(decodeFrame(body!, OTHER_CLUSTER)).toMatchObject({ ok: false });
  });
});

describe('decodeFrame never throws', () => {
  it('on random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        decodeFrame(bytes, CLUSTER);
        decodeFrame(Buffer.concat([Buffer.from(HEADER, 'hex'), bytes]), CLUSTER);
      }),
      { numRuns: 2_000 },
    );
  });

  it('on frames that are cut short, flipped or doubled', () => {
    const frame = fc
      .array(enveloped, { minLength: 1, maxLength: 4 })
      .map((m) => bodies(encode(m))[0]!);
    fc.assert(
      fc.property(frame, fc.nat(), fc.integer({ min: 1, max: 255 }), (body, position, mask) => {
        const at = position % body.length;
        expect(decodeFrame(body, CLUSTER).ok).toBe(true);
        decodeFrame(body.subarray(0, at), CLUSTER);
        decodeFrame(Buffer.concat([body, body]), CLUSTER);
        const flipped = Buffer.from(body);
        flipped[at]! ^= mask;
        decodeFrame(flipped, CLUSTER);
      }),
      { numRuns: 1_000 },
    );
  });

  it('on more bytes than a frame may have', () => {
    const decoded = decodeFrame(Buffer.alloc(FRAME_BYTES_MAX + 1, 1), CLUSTER);
    expect(decoded).toEqual({ ok: false, reason: `frame of ${FRAME_BYTES_MAX + 1} bytes` });
  });
});
