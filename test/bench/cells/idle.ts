/**
 * What servers use while nobody asks anything of them: just after they were started, and later.
 *
 * Younger servers take more: their code is compiled as it turns out to be needed again and again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type CommonCell, type ElockCell, type Measured, msSince } from '../cell.ts';
import type { LockSystem } from '../lock-system.ts';
import { cpuSeconds, largestResidentMb, residentMb } from '../process-usage.ts';

/** After the start, until caches and clusters have settled. */
const SETTLE_MS = 2_000;
/** Until just-in-time compilers and garbage collectors have nothing left to do, too. */
const AGE_MS = 180_000;
/** CPU time is counted in hundredths of a second. */
const AGED_MEASURE_MS = 30_000;

const COLUMNS = [
  { key: 'largestMb', title: 'RSS of the largest, MB', digits: 0, compared: false },
  { key: 'allMb', title: 'RSS of all, MB', digits: 0, compared: true },
  { key: 'corePercent', title: 'CPU of one, % of a core', digits: 2, compared: true },
];

export const idle: CommonCell = {
  name: 'idle',
  title: 'Idle: three servers, no client, just started',
  of: 'all',
  fresh: true,
  alone: false,
  columns: COLUMNS,
  run: (system, { measureMs }) => usage(system, SETTLE_MS, measureMs),
};

export const idleAged: ElockCell = {
  name: 'idle-aged',
  title: 'Idle: three servers, no client, started three minutes ago',
  of: 'elock',
  fresh: true,
  alone: true,
  columns: COLUMNS,
  run: (system) => usage(system, AGE_MS, AGED_MEASURE_MS),
};

async function usage({ pids }: LockSystem, settleMs: number, measureMs: number): Promise<Measured> {
  await delay(settleMs);
  const cpuBefore = cpuSeconds(pids);
  const startedAt = performance.now();
  await delay(measureMs);
  const seconds = msSince(startedAt) / 1_000;
  const cores = (cpuSeconds(pids) - cpuBefore) / seconds;
  return {
    figures: {
      largestMb: largestResidentMb(pids),
      allMb: residentMb(pids),
      corePercent: (100 * cores) / pids.length,
    },
    errors: [],
  };
}
