import { describe, expect, it } from 'vitest';
import { MachineClock, Oscillator, SimulatedClock } from '../../sim/clock.ts';
import { SimulatedProcess } from '../../sim/process.ts';
import { NEVER, Scheduler } from '../../sim/scheduler.ts';

const never = () => false;

describe('oscillator', () => {
  it('follows the world at its rate, in whole µs', () => {
    const clock = new Oscillator(100);
    clock.setGain(0, 10_000);
    expect(clock.read(1_000_000)).toBe(100 + 1_010_000);
    expect(clock.read(86_400_000_000)).toBe(100 + 87_264_000_000);
  });

  it('keeps what it showed when its rate changes, jumps when stepped, stands when frozen', () => {
    const clock = new Oscillator(0);
    clock.setGain(1_000, -500_000);
    expect(clock.read(3_000)).toBe(2_000);
    clock.step(3_000, -1_500);
    expect(clock.read(3_000)).toBe(500);
    clock.freeze(3_000);
    clock.freeze(3_500);
    clock.thaw(4_000);
    expect(clock.read(9_000)).toBe(500);
    clock.thaw(9_000);
    expect(clock.read(9_002)).toBe(501);
  });

  it('says when it will show a value', () => {
    const clock = new Oscillator(0);
    clock.setGain(0, 500_000);
    const at = clock.when(0, 1_000);
    expect(clock.read(at)).toBeGreaterThanOrEqual(1_000);
    expect(clock.read(at - 1)).toBeLessThan(1_000);
    expect(clock.when(2_000, 1_000)).toBe(2_000);
    clock.freeze(0);
    expect(clock.when(0, 1_000)).toBe(NEVER);
  });
});

describe('simulated clock', () => {
  const world = () => {
    const scheduler = new Scheduler();
    const machine = new MachineClock(scheduler, 5_000_000);
    const process = new SimulatedProcess(scheduler);
    return { scheduler, machine, process, clock: new SimulatedClock(machine, process) };
  };

  it('tells what a home would read, and reads nothing by that', () => {
    const { scheduler, machine, clock } = world();
    const stand = (name: 'monotonic' | 'boot', untilUs: number) => {
      machine.change([name], (one, now) => one.freeze(now));
      scheduler.run(untilUs, never);
      machine.change([name], (one, now) => one.thaw(now));
    };
    stand('boot', 500_000);
    expect(clock.homeMs).toBe(500);
    stand('monotonic', 800_000);
    // What both lost in turn between two readings nobody can know.
    expect(clock.homeMs).toBe(500);
    expect(clock.untilHomeReads(700)).toBe(200_000);
    clock.now();
    stand('boot', 1_000_000);
    clock.now();
    stand('monotonic', 1_300_000);
    expect(clock.homeMs).toBe(1_000);
    expect(clock.untilHomeReads(1_000)).toBe(0);
  });

  it('rings once, when its time is reached', () => {
    const { scheduler, clock } = world();
    const rung: number[] = [];
    clock.alarm(300, () => rung.push(scheduler.now));
    scheduler.run(1_000_000, never);
    expect(rung).toEqual([300_000]);
  });

  it('rings as the monotonic clock goes: later when it stood still', () => {
    const { scheduler, machine, clock } = world();
    const rung: number[] = [];
    clock.alarm(300, () => rung.push(scheduler.now));
    scheduler.run(100_000, never);
    machine.change(['monotonic'], (one, now) => one.freeze(now));
    scheduler.run(1_100_000, never);
    expect(clock.now()).toEqual({ home: 1_100, voter: 100 });
    machine.change(['monotonic'], (one, now) => one.thaw(now));
    scheduler.run(2_000_000, never);
    expect(rung).toEqual([1_300_000]);
  });

  it('rings no more once it is stopped, or its process is over', () => {
    const { scheduler, process, clock } = world();
    clock.alarm(300, () => expect.unreachable());
    clock.stop();
    clock.alarm(400, () => expect.unreachable());
    process.end();
    scheduler.run(1_000_000, never);
  });

  it('rings after a pause, not in it', () => {
    const { scheduler, process, clock } = world();
    const rung: number[] = [];
    clock.alarm(300, () => rung.push(scheduler.now));
    process.pause();
    scheduler.run(900_000, never);
    expect(rung).toEqual([]);
    process.goOn();
    expect(rung).toEqual([900_000]);
  });
});
