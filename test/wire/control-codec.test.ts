import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstConfigurationOf } from '../../src/core/configuration.ts';
import type { PeerId } from '../../src/core/types.ts';
import {
  type ControlFrame,
  decodeControlFrame,
  encodeControlFrame,
  isControlFrame,
} from '../../src/wire/control-codec.ts';
import type { SecretKey } from '../../src/wire/secret.ts';
import { cluster, integer } from './arbitraries.ts';
import { CLUSTER } from './fixtures.ts';

const ada = 'Ada' as PeerId;

const FRAMES: readonly (readonly [ControlFrame, string])[] = [
  [
    { kind: 'hello', cluster: CLUSTER, epoch: 1, incarnation: 300, nonce: 5, channel: 7 },
    `00000028000101${CLUSTER}01ac020507`,
  ],
  [
    { kind: 'introduction', known: [{ ageMs: 300, sealed: Uint8Array.of(1, 2, 3) }] },
    '00000009000201ac0203010203',
  ],
  [{ kind: 'keep-alive' }, '000000020003'],
  [{ kind: 'farewell', cause: 'any', reason: 'stop' }, '000000080004000473746f70'],
  [{ kind: 'farewell', cause: 'stale-incarnation', reason: 'x' }, '0000000500040101' + '78'],
  [{ kind: 'farewell', cause: 'asleep', reason: 'x' }, '0000000500040301' + '78'],
  [
    {
      kind: 'charter',
      charter: 'a\nb',
      configuration: { ...firstConfigurationOf(CLUSTER, [ada], 3), epoch: 2 },
    },
    `00000031000503610a62${CLUSTER}0203010003416461000000`,
  ],
  [
    { kind: 'secret', secret: { generation: 300, key: '5a'.repeat(32) as SecretKey } },
    `000000240006ac02${'5a'.repeat(32)}`,
  ],
  [
    { kind: 'secret-held', generation: 1, mark: '0123456789abcdef' },
    '0000000b0007010123456789abcdef',
  ],
];

function bodyOf(frame: ControlFrame): Uint8Array {
  return encodeControlFrame(frame).subarray(4);
}

describe('a control frame', () => {
  it.each(FRAMES)('%o is exactly %s', (frame, expected) => {
    const bytes = Buffer.from(encodeControlFrame(frame));
    expect(bytes.toString('hex')).toBe(expected);
    expect(bytes.readUInt32BE()).toBe(bytes.length - 4);
    expect(isControlFrame(bytes.subarray(4))).toBe(true);
    expect(decodeControlFrame(bytes.subarray(4))).toEqual({ ok: true, frame });
  });

  it('carries any hello and any introduction unchanged', () => {
    const hello = fc.record({
      cluster,
      epoch: integer,
      incarnation: integer,
      nonce: integer,
      channel: integer,
    });
    const sealed = fc.uint8Array({ maxLength: 300 });
    const known = fc.array(fc.record({ ageMs: integer, sealed }), { maxLength: 10 });
    fc.assert(
      fc.property(hello, known, (hello, known) => {
        for (const frame of [
          { kind: 'hello', ...hello },
          { kind: 'introduction', known },
        ] as ControlFrame[]) {
          expect(decodeControlFrame(bodyOf(frame))).toEqual({ ok: true, frame });
        }
      }),
    );
  });

  it('cuts a long farewell', () => {
    const frame: ControlFrame = { kind: 'farewell', cause: 'any', reason: 'x'.repeat(1_000) };
    const cut = { ...frame, reason: 'x'.repeat(256) };
    expect(decodeControlFrame(bodyOf(frame))).toEqual({ ok: true, frame: cut });
  });

  it.each([
    ['an unknown kind', '0009', 'unknown kind 9'],
    ['another version', '000102', 'unknown version 2'],
    ['an unknown cause of a farewell', '00040400', 'unknown cause 4'],
    ['a cut hello', '00010100', 'truncated'],
    ['trailing bytes', '000300', '1 trailing bytes'],
    ['an over-long announcement', '0002010081800100', 'announcement of 16385 bytes, at most 16384'],
    ['a cut announcement', '000201000201', 'truncated'],
    ['too many peers', '0002ff01', 'list of 255 items, at most 128'],
    ['a frame of messages', '01', 'no frame of a transport'],
  ])('is refused for %s', (_, hex, reason) => {
    expect(decodeControlFrame(Buffer.from(hex, 'hex'))).toEqual({ ok: false, reason });
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        decodeControlFrame(bytes);
        decodeControlFrame(Buffer.concat([Buffer.of(0), bytes]));
      }),
      { numRuns: 1_000 },
    );
  });
});
