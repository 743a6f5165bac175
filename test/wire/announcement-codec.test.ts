import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PeerId } from '../../src/core/types.ts';
import { ADDRESSES_PER_PEER_MAX, ANNOUNCEMENT_BYTES_MAX } from '../../src/limits.ts';
import {
  type Announcement,
  decodeAnnouncement,
  encodeAnnouncement,
  sealAnnouncement,
} from '../../src/wire/announcement-codec.ts';
import { announcementOf } from './announcements.ts';
import { cluster, integer, word } from './arbitraries.ts';
import { CLUSTER } from './fixtures.ts';

const SIGNATURE = new Uint8Array(64).fill(9);
/** A body of the fields in the fixture, with nothing where there may be nothing. */
const BARE = `01${CLUSTER}000341646102ac0205302e312e3001000000000000`;

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function sealed(body: string): Uint8Array {
  return sealAnnouncement(Buffer.from(body, 'hex'), SIGNATURE);
}

const printable = fc.stringMatching(/^[!-~]{1,40}$/);
const peer = word as fc.Arbitrary<PeerId>;
const announcement: fc.Arbitrary<Announcement> = fc.record({
  cluster,
  peer,
  incarnation: integer,
  counter: integer,
  software: printable,
  epoch: integer,
  text: fc.option(printable),
  addresses: fc.array(printable, { maxLength: ADDRESSES_PER_PEER_MAX }),
  health: fc.record({
    quorum: fc.boolean(),
    reached: fc.array(peer, { maxLength: 9 }),
    disk: fc.constantFrom('ok', 'low'),
    uptimeS: integer,
    clients: integer,
  }),
});

describe('an announcement', () => {
  it('is exactly these bytes', () => {
    expect(hex(encodeAnnouncement(announcementOf()))).toBe(
      `01${CLUSTER}0003416461` +
        '02ac0205302e312e30010e31302e302e302e313a3131343030' +
        '02132f6970342f31302e302e302e312f7463702f31142f6970342f3132372e302e302e312f7463702f31' +
        '0302010003426f623c05',
    );
    const health = { quorum: false, reached: [], disk: 'ok', uptimeS: 0, clients: 0 } as const;
    const bare = announcementOf({ text: null, addresses: [], health });
    expect(hex(encodeAnnouncement(bare))).toBe(BARE);
  });

  it('comes back as it was, with what was signed and by what', () => {
    fc.assert(
      fc.property(announcement, (announcement) => {
        const body = encodeAnnouncement(announcement);
        expect(decodeAnnouncement(sealAnnouncement(body, SIGNATURE))).toEqual({
          ok: true,
          announcement,
          signed: Buffer.concat([Buffer.from('elock announcement:'), body]),
          signature: Buffer.from(SIGNATURE),
        });
      }),
    );
  });

  it.each([
    ['nothing but a signature', '', 'truncated'],
    ['a cut body', BARE.slice(0, -2), 'truncated'],
    ['trailing bytes', `${BARE}00`, '1 trailing bytes'],
    ['an unknown flag', `${BARE.slice(0, -8)}04000000`, 'unknown flags 4'],
    [
      'too many addresses',
      `${BARE.slice(0, -10)}09${'00'.repeat(30)}`,
      'list of 9 items, at most 8',
    ],
    [
      'a version with a line end',
      BARE.replace('05302e312e30', '0530200a2e30'),
      'text that is no word',
    ],
  ])('is refused for %s', (_, body, reason) => {
    expect(decodeAnnouncement(sealed(body))).toEqual({ ok: false, reason, foreign: false });
  });

  it('of another version is told apart from a wrong one', () => {
    const decoded = decodeAnnouncement(sealed('02abcdef'));
    expect(decoded).toEqual({ ok: false, reason: 'unknown version 2', foreign: true });
  });

  it('is refused beyond its limit, whatever it says', () => {
    const most = new Uint8Array(ANNOUNCEMENT_BYTES_MAX).fill(1);
    expect(decodeAnnouncement(most)).not.toMatchObject({ reason: `${most.length} bytes` });
    const reason = `${ANNOUNCEMENT_BYTES_MAX + 1} bytes`;
    const tooLong = new Uint8Array(ANNOUNCEMENT_BYTES_MAX + 1).fill(1);
    expect(decodeAnnouncement(tooLong)).toEqual({ ok: false, reason, foreign: false });
  });

  it('never throws, whatever the bytes', () => {
    const start = Buffer.from(BARE, 'hex');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(start.length), (bytes, kept) => {
        decodeAnnouncement(bytes);
        decodeAnnouncement(Buffer.concat([start.subarray(0, kept), bytes, SIGNATURE]));
      }),
      { numRuns: 1_000 },
    );
  });
});
