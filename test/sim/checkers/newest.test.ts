import { describe, expect, it } from 'vitest';
import { Newest } from '../../../sim/checkers/newest.ts';

describe('the newest of numbers that rise', () => {
  it('are known until others take their places', () => {
    const newest = new Newest<string>(3);
    for (const number of [1, 2, 3, 4]) newest.set(number, `of ${number}`);
    expect([1, 2, 3, 4, 5].map((number) => newest.get(number))).toEqual([
      undefined,
      'of 2',
      'of 3',
      'of 4',
      undefined,
    ]);
  });

  it('do not give way to one that is long over', () => {
    const newest = new Newest<string>(3);
    newest.set(7, 'of 7');
    newest.set(1, 'late');
    expect(newest.get(7)).toBe('of 7');
    expect(newest.get(1)).toBeUndefined();
  });

  it('take no room before they are there', () => {
    const MANY = 5_000;
    const before = process.memoryUsage().heapUsed;
    const all = Array.from({ length: MANY }, () => new Newest<string>(2_048));
    for (const newest of all) newest.set(1, 'first');
    const each = (process.memoryUsage().heapUsed - before) / MANY;
    expect(each).toBeLessThan(2_000);
    expect(all.every((newest) => newest.get(1) === 'first')).toBe(true);
  });
});
