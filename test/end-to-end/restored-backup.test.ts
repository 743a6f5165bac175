/**
 * A data directory that was put back (rule 20): what was voted since is not in it.
 */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { acquire, ElockProcess, TestCluster } from './dev-cluster.ts';

it('a peer that is started from a copy one start old stops with a status of its own', async () => {
  const cluster = await TestCluster.start();
  const data = join(cluster.data, 'peer-2');
  const copy = `${data}-copy`;
  cluster.signal(1, 'SIGKILL');
  await cluster.dev.logged('peer-2 ended');
  cpSync(data, copy, { recursive: true, filter: (path) => !path.endsWith('.sock') });
  const original = new ElockProcess(['start', '--data', data]);
  await original.logged('quorum reached');
  await original.stop();
  // However often it is tried: its incarnation must not get above that of the original.
  for (let start = 0; start < 3; start += 1) {
    const restored = new ElockProcess(['start', '--data', copy]);
    expect(await restored.ended).toEqual({ status: 73, signal: null });
    expect(restored.log.join('\n')).toContain(`${copy} is an old copy: voter 12D3KooW`);
  }

  const again = new ElockProcess(['start', '--data', data]);
  await again.logged('quorum reached');
  rmSync(copy, { recursive: true });
  const client = await cluster.client(2);
  await acquire(client, 'a');
  await again.stop();
});
