/**
 * Runs many seeds on several threads, each seed a whole simulation on one of them.
 *
 * Owns which seed is next, and when no more are begun. Which thread runs a seed changes nothing of
 * what comes of it.
 */
import { Worker } from 'node:worker_threads';
import type { SeedRange } from './options.ts';
import type { RunLine } from './outcome.ts';

/** What to run. */
export interface SeedsOptions {
  readonly seeds: SeedRange;
  readonly peers?: number;
  readonly scenario: string;
  readonly jobs: number;
  /** No seed is begun after that (ms). */
  readonly budget?: number;
}

/** What a thread is told once. */
export interface WorkerData {
  readonly scenario: string;
  readonly peers: number | undefined;
}

/** Calls with each run as it ends, in any order; ends early when that says so. */
export async function runSeeds(
  { seeds, peers, scenario, jobs, budget = Number.POSITIVE_INFINITY }: SeedsOptions,
  ended: (run: RunLine) => boolean,
): Promise<void> {
  const until = performance.now() + budget;
  let next = seeds.first;
  let stopped = false;
  const nextSeed = (): number | null => {
    if (stopped || next > seeds.last || performance.now() > until) return null;
    return next++;
  };
  const threads = Math.min(jobs, seeds.last - seeds.first + 1);
  const workerData: WorkerData = { scenario, peers };
  await Promise.all(
    Array.from({ length: threads }, () =>
      runThread(workerData, nextSeed, (run) => {
        if (ended(run)) stopped = true;
      }),
    ),
  );
}

function runThread(
  workerData: WorkerData,
  nextSeed: () => number | null,
  ended: (run: RunLine) => void,
): Promise<void> {
  const first = nextSeed();
  if (first === null) return Promise.resolve();
  const worker = new Worker(new URL('./seed-worker.js', import.meta.url), { workerData });
  return new Promise((resolve, reject) => {
    worker.on('message', (run: RunLine) => {
      ended(run);
      const seed = nextSeed();
      if (seed === null) void worker.terminate();
      else worker.postMessage(seed);
    });
    worker.once('error', reject);
    worker.once('exit', () => resolve());
    worker.postMessage(first);
  });
}
