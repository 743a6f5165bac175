/**
 * 100 sessions that hold very many locks at once: what heartbeats cost then, and whether peers
 * still answer.
 *
 * Counts what the peers write while no client says anything: heartbeats and their answers, to
 * whatever file or socket. First with all locks held, then with one: counters, which grow with what
 * peers have done, have the same length in both.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type ElockCell, type Extent, type Measured, msSince } from '../cell.ts';
import { LineClient } from '../line-client.ts';
import { SERVERS } from '../lock-system.ts';
import { writtenBytes } from '../process-usage.ts';
import { median, percentile } from '../statistics.ts';
import type { ElockSystem } from '../systems/elock.ts';

const SESSIONS = 100;
/** Lines that a session keeps in flight. */
const IN_FLIGHT = 20;
const PAIRS_OF_PEERS = (SERVERS * (SERVERS - 1)) / 2;
/** After the last change, until every voter has been brought up to date. */
const SETTLE_MS = 2_000;
/** That bytes are counted for. */
const SECONDS = 9;
const ECHO_EVERY_MS = 5;

export const held: ElockCell = {
  name: 'held',
  title: `Locks held at once by ${SESSIONS} sessions`,
  of: 'elock',
  fresh: true,
  alone: true,
  columns: [
    { key: 'locks', title: 'locks held', digits: 0, compared: false },
    { key: 'locksPerSecond', title: 'taken per second', digits: 0, compared: false },
    { key: 'echoP99', title: 'echo p99 ms while taking them', digits: 1, compared: false },
    { key: 'allBytes', title: 'B/s per pair of peers, all locks', digits: 0, compared: false },
    { key: 'idleEchoP99', title: 'echo p99 ms meanwhile', digits: 1, compared: false },
    { key: 'oneBytes', title: 'B/s per pair, 1 lock', digits: 0, compared: false },
  ],
  async run(system, extent) {
    const sessions = await Promise.all(
      Array.from({ length: SESSIONS }, (_, index) => LineClient.connect(system.port(index))),
    );
    try {
      return await measure(system, sessions, extent);
    } finally {
      await Promise.all(sessions.map((session) => session.close()));
    }
  },
};

async function measure(
  system: ElockSystem,
  sessions: readonly LineClient[],
  { heldLocks, measureMs }: Extent,
): Promise<Measured> {
  const probe = await LineClient.connect(system.port(0));
  const perSession = Math.ceil(heldLocks / SESSIONS);
  const taking = await takeAll(sessions, perSession, probe);
  const allBytes = await heartbeatBytes(system.pids);
  const idleEchoes = await echoUntil(probe, delay(measureMs));
  await probe.close();
  // One by one: each is answered when it is done, which all at once need not be.
  await forEach(sessions, 'unlock', perSession);
  await forEach(sessions.slice(0, 1), 'lock', 1);
  const oneBytes = await heartbeatBytes(system.pids);
  const idleEchoP99 = percentile(idleEchoes, 0.99);
  return { figures: { ...taking, allBytes, idleEchoP99, oneBytes }, errors: [] };
}

/** Every session takes `perSession` locks, while another client asks whether its peer answers. */
async function takeAll(sessions: readonly LineClient[], perSession: number, probe: LineClient) {
  const startedAt = performance.now();
  const echoes = await echoUntil(probe, forEach(sessions, 'lock', perSession));
  const locks = perSession * sessions.length;
  return {
    locks,
    locksPerSecond: (1_000 * locks) / msSince(startedAt),
    echoP99: percentile(echoes, 0.99),
  };
}

/** Locks, or unlocks, `count` names of each session, a few lines in flight. */
async function forEach(
  sessions: readonly LineClient[],
  command: 'lock' | 'unlock',
  count: number,
): Promise<void> {
  const all = sessions.map(async (session, index) => {
    let next = 0;
    const lane = async () => {
      while (next < count) {
        next += 1;
        await expect200(session, `${command} held-${index}-${next - 1}`);
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  });
  await Promise.all(all);
}

async function expect200(session: LineClient, line: string): Promise<void> {
  const reply = await session.request(line);
  if (!reply.startsWith('200')) throw new Error(`${line}: expected 200, got ${reply}`);
}

/** Of the median second, as a peer may now and then do other things, such as to look for others. */
async function heartbeatBytes(pids: readonly number[]): Promise<number> {
  await delay(SETTLE_MS);
  const perSecond: number[] = [];
  while (perSecond.length < SECONDS) {
    const before = writtenBytes(pids);
    const startedAt = performance.now();
    await delay(1_000);
    perSecond.push((1_000 * (writtenBytes(pids) - before)) / msSince(startedAt));
  }
  return median(perSecond) / PAIRS_OF_PEERS;
}

async function echoUntil(probe: LineClient, end: Promise<unknown>): Promise<number[]> {
  let over = false;
  const ended = end.finally(() => {
    over = true;
  });
  const roundTrips: number[] = [];
  while (!over) {
    const startedAt = performance.now();
    await probe.request('echo x');
    roundTrips.push(msSince(startedAt));
    await delay(ECHO_EVERY_MS);
  }
  await ended;
  return roundTrips;
}
