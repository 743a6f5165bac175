import { describe, expect, it } from 'vitest';
import { Digest } from '../../sim/digest.ts';
import { RandomStream } from '../../sim/random.ts';
import { drawFrom } from '../../sim/table.ts';

const draws = (seed: number, label: string, count = 4) => {
  const stream = new RandomStream(seed, label);
  return Array.from({ length: count }, () => stream.next());
};

describe('random stream', () => {
  it('is the same for the same seed and label, on every engine', () => {
    expect(draws(1, 'network')).toEqual([3_657_350_883, 2_934_344_114, 605_042_679, 3_752_442_626]);
  });

  it('is another for another seed or label', () => {
    const streams = [draws(1, 'a'), draws(2, 'a'), draws(1, 'b')];
    expect(new Set(streams.flat()).size).toBe(12);
  });

  it('draws whole numbers of the range, both ends included', () => {
    const stream = new RandomStream(7, 'range');
    const seen = new Set(Array.from({ length: 200 }, () => stream.between(3, 6)));
    expect([...seen].sort()).toEqual([3, 4, 5, 6]);
  });

  it('draws nothing for a chance of none', () => {
    const stream = new RandomStream(7, 'chance');
    const other = new RandomStream(7, 'chance');
    expect(stream.chance(0)).toBe(false);
    expect(stream.next()).toBe(other.next());
  });

  it('samples without repeating', () => {
    const sample = new RandomStream(3, 'sample').sample([1, 2, 3, 4, 5], 5);
    expect(sample.toSorted()).toEqual([1, 2, 3, 4, 5]);
  });

  it('draws from a table between two of its neighbours', () => {
    const stream = new RandomStream(3, 'table');
    expect(drawFrom([7], stream)).toBe(7);
    for (let i = 0; i < 100; i++) {
      const drawn = drawFrom([10, 12, 500, 501], stream);
      expect(drawn).toBeGreaterThanOrEqual(10);
      expect(drawn).toBeLessThanOrEqual(501);
    }
  });
});

describe('digest', () => {
  const of = (take: (digest: Digest) => void) => {
    const digest = new Digest();
    take(digest);
    return digest.toString();
  };

  it('is 16 hexadecimal digits, the same on every engine', () => {
    expect(of((digest) => digest.text('elock'))).toBe('455cfa9e5e1415f6');
  });

  it('tells order, length and large integers apart', () => {
    const digests = [
      of((digest) => digest.bytes(Buffer.from('ab'))),
      of((digest) => digest.bytes(Buffer.from('ba'))),
      of((digest) => digest.bytes(Buffer.from('ab\0'))),
      of((digest) => digest.integer(1)),
      of((digest) => digest.integer(1 + 2 ** 33)),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });
});
