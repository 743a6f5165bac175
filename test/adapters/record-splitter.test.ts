import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordSplitter } from '../../src/adapters/record-splitter.ts';

describe('the splitter of records', () => {
  it('cuts records wherever the chunks are cut, and leaves out empty ones', () => {
    const record = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(fc.array(record), fc.array(fc.nat(1_000)), (records, cuts) => {
        const bytes = Buffer.concat(records.flatMap((each) => [lengthOf(each), each]));
        const splitter = new RecordSplitter();
        const cut = chunksOf(bytes, cuts).flatMap((chunk) => [...splitter.decode(chunk)]);
        expect(cut.map((each) => [...each])).toEqual(
          records.filter((each) => each.length > 0).map((each) => [...each]),
        );
      }),
    );
  });

  it('takes the longest record, and lists of chunks', () => {
    const longest = new Uint8Array(65_535).fill(7);
    const bytes = Buffer.concat([lengthOf(longest), longest]);
    const list = { byteLength: bytes.length, subarray: () => bytes };
    const [record] = new RecordSplitter().decode(list as never);
    expect(Buffer.compare(record!, longest)).toBe(0);
  });
});

function lengthOf({ length }: Uint8Array): Buffer {
  return Buffer.of(length >> 8, length & 0xff);
}

function chunksOf(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [
    0,
    ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b),
    bytes.length,
  ];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}
