/**
 * 64 clients over three servers, each with names of its own: how many pairs of lock and unlock.
 */
import { type CommonCell, WARM_UP_MS } from '../cell.ts';
import { closedLoop } from '../closed-loop.ts';
import { connectAll } from '../connect-all.ts';
import { percentile } from '../statistics.ts';

const CLIENTS = 64;
/** Of each client, taken in turn. */
const NAMES = 16;

export const manyClients: CommonCell = {
  name: 'many-clients',
  title: `${CLIENTS} clients, names of their own`,
  of: 'all',
  fresh: false,
  alone: false,
  columns: [
    { key: 'pairsPerSecond', title: 'pairs/s', digits: 0, compared: true },
    { key: 'p50', title: 'acquire p50 ms', digits: 2, compared: true },
    { key: 'p99', title: 'p99 ms', digits: 2, compared: true },
    { key: 'max', title: 'max ms', digits: 1, compared: false },
    { key: 'serverCpu', title: 'server CPU s per 1000', digits: 3, compared: true },
    { key: 'clientCpu', title: 'client CPU s per 1000', digits: 3, compared: true },
  ],
  async run(system, { measureMs }) {
    const clients = await connectAll(system, CLIENTS);
    const outcome = await closedLoop(clients.list, {
      nameOf: (client, turn) => `mine-${client}-${turn % NAMES}`,
      waitMs: 0,
      holdMs: 0,
      warmUpMs: WARM_UP_MS,
      measureMs,
      pids: system.pids,
    });
    await clients.close();
    const pairs = outcome.pairs.reduce((total, each) => total + each, 0);
    return {
      figures: {
        pairsPerSecond: pairs / outcome.seconds,
        p50: percentile(outcome.waits, 0.5),
        p99: percentile(outcome.waits, 0.99),
        max: percentile(outcome.waits, 1),
        serverCpu: (1_000 * outcome.serverCpuSeconds) / pairs,
        clientCpu: (1_000 * outcome.clientCpuSeconds) / pairs,
      },
      errors: outcome.errors,
    };
  },
};
