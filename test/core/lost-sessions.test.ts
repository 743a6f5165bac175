import { describe, expect, test } from 'vitest';
import type { LockName } from '../../src/core/types.ts';
import { Cluster } from './cluster.ts';

const name = 'door' as LockName;

describe('a session that is lost', () => {
  test('is told with every lock and its token, instead of an answer, and is over for good', () => {
    const cluster = new Cluster();
    const client = cluster.client(0);
    client.setTimeout(3_000);
    const session = client.session();
    client.lock('door');
    client.lock('gate');
    cluster.isolate(0);
    cluster.run(1_000);
    client.wait('other', 60_000);
    cluster.run(5_000);
    const locks = [
      { name: 'door', token: 1 },
      { name: 'gate', token: 1 },
    ];
    expect(client.last).toEqual({ kind: 'lost', locks });
    cluster.rejoin(0);
    cluster.run(3_000);
    expect(cluster.client(1).resume(session)).toEqual({
      kind: 'refused',
      reason: 'unknown-session',
    });
    expect(cluster.client(1).lock('door')).toMatchObject({ token: 2 });
  });

  test('is told first of all after a pause', () => {
    const cluster = new Cluster();
    const client = cluster.client(0);
    client.setTimeout(3_000);
    client.lock('door');
    cluster.pause(0);
    cluster.run(10_000);
    client.send({ kind: 'unlock', name });
    cluster.resume(0);
    cluster.run(1);
    expect(client.last).toMatchObject({ kind: 'lost' });
    client.disconnect();
    expect(client.heard).toHaveLength(3);
  });

  test('is told after a sleep that only one of the clocks has counted', () => {
    const cluster = new Cluster();
    const client = cluster.client(0);
    client.setTimeout(3_000);
    client.lock('door');
    cluster.sleep(0, 10_000);
    client.send({ kind: 'ping' });
    expect(client.last).toMatchObject({ kind: 'lost' });
  });
});
