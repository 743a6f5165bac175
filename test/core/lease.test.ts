import { describe, expect, test } from 'vitest';
import type { PeerId } from '../../src/core/types.ts';
import { Parts } from './parts.ts';
import { sessionRecord } from './solo.ts';

const asker = { peer: 'e' as PeerId, incarnation: 1 };
/** Nothing was taken from another home, nothing waived. */
const UNTOUCHED = { takenAt: Number.NEGATIVE_INFINITY, waived: false };

function at(parts: Parts, ms: number): void {
  parts.context.now = { home: 10_000 + ms, voter: 10_000 + ms };
}

describe("a voter's memory of who was heard", () => {
  test('counts everybody as heard at its start', () => {
    const parts = new Parts();
    expect(parts.lease.left(null, sessionRecord('p'), UNTOUCHED, asker)).toBe(5_000);
    at(parts, 4_999);
    expect(parts.lease.left(null, sessionRecord('p'), UNTOUCHED, asker)).toBe(1);
    at(parts, 5_000);
    expect(parts.lease.left(null, sessionRecord('p'), UNTOUCHED, asker)).toBe(0);
  });

  test('goes by the clock of a voter, not of a home', () => {
    const parts = new Parts();
    parts.context.now = { home: 99_000, voter: 12_000 };
    expect(parts.lease.left(null, sessionRecord('p'), UNTOUCHED, asker)).toBe(3_000);
  });

  test('tells the lives of a peer apart', () => {
    const parts = new Parts();
    at(parts, 4_000);
    parts.lease.heard('p' as PeerId, 2);
    expect(parts.lease.left(null, sessionRecord('p'), UNTOUCHED, asker)).toBe(1_000);
    const second = sessionRecord('p', { incarnation: 2 });
    expect(parts.lease.left(null, second, UNTOUCHED, asker)).toBe(5_000);
  });

  test('forgets old lives to the safe side: as if heard as late as the forgotten one', () => {
    const parts = new Parts();
    for (let life = 1; life <= 9; life++) {
      at(parts, life * 1_000);
      parts.lease.heard('p' as PeerId, life);
    }
    expect(parts.lease.floor).toBe(11_000);
    at(parts, 5_500);
    expect(parts.lease.left(null, sessionRecord('stranger'), UNTOUCHED, asker)).toBe(500);
  });

  test('waits for the home of its own record, and for that of the record read', () => {
    const parts = new Parts();
    at(parts, 60_000);
    parts.lease.heard('p' as PeerId, 1);
    at(parts, 61_000);
    const [mine, read] = [sessionRecord('p'), sessionRecord('q', { attachment: 2 })];
    expect(parts.lease.left(mine, read, UNTOUCHED, asker)).toBe(4_000);
    expect(parts.lease.left(read, mine, UNTOUCHED, asker)).toBe(4_000);
    expect(parts.lease.left(read, read, UNTOUCHED, asker)).toBe(0);
    expect(parts.lease.left(read, read, { takenAt: 70_500, waived: false }, asker)).toBe(4_500);
  });

  test('waits for nobody where the home that asks is the only one that ever was', () => {
    const parts = new Parts();
    const [own, home] = [sessionRecord('p'), { peer: 'p' as PeerId, incarnation: 1 }];
    expect(parts.lease.left(own, own, UNTOUCHED, home)).toBe(0);
    expect(parts.lease.left(null, own, UNTOUCHED, home)).toBe(0);
    expect(parts.lease.left(own, own, UNTOUCHED, { ...home, incarnation: 2 })).toBe(5_000);
    const [back, elsewhere] = [{ ...own, attachment: 2 }, sessionRecord('q', { attachment: 2 })];
    expect(parts.lease.left(back, back, UNTOUCHED, home)).toBe(5_000);
    expect(parts.lease.left(own, back, UNTOUCHED, home)).toBe(5_000);
    expect(parts.lease.left(elsewhere, own, UNTOUCHED, home)).toBe(5_000);
  });

  test('does not wait for a home that vouches no more by its own word, but for any other', () => {
    const parts = new Parts();
    const waived = { takenAt: Number.NEGATIVE_INFINITY, waived: true };
    const [mine, read] = [sessionRecord('p'), sessionRecord('s', { attachment: 2 })];
    at(parts, 5_000);
    for (const { home, incarnation } of [mine, read]) parts.lease.heard(home, incarnation);
    expect(parts.lease.left(mine, mine, waived, asker)).toBe(0);
    expect(parts.lease.left(mine, read, waived, asker)).toBe(5_000);
    expect(parts.lease.left(null, read, waived, asker)).toBe(5_000);
  });
});
