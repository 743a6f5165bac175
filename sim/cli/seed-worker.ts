/**
 * One thread of a swarm: takes a seed, runs it, says what came of it.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { runPlan } from '../simulation.ts';
import { plannerOf } from './options.ts';
import { lineOf } from './outcome.ts';
import type { WorkerData } from './seeds.ts';

const { scenario, peers } = workerData as WorkerData;
const planner = await plannerOf(scenario);

parentPort?.on('message', (seed: number) => {
  const began = performance.now();
  const result = runPlan({ plan: planner(seed, peers) });
  parentPort?.postMessage(lineOf(result, Math.round(performance.now() - began)));
});
