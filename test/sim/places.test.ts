import { describe, expect, it } from 'vitest';
import { Places } from '../../sim/places.ts';
import { everyLink, linksOf, SHAPE_NAMES } from '../../sim/shapes.ts';

const FIVE = new Places(5, 5);

describe('places', () => {
  it.each([
    ['n2', [1]],
    ['last', [4]],
    ['others', [1, 2, 3, 4]],
    ['minority', [0, 1]],
    ['majority', [2, 3, 4]],
    ['first-half', [0, 1]],
    ['second-half', [2, 3, 4]],
    [
      ['n3', 'minority'],
      [0, 1, 2],
    ],
  ])('take %s for machines', (group, machines) => {
    expect(FIVE.group(group)).toEqual(machines);
  });

  it('reckon halves and majorities of voters alone', () => {
    const withObserver = new Places(5, 4);
    expect(withObserver.group('first-half')).toEqual([0, 1]);
    expect(withObserver.group('minority')).toEqual([0]);
  });

  it.each(['n6', 'n0', 'everyone'])('refuse %s', (name) => {
    expect(() => FIVE.group(name)).toThrow(`got '${name}'`);
    expect(() => FIVE.machine('others')).toThrow("expected one machine, got 'others'");
  });

  it('take links apart into groups, parts, and single directions', () => {
    expect(FIVE.links({ split: ['minority', 'majority'] })).toHaveLength(2 * 2 * 3);
    expect(FIVE.links({ isolate: 'n1' })).toHaveLength(8);
    expect(FIVE.links({ parts: 3 })).toHaveLength(20 - 2 * 2);
    expect(FIVE.links({ deaf: 'n1' })).toEqual([1, 2, 3, 4].map((from) => [from, 0]));
    expect(FIVE.links({ mute: 'n1' })).toEqual([1, 2, 3, 4].map((to) => [0, to]));
    expect(FIVE.links({ from: 'n1', to: ['n2', 'n3'] })).toEqual([
      [0, 1],
      [0, 2],
    ]);
    expect(FIVE.links('all')).toEqual(everyLink(5));
  });
});

describe('shapes', () => {
  it.each([3, 4, 5, 6, 7])('leave every one of %i machines another majority in a ring', (count) => {
    const cut = linksOf('majorities-ring', count);
    const seen = Array.from({ length: count }, (_, machine) =>
      Array.from({ length: count }, (_, other) => other)
        .filter((other) => !cut.some(([a, b]) => a === machine && b === other))
        .join(' '),
    );
    for (const machines of seen) expect(machines.split(' ').length).toBeGreaterThan(count / 2);
    if (count > 3) expect(new Set(seen).size).toBe(count);
  });

  it('are named, and never take a link of a machine to itself', () => {
    for (const name of SHAPE_NAMES) {
      expect(linksOf(name, 5).every(([from, to]) => from !== to)).toBe(true);
    }
  });
});
