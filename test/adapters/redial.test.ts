import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Redial, SLOWLY, SOON } from '../../src/adapters/redial.ts';
import { REDIAL_MS_MAX, REDIAL_MS_MIN, REDIAL_SLOWLY_MS_MIN } from '../../src/limits.ts';

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
    redial.hurry(0);
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
    redial.hurry(0);
    redial.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(attempts).toBe(0);
  });

  it('does not wait when it must hurry', async () => {
    redial.hurry(10_000);
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
    redial.hurry(0);
    await vi.advanceTimersByTimeAsync(60_000);
    redial.stop();
    redial.forgive();
    attempts = 0;
    redial.backOff();
    await vi.advanceTimersByTimeAsync(REDIAL_MS_MIN);
    expect(attempts).toBe(1);
  });

  it('waits as long as it may at the moment', async () => {
    let most = 60_000;
    const other = new Redial(
      async () => {
        attempts += 1;
      },
      () => ({ ...SOON, most }),
    );
    other.hurry();
    await vi.advanceTimersByTimeAsync(600_000);
    attempts = 0;
    await vi.advanceTimersByTimeAsync(600_000);
    expect(attempts).toBeLessThanOrEqual(20);
    most = 1_000;
    other.hurry();
    attempts = 0;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(attempts).toBeGreaterThanOrEqual(10);
    other.stop();
  });

  it('attempts soon when it is nudged, but not more often than REDIAL_MS_MAX', async () => {
    let ended = 0;
    const rare = new Redial(
      async () => {
        ended += 1;
      },
      () => ({ ...SOON, most: 3_600_000 }),
    );
    rare.hurry();
    for (let i = 0; i < 1_000_000 && ended < 20; i++) {
      await vi.advanceTimersByTimeAsync(REDIAL_MS_MAX);
    }
    await vi.advanceTimersByTimeAsync(REDIAL_MS_MAX);
    ended = 0;
    rare.nudge(0);
    await vi.advanceTimersByTimeAsync(0);
    expect(ended).toBe(1);
    for (let i = 0; i < 100; i++) {
      rare.nudge(0);
      await vi.advanceTimersByTimeAsync(REDIAL_MS_MAX / 10);
    }
    expect(ended).toBeGreaterThanOrEqual(10);
    expect(ended).toBeLessThanOrEqual(11);
    rare.stop();
  });

  it('leaves who is not needed alone for longer, from the first failure on', async () => {
    const slow = new Redial(
      async () => {
        attempts += 1;
      },
      () => SLOWLY,
    );
    slow.hurry();
    await vi.advanceTimersByTimeAsync(0);
    slow.nudge(0);
    await vi.advanceTimersByTimeAsync(REDIAL_SLOWLY_MS_MIN / 2 - 1);
    expect(attempts).toBe(1);
    await vi.advanceTimersByTimeAsync(REDIAL_SLOWLY_MS_MIN / 2 + 1);
    expect(attempts).toBe(2);
    slow.stop();
  });

  it('attempts again at once when something changed during the attempt', async () => {
    const ends: (() => void)[] = [];
    const slow = new Redial(() => new Promise<void>((resolve) => ends.push(resolve)));
    slow.hurry();
    await vi.advanceTimersByTimeAsync(0);
    slow.hurry();
    expect(ends).toHaveLength(1);
    ends[0]!();
    await vi.advanceTimersByTimeAsync(0);
    expect(ends).toHaveLength(2);
    slow.stop();
    ends[1]!();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ends).toHaveLength(2);
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
    slow.hurry(0);
    await vi.advanceTimersByTimeAsync(0);
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
