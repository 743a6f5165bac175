import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Readings, SystemClock } from '../../src/adapters/system-clock.ts';
import { ALARM_MS_MAX, BOOT_CLOCK_REUSE_MS } from '../../src/limits.ts';

/** Clocks that move only when told to. */
class Hands implements Readings {
  monotonic = 5_000.25;
  boot = 90_000;
  bootReadings = 0;

  readonly monotonicMs = () => this.monotonic;
  readonly bootMs = () => {
    this.bootReadings += 1;
    return this.boot;
  };

  advance(ms: number): void {
    this.monotonic += ms;
    this.boot += ms;
  }
}

describe('SystemClock.now', () => {
  it('starts at zero and follows both clocks in whole ms', () => {
    const hands = new Hands();
    const clock = new SystemClock(hands);
    expect(clock.now()).toEqual({ home: 0, voter: 0 });
    hands.advance(12.5);
    expect(clock.now()).toEqual({ home: 12, voter: 12 });
  });

  it('counts a sleep of the machine at a home, not at a voter', () => {
    const hands = new Hands();
    const clock = new SystemClock(hands);
    hands.advance(100);
    clock.now();
    hands.boot += 3_600_000;
    hands.advance(BOOT_CLOCK_REUSE_MS);
    expect(clock.now()).toEqual({
      home: 3_600_100 + BOOT_CLOCK_REUSE_MS,
      voter: 100 + BOOT_CLOCK_REUSE_MS,
    });
  });

  it('does not fall when a clock steps back', () => {
    const hands = new Hands();
    const clock = new SystemClock(hands);
    hands.advance(1_000);
    const before = clock.now();
    hands.boot -= 500;
    hands.monotonic += BOOT_CLOCK_REUSE_MS;
    const after = clock.now();
    expect(after.home).toBeGreaterThanOrEqual(before.home);
    expect(after.voter).toBeGreaterThanOrEqual(before.voter);
  });

  it('reads the dear clock no more often than its reading grows old', () => {
    const hands = new Hands();
    const clock = new SystemClock(hands);
    const before = hands.bootReadings;
    for (let count = 0; count < 1_000; count += 1) {
      hands.advance(0.01);
      clock.now();
    }
    expect(hands.bootReadings - before).toBe(10 / BOOT_CLOCK_REUSE_MS);
  });

  it('agrees with the clocks of this machine', () => {
    const clock = new SystemClock();
    const { home, voter } = clock.now();
    expect(home).toBeGreaterThanOrEqual(voter);
    expect(voter).toBeGreaterThanOrEqual(0);
  });
});

describe('SystemClock.alarm', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  function advance(hands: Hands, ms: number): void {
    for (let passed = 0; passed < ms; passed += 100) {
      hands.advance(100);
      vi.advanceTimersByTime(100);
    }
  }

  it('rings once when its time has come, not before', () => {
    const hands = new Hands();
    const clock = new SystemClock(hands);
    const ring = vi.fn();
    clock.alarm(2_500, ring);
    advance(hands, 2_400);
    expect(ring).not.toHaveBeenCalled();
    advance(hands, 200);
    expect(ring).toHaveBeenCalledTimes(1);
    advance(hands, 5_000);
    expect(ring).toHaveBeenCalledTimes(1);
  });

  it('does not ring at once for a time beyond the reach of timers', () => {
    const hands = new Hands();
    const clock = new SystemClock(hands);
    const ring = vi.fn();
    clock.alarm(2 ** 40, ring);
    clock.alarm(Number.POSITIVE_INFINITY, ring);
    clock.alarm(2 ** 31 + 5, ring);
    advance(hands, 10_000);
    expect(ring).not.toHaveBeenCalled();
    clock.stop();
  });

  it('is replaced by the next', () => {
    const hands = new Hands();
    const clock = new SystemClock(hands);
    const [first, second] = [vi.fn(), vi.fn()];
    clock.alarm(1_000, first);
    clock.alarm(2_000, second);
    advance(hands, 3_000);
    expect(first).not.toHaveBeenCalled();
    expect(second).toHaveBeenCalledTimes(1);
  });

  it('rings soon after a machine wakes', () => {
    const hands = new Hands();
    const clock = new SystemClock(hands);
    const ring = vi.fn();
    clock.alarm(60_000, ring);
    hands.boot += 3_600_000;
    advance(hands, ALARM_MS_MAX);
    expect(ring).toHaveBeenCalledTimes(1);
  });

  it('is silent once stopped', () => {
    const hands = new Hands();
    const clock = new SystemClock(hands);
    const ring = vi.fn();
    clock.alarm(100, ring);
    clock.stop();
    advance(hands, 1_000);
    expect(ring).not.toHaveBeenCalled();
  });
});
