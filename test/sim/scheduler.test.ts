import { describe, expect, it } from 'vitest';
import { Scheduler } from '../../sim/scheduler.ts';

const never = () => false;

describe('scheduler', () => {
  it('runs in the order of time, and of asking where times are equal', () => {
    const scheduler = new Scheduler();
    const ran: string[] = [];
    for (const [at, name] of [
      [5, 'c'],
      [1, 'a'],
      [5, 'd'],
      [2, 'b'],
    ] as const) {
      scheduler.at(at, () => ran.push(`${name}${scheduler.now}`));
    }
    scheduler.run(10, never);
    expect(ran).toEqual(['a1', 'b2', 'c5', 'd5']);
    expect(scheduler.now).toBe(10);
  });

  it('runs what is asked for meanwhile, and what has passed at once', () => {
    const scheduler = new Scheduler();
    const ran: number[] = [];
    scheduler.at(5, () => {
      scheduler.at(1, () => ran.push(scheduler.now));
      scheduler.after(2, () => ran.push(scheduler.now));
    });
    scheduler.run(10, never);
    expect(ran).toEqual([5, 7]);
  });

  it('passes over what was cancelled, and counts what happened', () => {
    const scheduler = new Scheduler();
    const ran: string[] = [];
    scheduler.at(1, () => ran.push('a')).cancelled = true;
    scheduler.at(2, () => ran.push('b'));
    scheduler.run(10, never);
    expect(ran).toEqual(['b']);
    expect(scheduler.count).toBe(1);
  });

  it('stands still at the event that stopped it', () => {
    const scheduler = new Scheduler();
    let stopped = false;
    scheduler.at(3, () => {
      stopped = true;
    });
    scheduler.at(4, () => expect.unreachable());
    scheduler.run(10, () => stopped);
    expect(scheduler.now).toBe(3);
  });

  it('keeps the order of ten thousand random times', () => {
    const scheduler = new Scheduler();
    let word = 1;
    const ran: number[] = [];
    for (let i = 0; i < 10_000; i++) {
      word = (Math.imul(word, 1_103_515_245) + 12_345) >>> 1;
      scheduler.at(word % 5_000, () => ran.push(scheduler.now));
    }
    scheduler.run(5_000, never);
    expect(ran).toEqual(ran.toSorted((a, b) => a - b));
    expect(ran).toHaveLength(10_000);
  });

  it('does not stand still for ever', () => {
    const scheduler = new Scheduler();
    const again = () => {
      scheduler.after(0, again);
    };
    again();
    expect(() => scheduler.run(10, never)).toThrow('time stands still');
  });
});
