/**
 * What only some seeds have: waits beside other commands, names that are soon forgotten, a crowd at
 * one lock, pages so small that few locks fill them.
 *
 * Each is drawn from a stream of its own: the plan of a seed that draws none is as it would be
 * without.
 */
import type { Plan, WorkloadPlan } from './plan.ts';
import { RandomStream } from './random.ts';
import type { Table } from './table.ts';

/** The delays of a near network (µs). */
export const NEAR_US: Table = [50, 100, 300];
/** The syncs of fast disks (µs). */
export const FAST_SYNC_US: Table = [50, 200];

/** Seeds that forget soon, and for how long a name must rest then (ms). */
const FORGETFUL_PER_MILLION = 250_000;
const FORGET_MS = [1_000, 3_000] as const;
/** Seeds in which next to nothing is done in one go, and how little (`Settings.pageSize`). */
const SMALL_PAGES_PER_MILLION = 250_000;
const SMALL_PAGE = [1, 4] as const;
/** Seeds in which clients wait by `queue`, too. */
const QUEUEING_PER_MILLION = 300_000;
/** Seeds with a crowd of clients, and how many: more than a hundred wait at a time. */
const CROWDED_PER_MILLION = 40_000;
const CROWD = 150;

/** Some runs have waits beside other commands. Drawn apart, as what is rare is. */
export function drawQueues(seed: number): Partial<WorkloadPlan> {
  const random = new RandomStream(seed, 'plan:queues');
  return random.chance(QUEUEING_PER_MILLION) ? { queuePercent: random.between(10, 90) } : {};
}

/**
 * What hardly comes about by itself: names that are forgotten and taken again, a crowd at one lock,
 * more locks than fit into a page. Has streams of its own: the rest of a seed's plan is as it would
 * be without.
 *
 * @param workload - `null`: its clients are somebody else's choice
 */
export function drawRare(seed: number, workload: WorkloadPlan | null): Partial<Plan> {
  const random = new RandomStream(seed, 'plan:rare');
  const forgets = random.chance(FORGETFUL_PER_MILLION);
  const crowded = random.chance(CROWDED_PER_MILLION);
  const forgetting = forgets ? { forgetMs: random.between(...FORGET_MS) } : {};
  return {
    settings: { ...forgetting, ...(workload === null ? {} : drawPages(seed)) },
    ...(crowded && workload !== null ? crowd(workload) : {}),
  };
}

function drawPages(seed: number): Plan['settings'] {
  const random = new RandomStream(seed, 'plan:pages');
  return random.chance(SMALL_PAGES_PER_MILLION) ? { pageSize: random.between(...SMALL_PAGE) } : {};
}

/** Everybody wants the same, on a network and disks that can serve all of them in turn. */
function crowd(workload: WorkloadPlan): Partial<Plan> {
  return {
    delayUs: NEAR_US,
    syncUs: FAST_SYNC_US,
    workload: {
      ...workload,
      clients: CROWD,
      locks: 1,
      thinkMs: [20, 400],
      holdMs: [1, 10],
      waitMs: [3_000, 12_000],
      tryPercent: 10,
    },
  };
}
