/**
 * The clocks of one simulated machine, and a process's view of them.
 *
 * Owns how a monotonic, a suspend-counting (boot) and a wall clock follow the world's time: each
 * with its own origin, rate, steps and freezes, in whole µs and whole parts per million. A process
 * reads them through the very code of production (`runtime/elapsed.ts`).
 */
import type { Instant, Now } from '../src/core/types.ts';
import { Elapsed } from '../src/runtime/elapsed.ts';
import type { Clock } from '../src/runtime/ports.ts';
import type { SimulatedProcess } from './process.ts';
import { type Happening, NEVER, type Scheduler } from './scheduler.ts';

const MILLION = 1_000_000;

/** Which clock of a machine. */
export type ClockName = 'monotonic' | 'boot' | 'wall';

/** One clock: a value that follows the world's time at some rate. */
export class Oscillator {
  #value: number;
  #since = 0;
  /** How many µs it gains in a million. */
  #gain = 0;
  #frozen = 0;

  constructor(value: number) {
    this.#value = value;
  }

  /** What it shows (µs) when the world's time is `now`. */
  read(now: number): number {
    if (this.#frozen > 0) return this.#value;
    const elapsed = now - this.#since;
    if (this.#gain === 0) return this.#value + elapsed;
    const seconds = Math.floor(elapsed / MILLION);
    const rest = elapsed - seconds * MILLION;
    return this.#value + elapsed + seconds * this.#gain + Math.floor((rest * this.#gain) / MILLION);
  }

  /** It gains so many µs in a million from now on; negative: it loses. */
  setGain(now: number, gain: number): void {
    this.#rebase(now);
    this.#gain = gain;
  }

  /** It jumps, forward or back. */
  step(now: number, byUs: number): void {
    this.#rebase(now);
    this.#value += byUs;
  }

  get stands(): boolean {
    return this.#frozen > 0;
  }

  /** It stands still until thawed as often as it was frozen. */
  freeze(now: number): void {
    this.#rebase(now);
    this.#frozen++;
  }

  thaw(now: number): void {
    this.#rebase(now);
    this.#frozen--;
  }

  /** When it will show `value` if nothing changes; never before `now`. */
  when(now: number, value: number): number {
    const left = value - this.read(now);
    if (left <= 0) return now;
    if (this.#frozen > 0) return NEVER;
    return now + Math.ceil((left * MILLION) / (MILLION + this.#gain));
  }

  #rebase(now: number): void {
    this.#value = this.read(now);
    this.#since = now;
  }
}

/** The clocks of one machine; they outlive its processes. */
export class MachineClock {
  readonly #scheduler: Scheduler;
  readonly #oscillators: Readonly<Record<ClockName, Oscillator>>;
  /** To be called after each change, so that alarms move. */
  #changed: () => void = () => {};

  /** The offset (µs) is what the clocks showed when the world began. */
  constructor(scheduler: Scheduler, offsetUs: number) {
    this.#scheduler = scheduler;
    this.#oscillators = {
      monotonic: new Oscillator(offsetUs),
      boot: new Oscillator(2 * offsetUs),
      wall: new Oscillator(3 * offsetUs),
    };
  }

  onChange(changed: () => void): void {
    this.#changed = changed;
  }

  /** Whether a clock stands still. */
  stands(name: ClockName): boolean {
    return this.#oscillators[name].stands;
  }

  /** Whole ms of that clock. */
  readMs(name: ClockName): number {
    return Math.floor(this.#oscillators[name].read(this.#scheduler.now) / 1_000);
  }

  /** In how many µs of the world that clock will show `ms`, if nothing changes; 0: it does. */
  untilShows(name: ClockName, ms: number): number {
    const { now } = this.#scheduler;
    return this.#oscillators[name].when(now, ms * 1_000) - now;
  }

  /** When the monotonic clock will have advanced by that much, if nothing changes. */
  whenAdvanced(byUs: number): number {
    const { now } = this.#scheduler;
    const { monotonic } = this.#oscillators;
    return monotonic.when(now, monotonic.read(now) + byUs);
  }

  get monotonicUs(): number {
    return this.#oscillators.monotonic.read(this.#scheduler.now);
  }

  /** Whole ms of the monotonic clock. */
  get monotonicMs(): number {
    return Math.floor(this.monotonicUs / 1_000);
  }

  /** Whole ms of the clock that counts suspends. */
  get bootMs(): number {
    return Math.floor(this.#oscillators.boot.read(this.#scheduler.now) / 1_000);
  }

  /** The world's time (µs). */
  get worldUs(): number {
    return this.#scheduler.now;
  }

  /** Changes some of the clocks; alarms move with them. */
  change(names: readonly ClockName[], how: (clock: Oscillator, now: number) => void): void {
    for (const name of names) how(this.#oscillators[name], this.#scheduler.now);
    this.#changed();
  }
}

/** What one process sees of its machine's clocks; its timer runs on the monotonic one. */
export class SimulatedClock implements Clock {
  readonly #machine: MachineClock;
  readonly #process: SimulatedProcess;
  readonly #elapsed: Elapsed;
  #ring: (() => void) | null = null;
  /** What the monotonic clock will show when the alarm rings (µs). */
  #ringAt = 0;
  #alarm: Happening | null = null;
  /** What was read last, and when; the same until the world goes on, or a clock changes. */
  #now: Now = { home: 0, voter: 0 };
  #readUs = -1;
  /** What both clocks showed then. */
  #readMonotonicMs: number;
  #readBootMs: number;

  constructor(machine: MachineClock, process: SimulatedProcess) {
    this.#machine = machine;
    this.#process = process;
    this.#readMonotonicMs = machine.monotonicMs;
    this.#readBootMs = machine.bootMs;
    this.#elapsed = new Elapsed(this.#readMonotonicMs, this.#readBootMs);
    machine.onChange(() => {
      this.#readUs = -1;
      this.#schedule();
    });
  }

  now(): Now {
    const machine = this.#machine;
    if (machine.worldUs !== this.#readUs) {
      this.#readUs = machine.worldUs;
      this.#readMonotonicMs = machine.monotonicMs;
      this.#readBootMs = machine.bootMs;
      this.#now = this.#elapsed.at(this.#readMonotonicMs, this.#readBootMs);
    }
    return this.#now;
  }

  /** What a home would read. Reads nothing: each reading counts what a clock lost (rule 12). */
  get homeMs(): number {
    const { monotonicMs, bootMs } = this.#machine;
    const passed = Math.max(monotonicMs - this.#readMonotonicMs, bootMs - this.#readBootMs);
    return this.#now.home + passed;
  }

  /** In how many µs of the world a home would read `ms`, if nothing changes; 0: it does. */
  untilHomeReads(ms: number): number {
    const left = ms - this.#now.home;
    return Math.min(
      this.#machine.untilShows('monotonic', this.#readMonotonicMs + left),
      this.#machine.untilShows('boot', this.#readBootMs + left),
    );
  }

  alarm(at: Instant, ring: () => void): void {
    this.#ring = ring;
    const delayMs = Math.max(0, at - this.now().home);
    this.#ringAt = this.#machine.monotonicUs + delayMs * 1_000;
    this.#schedule();
  }

  endOfTurn(call: () => void): void {
    this.#process.endOfTurn(call);
  }

  stop(): void {
    this.#ring = null;
    this.#cancel();
  }

  #schedule(): void {
    this.#cancel();
    if (this.#ring === null) return;
    const at = this.#machine.whenAdvanced(this.#ringAt - this.#machine.monotonicUs);
    if (at !== NEVER) this.#alarm = this.#process.at(at, this.#rings);
  }

  readonly #rings = (): void => {
    const ring = this.#ring;
    this.#ring = null;
    this.#alarm = null;
    ring?.();
  };

  #cancel(): void {
    if (this.#alarm !== null) this.#alarm.cancelled = true;
    this.#alarm = null;
  }
}
