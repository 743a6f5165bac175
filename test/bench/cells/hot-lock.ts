/**
 * 8 clients over three servers that all want the same lock, waiting up to 5 s for it.
 *
 * Grants count every acquire; hand-overs only those that went to another client than the one
 * before. A system that lets one client take the lock again and again shows many of the former.
 */
import { type CommonCell, WARM_UP_MS } from '../cell.ts';
import { closedLoop } from '../closed-loop.ts';
import { connectAll } from '../connect-all.ts';
import { jainIndex, percentile } from '../statistics.ts';

const CLIENTS = 8;
const WAIT_MS = 5_000;

function hotLock(name: string, title: string, holdMs: number): CommonCell {
  return {
    name,
    title,
    of: 'all',
    fresh: false,
    alone: false,
    columns: [
      { key: 'grantsPerSecond', title: 'grants/s', digits: 0, compared: true },
      { key: 'handOversPerSecond', title: 'hand-overs/s', digits: 0, compared: true },
      { key: 'p50', title: 'wait p50 ms', digits: 2, compared: true },
      { key: 'p99', title: 'p99 ms', digits: 1, compared: true },
      { key: 'max', title: 'max ms', digits: 0, compared: false },
      { key: 'jain', title: 'Jain index', digits: 3, compared: false },
      { key: 'timedOut', title: 'timed out', digits: 0, compared: false },
    ],
    async run(system, { measureMs }) {
      const clients = await connectAll(system, CLIENTS);
      const outcome = await closedLoop(clients.list, {
        nameOf: () => name,
        waitMs: WAIT_MS,
        holdMs,
        warmUpMs: WARM_UP_MS,
        measureMs,
        pids: system.pids,
      });
      await clients.close();
      return {
        figures: {
          grantsPerSecond: outcome.waits.length / outcome.seconds,
          handOversPerSecond: outcome.handOvers / outcome.seconds,
          p50: percentile(outcome.waits, 0.5),
          p99: percentile(outcome.waits, 0.99),
          max: percentile(outcome.waits, 1),
          jain: jainIndex(outcome.pairs),
          timedOut: outcome.timedOut,
        },
        errors: outcome.errors,
      };
    },
  };
}

export const hot = hotLock('hot', `${CLIENTS} clients wait for one lock, released at once`, 0);
export const hotHeld = hotLock(
  'hot-held',
  `${CLIENTS} clients wait for one lock, held for 5 ms`,
  5,
);
