/**
 * What elock is meant to reach, as ratios of figures of one pass.
 *
 * Data only: how each is measured is in the cells. A missed target fails nothing: the same figure
 * moves by a factor of two with whatever else the machine does.
 */
import type { Lookup } from './results.ts';

/** One goal; NaN is what a ratio comes to when one of its figures was not measured. */
export interface Target {
  readonly text: string;
  readonly of: (figures: Lookup) => number;
  readonly limit: number;
  readonly sense: 'at least' | 'at most';
  readonly digits: number;
}

/** What an acquire may take over the sum of its parts. */
const OVERHEAD = 1.6;
/** Resident memory of a process whose live memory is flat still moves by some part. */
const FLAT = 1.1;

/** What any acquire costs: client's round trip, and `rounds` of peers' round trips and writes. */
function floorMs(figures: Lookup, rounds: number): number {
  const [client, peer, write] = ['clientP50', 'peerP50', 'writeP50'].map((key) =>
    figures('basis', 'elock', key),
  );
  return client! + rounds * (peer! + write!);
}

function ratio(cell: string, key: string, rival: string): (figures: Lookup) => number {
  return (figures) => figures(cell, 'elock', key) / figures(cell, rival, key);
}

function own(cell: string, key: string): (figures: Lookup) => number {
  return (figures) => figures(cell, 'elock', key);
}

/** In the order of the table. */
export const TARGETS: readonly Target[] = [
  {
    text: 'own name, p50 / (client RTT + peer RTT + durable write)',
    of: (figures) => figures('one-client', 'elock', 'keptP50') / floorMs(figures, 1),
    limit: OVERHEAD,
    sense: 'at most',
    digits: 2,
  },
  {
    text: 'name kept elsewhere, (p50 - peer RTT) / (client RTT + peer RTT + durable write)',
    of: (figures) => {
      const beyond = figures('one-client', 'elock', 'elsewhereP50');
      return (beyond - figures('basis', 'elock', 'peerP50')) / floorMs(figures, 1);
    },
    limit: OVERHEAD,
    sense: 'at most',
    digits: 2,
  },
  {
    text: 'new name, p50 / (client RTT + 2 x (peer RTT + durable write))',
    of: (figures) => figures('one-client', 'elock', 'newP50') / floorMs(figures, 2),
    limit: OVERHEAD,
    sense: 'at most',
    digits: 2,
  },
  {
    text: '64 clients, pairs/s / redlock',
    of: ratio('many-clients', 'pairsPerSecond', 'redlock'),
    limit: 1,
    sense: 'at least',
    digits: 2,
  },
  {
    text: '64 clients, p99 / redlock',
    of: ratio('many-clients', 'p99', 'redlock'),
    limit: 1,
    sense: 'at most',
    digits: 2,
  },
  {
    text: '64 clients, pairs/s / zookeeper',
    of: ratio('many-clients', 'pairsPerSecond', 'zookeeper'),
    limit: 4,
    sense: 'at least',
    digits: 1,
  },
  {
    text: '64 clients, pairs/s / etcd',
    of: ratio('many-clients', 'pairsPerSecond', 'etcd'),
    limit: 15,
    sense: 'at least',
    digits: 1,
  },
  {
    text: '64 clients, server CPU s per 1000 pairs',
    of: own('many-clients', 'serverCpu'),
    limit: 0.12,
    sense: 'at most',
    digits: 3,
  },
  {
    text: 'hot lock, grants/s / redlock',
    of: ratio('hot', 'grantsPerSecond', 'redlock'),
    limit: 1.5,
    sense: 'at least',
    digits: 2,
  },
  {
    text: 'hot lock, Jain index',
    of: own('hot', 'jain'),
    limit: 0.99,
    sense: 'at least',
    digits: 3,
  },
  {
    text: 'idle peer, RSS in MB',
    of: own('idle', 'largestMb'),
    limit: 110,
    sense: 'at most',
    digits: 0,
  },
  {
    text: 'idle peer, CPU in % of a core, three minutes after its start',
    of: own('idle-aged', 'corePercent'),
    limit: 1,
    sense: 'at most',
    digits: 2,
  },
  {
    text: 'load, errors',
    of: own('load', 'errors'),
    limit: 0,
    sense: 'at most',
    digits: 0,
  },
  {
    text: 'kills, errors',
    of: own('kills', 'errors'),
    limit: 0,
    sense: 'at most',
    digits: 0,
  },
  {
    text: 'load, RSS at the end / after warm-up',
    of: (figures) => figures('load', 'elock', 'endMb') / figures('load', 'elock', 'warmMb'),
    limit: FLAT,
    sense: 'at most',
    digits: 2,
  },
  {
    text: 'heartbeat bytes/s with all locks held / with one',
    of: (figures) => figures('held', 'elock', 'allBytes') / figures('held', 'elock', 'oneBytes'),
    limit: FLAT,
    sense: 'at most',
    digits: 2,
  },
  {
    text: 'simulator, simulated s / CPU s with 5 peers',
    of: own('sim', 'speed'),
    limit: 300,
    sense: 'at least',
    digits: 0,
  },
  {
    text: 'simulator, events / CPU s',
    of: own('sim', 'eventsPerSecond'),
    limit: 150_000,
    sense: 'at least',
    digits: 0,
  },
];
