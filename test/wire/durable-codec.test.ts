import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Configuration, PeerId } from '../../src/core/types.ts';
import {
  decodeConfiguration,
  decodeEpochState,
  decodeFloor,
  decodeRegisterState,
  encodeConfiguration,
  encodeEpochState,
  encodeFloor,
  encodeRegisterState,
} from '../../src/wire/durable-codec.ts';
import { configuration, floor, registerState } from './arbitraries.ts';
import { ballot, CLUSTER, held, live } from './fixtures.ts';

const ada = 'Ada' as PeerId;
const bob = 'Bob' as PeerId;

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

const CONFIGURATION: Configuration = {
  cluster: CLUSTER,
  epoch: 2,
  voters: [ada, bob],
  before: [ada],
  wanted: 3,
  resting: [bob],
  removed: [],
};
const CONFIGURATION_HEX = `${CLUSTER}02030200034164610003426f620101010200`;

describe('a durable value', () => {
  it.each([
    [null, '01000341646101090200'],
    [{ ballot, record: held }, '010003416461010902020802733101' + '0003426f624d0401010902'],
    [{ ballot, record: live }, '0100034164610109020300' + '03426f620401b0ea0101010902'],
  ])('of a register is exactly these bytes (%#)', (accepted, expected) => {
    const state = { promised: ballot, accepted };
    expect(hex(encodeRegisterState(state))).toBe(expected);
    expect(decodeRegisterState(Buffer.from(expected, 'hex'))).toEqual(state);
  });

  it('of the floor is exactly these bytes', () => {
    expect(hex(encodeFloor({ round: 300, token: 7 }))).toBe('01ac0207');
  });

  it('of a configuration is exactly these bytes', () => {
    expect(hex(encodeConfiguration(CONFIGURATION))).toBe(`02${CONFIGURATION_HEX}`);
  });

  it('of an epoch is exactly these bytes', () => {
    const bytes = encodeEpochState({ configuration: CONFIGURATION, standing: 'serving' });
    expect(hex(bytes)).toBe(`0102${CONFIGURATION_HEX}`);
  });

  it('comes back as it was', () => {
    fc.assert(
      fc.property(registerState, floor, configuration, (state, floor, configuration) => {
        expect(decodeRegisterState(encodeRegisterState(state))).toEqual(state);
        expect(decodeFloor(encodeFloor(floor))).toEqual(floor);
        expect(decodeConfiguration(encodeConfiguration(configuration))).toEqual(configuration);
        const epoch = { configuration, standing: 'sealed' } as const;
        expect(decodeEpochState(encodeEpochState(epoch))).toEqual(epoch);
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['another version', '02ac0207'],
    ['a missing end', '01ac02'],
    ['trailing bytes', '01ac020700'],
  ])('is null for %s', (_, bytes) => {
    expect(decodeFloor(Buffer.from(bytes, 'hex'))).toBeNull();
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const versioned = Buffer.concat([Buffer.of(1), bytes]);
        decodeRegisterState(versioned);
        decodeFloor(versioned);
        decodeConfiguration(versioned);
        decodeEpochState(versioned);
      }),
      { numRuns: 1_000 },
    );
  });
});
