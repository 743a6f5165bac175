/**
 * `kill -9` of the peer of many sessions under load: every session comes back at another peer with
 * its locks, none is held twice, and tokens rise.
 *
 * Twice: the second time at the peer that was started again. The long loop is a cell of the bench:
 * `npm run bench -- --only kills --rivals none --kills 100`.
 */
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Crowd } from '../bench/crowd.ts';
import { ElockProcess, TestCluster } from '../end-to-end/dev-cluster.ts';

const SESSIONS = 50;
const KILLS = 2;

/** Of a line of the log, that a peer has a channel to another. */
function opened(peer: string): string {
  return `"message":"channel opened","peer":"${peer}"`;
}

it(`${SESSIONS} sessions move with their locks each time their peer is killed`, async () => {
  const { peers, data } = await TestCluster.start();
  const pids = peers.map(({ pid }) => pid);
  const crowd = new Crowd(peers.map(({ port }) => port));
  onTestFinished(() => crowd.close());
  await crowd.join(SESSIONS);
  for (let moved = 0, kill = 0; kill < KILLS; kill += 1) {
    const { counts } = crowd;
    const victim = counts.indexOf(Math.max(...counts));
    moved += counts[victim]!;
    process.kill(pids[victim]!, 'SIGKILL');
    await crowd.untilReturned(moved);
    const again = new ElockProcess(['start', '--data', join(data, `peer-${victim + 1}`)]);
    pids[victim] = again.child.pid!;
    const others = peers.filter((_, index) => index !== victim);
    await Promise.all(others.map(({ id }) => again.logged(opened(id))));
  }
  expect(await crowd.finish()).toEqual([]);
}, 240_000);
