import { describe, expect, it } from 'vitest';
import { Elapsed } from '../../src/runtime/elapsed.ts';

describe('elapsed time', () => {
  it('is that of both clocks while they agree, in whole ms, from the moment it is made', () => {
    const elapsed = new Elapsed(1_000.5, 777_000);
    expect(elapsed.at(1_000.5, 777_000)).toEqual({ home: 0, voter: 0 });
    expect(elapsed.at(1_010.75, 777_010.25)).toEqual({ home: 10, voter: 10 });
  });

  it('counts a suspend at a home, not at a voter', () => {
    const elapsed = new Elapsed(0, 0);
    elapsed.at(100, 100);
    expect(elapsed.at(101, 60_100)).toEqual({ home: 60_100, voter: 101 });
    expect(elapsed.at(201, 60_200)).toEqual({ home: 60_200, voter: 201 });
  });

  it('counts at a home, not at a voter, what only the monotonic clock counts', () => {
    const elapsed = new Elapsed(0, 0);
    expect(elapsed.at(500, 200)).toEqual({ home: 500, voter: 200 });
  });

  it('never falls, though a clock does', () => {
    const elapsed = new Elapsed(0, 0);
    elapsed.at(500, 500);
    expect(elapsed.at(400, 450)).toEqual({ home: 500, voter: 500 });
    expect(elapsed.at(501, 502)).toEqual({ home: 502, voter: 501 });
  });

  it('counts a suspend at a home in full, however the clocks had parted before', () => {
    const elapsed = new Elapsed(0, 0);
    // The monotonic clock stood still, then the other did: so far both have counted alike.
    elapsed.at(0, 600);
    elapsed.at(600, 600);
    const before = elapsed.at(601, 601).home;
    expect(elapsed.at(602, 1_640).home - before).toBe(1_039);
  });

  it('is off by at most one step of a coarse clock, however often it is read', () => {
    const elapsed = new Elapsed(3, 0);
    let now = elapsed.at(3, 0);
    for (let ms = 3; ms <= 10_000; ms++) now = elapsed.at(ms, Math.floor(ms / 10) * 10);
    expect(now.home - 9_997).toBeGreaterThanOrEqual(0);
    expect(now.home - 9_997).toBeLessThanOrEqual(10);
    expect(9_997 - now.voter).toBeGreaterThanOrEqual(0);
    expect(9_997 - now.voter).toBeLessThanOrEqual(10);
  });
});
