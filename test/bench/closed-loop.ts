/**
 * Clients that take a lock, hold it, release it, and begin again, until the time is over.
 *
 * The one load generator of the bench: it measures how long each acquire took, counts pairs, and
 * has every grant watched for overlapping holders. A client that meets an error stops there.
 */
import { setTimeout as delay, setImmediate as endOfTurn } from 'node:timers/promises';
import { msSince } from './cell.ts';
import { HolderCheck } from './holder-check.ts';
import type { LockClient } from './lock-system.ts';
import { cpuSeconds } from './process-usage.ts';

/** What the clients do. */
export interface Workload {
  /** The lock that a client takes on its n-th turn. */
  nameOf(client: number, turn: number): string;
  readonly waitMs: number;
  /** 0: one turn of the event loop. */
  readonly holdMs: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** The servers whose CPU time is counted. */
  readonly pids: readonly number[];
}

/** What came of it, all within the measured time except errors and overlaps. */
export interface Outcome {
  /** Of each acquire that got its lock, in ms. */
  readonly waits: readonly number[];
  /** Pairs of lock and unlock, by client. */
  readonly pairs: readonly number[];
  readonly handOvers: number;
  /** Acquires that did not get their lock within `waitMs`. */
  readonly timedOut: number;
  readonly seconds: number;
  readonly serverCpuSeconds: number;
  readonly clientCpuSeconds: number;
  readonly errors: readonly string[];
}

/** Runs a workload with clients that are connected already. */
export async function closedLoop(
  clients: readonly LockClient[],
  workload: Workload,
): Promise<Outcome> {
  const run = new Run(workload, clients.length);
  const loops = clients.map((client, index) => run.loop(client, index));
  try {
    await delay(workload.warmUpMs);
    run.begin();
    await delay(workload.measureMs);
    run.end();
  } finally {
    run.stop();
    await Promise.all(loops);
  }
  return run.outcome();
}

/** What is counted from the start, at one end of the measured time. */
interface Reading {
  readonly atMs: number;
  readonly handOvers: number;
  readonly serverCpuSeconds: number;
  readonly clientCpuSeconds: number;
}

class Run {
  readonly #workload: Workload;
  readonly #check = new HolderCheck();
  readonly #errors: string[] = [];
  readonly #waits: number[] = [];
  readonly #pairs: number[];
  #phase: 'warming up' | 'measuring' | 'over' = 'warming up';
  #timedOut = 0;
  #before: Reading | null = null;
  #after: Reading | null = null;

  constructor(workload: Workload, clients: number) {
    this.#workload = workload;
    this.#pairs = new Array<number>(clients).fill(0);
  }

  async loop(client: LockClient, index: number): Promise<void> {
    try {
      for (let turn = 0; this.#phase !== 'over'; turn += 1) {
        await this.#turn(client, index, this.#workload.nameOf(index, turn));
      }
    } catch (error) {
      this.#errors.push(`client ${index}: ${String(error)}`);
    }
  }

  begin(): void {
    this.#before = this.#read();
    this.#phase = 'measuring';
  }

  end(): void {
    this.stop();
    this.#after = this.#read();
  }

  stop(): void {
    this.#phase = 'over';
  }

  outcome(): Outcome {
    const [before, after] = [this.#before!, this.#after!];
    const overlaps = this.#check.overlaps;
    const overlapping = `${overlaps} grants of a lock that somebody else held`;
    return {
      waits: this.#waits,
      pairs: this.#pairs,
      handOvers: after.handOvers - before.handOvers,
      timedOut: this.#timedOut,
      seconds: (after.atMs - before.atMs) / 1_000,
      serverCpuSeconds: after.serverCpuSeconds - before.serverCpuSeconds,
      clientCpuSeconds: after.clientCpuSeconds - before.clientCpuSeconds,
      errors: overlaps === 0 ? this.#errors : [overlapping, ...this.#errors],
    };
  }

  #read(): Reading {
    const { user, system } = process.cpuUsage();
    return {
      atMs: performance.now(),
      handOvers: this.#check.handOvers,
      serverCpuSeconds: cpuSeconds(this.#workload.pids),
      clientCpuSeconds: (user + system) / 1_000_000,
    };
  }

  async #turn(client: LockClient, index: number, name: string): Promise<void> {
    const startedAt = performance.now();
    const held = await client.acquire(name, this.#workload.waitMs);
    const measured = this.#phase === 'measuring';
    if (!held) {
      if (measured) this.#timedOut += 1;
      return;
    }
    this.#check.taken(name, index);
    if (measured) this.#waits.push(msSince(startedAt));
    await hold(this.#workload.holdMs);
    this.#check.givenBack(name, index);
    await client.release(name);
    if (this.#phase === 'measuring') this.#pairs[index]! += 1;
  }
}

function hold(ms: number): Promise<void> {
  return ms === 0 ? endOfTurn() : delay(ms);
}
