/**
 * A voter whose disk takes no more: it stops with a status of its own, and the others go on.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { acquire, ElockProcess, TestCluster } from './dev-cluster.ts';

it('a voter whose disk is full stops, and clients of the others take no notice', async () => {
  const cluster = await TestCluster.start();
  const data = join(cluster.data, 'peer-3');
  cluster.signal(2, 'SIGKILL');
  await cluster.dev.logged('peer-3 ended');
  const roomKb = Math.ceil(statSync(join(data, 'store.mdb')).size / 1024) + 64;
  const full = new ElockProcess(['start', '--data', data], {}, `ulimit -f ${roomKb};`);
  await full.logged('quorum reached');

  const client = await cluster.client(0);
  let isFull = false;
  const ended = full.ended.finally(() => {
    isFull = true;
  });
  const name = 'n'.repeat(3_000);
  let locks = 0;
  for (; !isFull; locks += 1) await acquire(client, `${name}${locks}`);
  expect(await ended).toEqual({ status: 74, signal: null });
  expect(full.log.join('\n')).toContain('must not vote on');
  await acquire(client, 'after');
  expect(await client.ask('unlock_all')).toBe(`200 Released ${locks + 1}`);
});
