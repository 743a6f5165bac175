/**
 * One client at a time and nobody in its way: how long an acquire takes, by who had the lock before.
 *
 * Three kinds of names: the client's own again; those that a client of another server had just
 * before; those that nobody ever had. All on one server, which keeps what its clients held last.
 */
import { type CommonCell, msSince, p50AndP99, WARM_UP_MS } from '../cell.ts';
import type { LockClient } from '../lock-system.ts';

/** Enough for every cache to hold, and for no batch to help. */
const NAMES = 16;

export const oneClient: CommonCell = {
  name: 'one-client',
  title: 'One client, acquire: names that it had itself, names had at another server, new names',
  of: 'all',
  fresh: false,
  alone: false,
  columns: [
    { key: 'keptP50', title: 'own p50 ms', digits: 3, compared: true },
    { key: 'keptP99', title: 'own p99 ms', digits: 2, compared: true },
    { key: 'elsewhereP50', title: 'elsewhere p50 ms', digits: 3, compared: true },
    { key: 'elsewhereP99', title: 'elsewhere p99 ms', digits: 2, compared: true },
    { key: 'newP50', title: 'new p50 ms', digits: 3, compared: true },
    { key: 'newP99', title: 'new p99 ms', digits: 2, compared: true },
  ],
  async run(system, { measureMs }) {
    const [client, elsewhere] = await Promise.all([system.connect(0), system.connect(1)]);
    const own = (turn: number) => `own-${turn % NAMES}`;
    const moving = (turn: number) => `moving-${turn % NAMES}`;
    await repeat(WARM_UP_MS, (turn) => timedPair(client, own(turn)));
    const kept = await repeat(measureMs, (turn) => timedPair(client, own(turn)));
    const moved = await repeat(measureMs, async (turn) => {
      await timedPair(elsewhere, moving(turn));
      return timedPair(client, moving(turn));
    });
    const fresh = await repeat(measureMs, (turn) => timedPair(client, `new-${turn}`));
    await Promise.all([client.close(), elsewhere.close()]);
    return {
      figures: {
        ...p50AndP99('kept', kept),
        ...p50AndP99('elsewhere', moved),
        ...p50AndP99('new', fresh),
      },
      errors: [],
    };
  },
};

async function repeat(ms: number, measure: (turn: number) => Promise<number>): Promise<number[]> {
  const startedAt = performance.now();
  const figures: number[] = [];
  while (msSince(startedAt) < ms) figures.push(await measure(figures.length));
  return figures;
}

async function timedPair(client: LockClient, name: string): Promise<number> {
  const startedAt = performance.now();
  if (!(await client.acquire(name, 0))) throw new Error(`${name} is held by nobody, and refused`);
  const acquireMs = msSince(startedAt);
  await client.release(name);
  return acquireMs;
}
