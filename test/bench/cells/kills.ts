/**
 * `kill -9` of the peer of most sessions, again and again, under load: how soon all are back.
 *
 * Each time the peer that holds the most connections is killed, and the next kill comes as soon as
 * all have come back and the killed one is whole again. An error is whatever must not happen: a
 * lock lost, or held twice, or with a token that did not rise.
 */
import type { ElockCell } from '../cell.ts';
import { Crowd } from '../crowd.ts';
import { SERVERS } from '../lock-system.ts';
import { percentile } from '../statistics.ts';

const SESSIONS = 50;

export const kills: ElockCell = {
  name: 'kills',
  title: `Kills: the peer of most of ${SESSIONS} sessions, under load`,
  of: 'elock',
  fresh: false,
  alone: true,
  columns: [
    { key: 'kills', title: 'kills', digits: 0, compared: false },
    { key: 'moved', title: 'sessions moved', digits: 0, compared: false },
    { key: 'p50', title: 'back after, p50 ms', digits: 0, compared: false },
    { key: 'p99', title: 'p99 ms', digits: 0, compared: false },
    { key: 'max', title: 'max ms', digits: 0, compared: false },
    { key: 'turns', title: 'turns at other locks', digits: 0, compared: false },
    { key: 'errors', title: 'errors', digits: 0, compared: false },
  ],
  async run(system, { kills: count }) {
    const ports = Array.from({ length: SERVERS }, (_, index) => system.port(index));
    const crowd = new Crowd(ports);
    try {
      await crowd.join(SESSIONS);
      for (let moved = 0, kill = 0; kill < count; kill += 1) {
        const { counts } = crowd;
        const victim = counts.indexOf(Math.max(...counts));
        moved += counts[victim]!;
        system.kill(victim);
        await crowd.untilReturned(moved);
        await system.revive(victim);
      }
      const errors = await crowd.finish();
      const { returns, turns } = crowd;
      const [p50, p99, max] = [0.5, 0.99, 1].map((part) => percentile(returns, part));
      const figures = { kills: count, moved: returns.length, p50, p99, max, turns };
      return { figures: { ...figures, errors: errors.length } as Record<string, number>, errors };
    } finally {
      await crowd.close();
    }
  },
};
