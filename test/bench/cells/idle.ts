/**
 * What servers use while nobody asks anything of them, just after they were started.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type CommonCell, msSince } from '../cell.ts';
import { cpuSeconds, largestResidentMb, residentMb } from '../process-usage.ts';

/** After the start, until caches and clusters have settled. */
const SETTLE_MS = 2_000;

export const idle: CommonCell = {
  name: 'idle',
  title: 'Idle: three servers, no client',
  of: 'all',
  fresh: true,
  alone: false,
  columns: [
    { key: 'largestMb', title: 'RSS of the largest, MB', digits: 0, compared: false },
    { key: 'allMb', title: 'RSS of all, MB', digits: 0, compared: true },
    { key: 'corePercent', title: 'CPU of one, % of a core', digits: 2, compared: true },
  ],
  async run({ pids }, { measureMs }) {
    await delay(SETTLE_MS);
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
  },
};
