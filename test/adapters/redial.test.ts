import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Redial } from '../../src/adapters/redial.ts';
import { REDIAL_MS_MAX, REDIAL_MS_MIN } from '../../src/limits.ts';

describe('a redial', () => {
  let attempts: number;
  let redial: Redial;

  beforeEach(() => {
    vi.useFakeTimers();
    attempts = 0;
    redial = new Redial(async () => {
      attempts += 1;
    });
  });

  afterEach(() => {
    redial.stop();
    vi.useRealTimers();
  });

  it('waits longer and longer, at most REDIAL_MS_MAX, and never gives up', async () => {
    redial.want(0);
    await vi.advanceTimersByTimeAsync(0);
    expect(attempts).toBe(1);
    await vi.advanceTimersByTimeAsync(REDIAL_MS_MIN / 2 - 1);
    expect(attempts).toBe(1);
    await vi.advanceTimersByTimeAsync(REDIAL_MS_MIN);
    expect(attempts).toBe(2);
    await vi.advanceTimersByTimeAsync(60_000);
    const sofar = attempts;
    await vi.advanceTimersByTimeAsync(10 * REDIAL_MS_MAX);
    expect(attempts - sofar).toBeGreaterThanOrEqual(10);
    expect(attempts - sofar).toBeLessThanOrEqual(21);
  });

  it('attempts nothing once it is stopped', async () => {
    redial.want(0);
    redial.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(attempts).toBe(0);
  });

  it('does not wait when it must hurry', async () => {
    redial.want(10_000);
    redial.hurry();
    await vi.advanceTimersByTimeAsync(0);
    expect(attempts).toBe(1);
  });

  it('counts several failures at a time as one', async () => {
    redial.backOff();
    redial.backOff();
    await vi.advanceTimersByTimeAsync(REDIAL_MS_MIN);
    expect(attempts).toBe(1);
  });

  it('starts anew when it is forgiven', async () => {
    redial.want(0);
    await vi.advanceTimersByTimeAsync(60_000);
    redial.stop();
    redial.forgive();
    attempts = 0;
    redial.backOff();
    await vi.advanceTimersByTimeAsync(REDIAL_MS_MIN);
    expect(attempts).toBe(1);
  });

  it('has one attempt under way, however long it takes', async () => {
    let finish!: () => void;
    let running = 0;
    const slow = new Redial(() => {
      running += 1;
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    slow.want(0);
    await vi.advanceTimersByTimeAsync(0);
    slow.hurry();
    slow.backOff();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(running).toBe(1);
    finish();
    await vi.advanceTimersByTimeAsync(REDIAL_MS_MIN);
    expect(running).toBe(2);
    slow.stop();
    finish();
  });
});
