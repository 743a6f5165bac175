import { describe, expect, test } from 'vitest';
import { jainIndex, median, percentile } from './statistics.ts';

describe('percentile', () => {
  const oneToHundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  test.each([
    [0.5, 50],
    [0.99, 99],
    [0.991, 100],
    [1, 100],
  ])('%d of 1 to 100 is %d', (fraction, expected) => {
    expect(percentile(oneToHundred, fraction)).toBe(expected);
  });

  test('is the figure itself where there is only one', () => {
    expect(percentile([7], 0.99)).toBe(7);
  });

  test('is NaN where nothing was measured', () => {
    expect(percentile([], 0.5)).toBeNaN();
  });

  test('leaves its input in order', () => {
    const figures = [3, 1, 2];
    percentile(figures, 0.5);
    expect(figures).toEqual([3, 1, 2]);
  });
});

describe('median', () => {
  test.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[5], 5],
    [[5, Number.NaN, 7], 6],
  ])('of %j is %d', (figures, expected) => {
    expect(median(figures)).toBe(expected);
  });

  test('is NaN where nothing was measured', () => {
    expect(median([])).toBeNaN();
    expect(median([Number.NaN])).toBeNaN();
  });
});

describe('jainIndex', () => {
  test('is 1 when all had the same', () => {
    expect(jainIndex([5, 5, 5, 5])).toBe(1);
  });

  test('is one over the number of sharers when one had everything', () => {
    expect(jainIndex([8, 0, 0, 0])).toBe(0.25);
  });

  test('is between for what is between', () => {
    expect(jainIndex([1, 3])).toBeCloseTo(0.8);
  });

  test('is NaN when nobody had anything', () => {
    expect(jainIndex([0, 0])).toBeNaN();
  });
});
