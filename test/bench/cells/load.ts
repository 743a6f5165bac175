/**
 * 1,000 clients over three elock peers and 10,000 names, for long: no error, and flat memory.
 *
 * Every client takes any of the names and waits for it, so most are kept by another peer.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ElockCell } from '../cell.ts';
import { closedLoop } from '../closed-loop.ts';
import { connectAll } from '../connect-all.ts';
import { largestResidentMb } from '../process-usage.ts';
import { percentile } from '../statistics.ts';

const CLIENTS = 1_000;
const NAMES = 10_000;
/** Longer than any queue for one of so many names. */
const WAIT_MS = 10_000;
/** The part of the time after which every name was used and memory should grow no more. */
const WARM_UP_PART = 0.4;
/** Resident memory is averaged over as many readings, as it moves with each collection. */
const READINGS = 20;

export const load: ElockCell = {
  name: 'load',
  title: `Load: ${CLIENTS} clients, ${NAMES} names, any client any name`,
  of: 'elock',
  fresh: true,
  alone: true,
  columns: [
    { key: 'pairsPerSecond', title: 'pairs/s', digits: 0, compared: false },
    { key: 'p50', title: 'acquire p50 ms', digits: 1, compared: false },
    { key: 'p99', title: 'p99 ms', digits: 1, compared: false },
    { key: 'max', title: 'max ms', digits: 0, compared: false },
    { key: 'errors', title: 'errors', digits: 0, compared: false },
    { key: 'warmMb', title: 'RSS of the largest after warm-up, MB', digits: 0, compared: false },
    { key: 'endMb', title: 'at the end, MB', digits: 0, compared: false },
  ],
  async run(system, { loadMs }) {
    const clients = await connectAll(system, CLIENTS);
    const warmUpMs = loadMs * WARM_UP_PART;
    const measureMs = loadMs - warmUpMs;
    const [outcome, memory] = await Promise.all([
      closedLoop(clients.list, {
        nameOf: (client, turn) => `any-${spread(client, turn) % NAMES}`,
        waitMs: WAIT_MS,
        holdMs: 0,
        warmUpMs,
        measureMs,
        pids: system.pids,
      }),
      readMemory(system.pids, warmUpMs, measureMs),
    ]);
    await clients.close();
    const lost = outcome.timedOut === 0 ? [] : [`${outcome.timedOut} acquires timed out`];
    const errors = [...outcome.errors, ...lost];
    return {
      figures: {
        pairsPerSecond: outcome.waits.length / outcome.seconds,
        p50: percentile(outcome.waits, 0.5),
        p99: percentile(outcome.waits, 0.99),
        max: percentile(outcome.waits, 1),
        errors: errors.length,
        ...memory,
      },
      errors,
    };
  },
};

/** Numbers that look drawn at random, and are the same in every run. */
function spread(client: number, turn: number): number {
  const mixed = Math.imul(client * 65_537 + turn, 0x9e37_79b1);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/** The mean of the first and of the last fifth of the measured time. */
async function readMemory(
  pids: readonly number[],
  warmUpMs: number,
  measureMs: number,
): Promise<{ warmMb: number; endMb: number }> {
  const part = READINGS / 5;
  const readings: number[] = [];
  await delay(warmUpMs);
  while (readings.length < READINGS) {
    await delay(measureMs / (READINGS + 1));
    readings.push(largestResidentMb(pids));
  }
  return { warmMb: mean(readings.slice(0, part)), endMb: mean(readings.slice(-part)) };
}

function mean(figures: readonly number[]): number {
  return figures.reduce((total, figure) => total + figure, 0) / figures.length;
}
