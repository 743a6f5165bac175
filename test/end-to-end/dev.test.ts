/**
 * `elock dev`: a cluster that comes up, goes on where it stopped, and leaves nothing behind.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DEV_PORT_MAX, DEV_PORT_MIN } from '../../src/limits.ts';
import { temporaryDirectory } from '../adapters/temporary-directory.ts';
import { MAIN } from '../bundled.ts';
import { TextClient } from '../transcripts/text-client.ts';
import {
  acquire,
  decided,
  ElockProcess,
  isRunning,
  shareCluster,
  TestCluster,
  tokenOf,
} from './dev-cluster.ts';

interface FolderConfig {
  readonly secret: string;
  readonly port: number;
  readonly listen: readonly string[];
}

function folderConfig(data: string, peer: number): FolderConfig {
  return JSON.parse(readFileSync(join(data, `peer-${peer}`, 'elock.json'), 'utf8'));
}

describe('elock dev', () => {
  const shared = shareCluster({ main: MAIN });

  it('says in one line that every peer is ready, and each grants locks', async () => {
    const cluster = shared();
    expect(cluster.peers).toHaveLength(3);
    let last = 0;
    for (const [index, peer] of cluster.peers.entries()) {
      expect(isRunning(peer.pid)).toBe(true);
      expect(peer.address).toMatch(new RegExp(`^/ip4/127.0.0.1/tcp/\\d+/p2p/${peer.id}$`));
      const client = await cluster.client(index);
      // With patience: a release is answered before all have heard of it, if they are slow.
      const token = tokenOf(await client.ask('lock shared 60'));
      expect(token).toBeGreaterThan(last);
      last = token;
      expect(await client.ask('unlock shared')).toMatch(/^200/);
    }
    expect(cluster.dev.output.trim().split('\n')).toHaveLength(1);
    const secrets = [1, 2, 3].map((peer) => folderConfig(cluster.data, peer).secret);
    expect(new Set(secrets).size).toBe(1);
    expect(secrets[0]).toMatch(/^[0-9a-f]{64}$/);
  });

  it('chooses no port that the system gives to others, as it would at a later start', () => {
    for (const peer of [1, 2, 3]) {
      const { port: forClients, listen } = folderConfig(shared().data, peer);
      for (const port of [forClients, Number(listen[0]!.split('/').pop())]) {
        expect(port).toBeGreaterThanOrEqual(DEV_PORT_MIN);
        expect(port).toBeLessThanOrEqual(DEV_PORT_MAX);
      }
    }
  });

  it('goes on where it stopped: same peers, same addresses, rising tokens', async () => {
    const first = await TestCluster.start({ peers: 2 });
    const holder = await first.client(0);
    const before = await acquire(holder, 'kept');
    expect(await holder.ask('unlock kept')).toMatch(/^200/);
    await first.dev.stop();
    const second = await TestCluster.start({ data: first.data });
    expect(second.peers.map(({ id, address }) => ({ id, address }))).toEqual(
      first.peers.map(({ id, address }) => ({ id, address })),
    );
    const client = await second.client(1);
    expect(await acquire(client, 'kept')).toBeGreaterThan(before);
    await second.dev.stop();
  });

  it('reports a peer that was killed; the others go on, it comes back by elock start, and all stop', async () => {
    const cluster = shared();
    cluster.signal(1, 'SIGKILL');
    const { message, signal } = JSON.parse(await cluster.dev.logged('peer-2 ended')) as {
      message: string;
      signal: string;
    };
    expect(message).toContain(
      `node dist/src/cli/main.js start --data ${join(cluster.data, 'peer-2')}`,
    );
    expect(signal).toBe('SIGKILL');
    const client = await cluster.client(0);
    await acquire(client, 'a');
    const alone = new ElockProcess(['start', '--data', join(cluster.data, 'peer-2')]);
    const { peer, port } = JSON.parse(await alone.logged('"started"')) as {
      peer: string;
      port: number;
    };
    expect({ id: peer, port }).toMatchObject({
      id: cluster.peers[1]!.id,
      port: cluster.peers[1]!.port,
    });
    await alone.logged('quorum reached');
    const back = await TextClient.connect(port);
    expect(await decided(back, 'lock a')).toMatch(/^409/);
    await alone.stop();
    expect(await cluster.dev.stop()).toEqual({ status: 0, signal: null });
    expect(cluster.peers.some(({ pid }) => isRunning(pid))).toBe(false);
  });

  it('takes its peers with it when it is killed', async () => {
    const cluster = await TestCluster.start({ peers: 2 });
    const clients = [await cluster.client(0), await cluster.client(1)];
    cluster.dev.kill();
    for (const client of clients) await client.ended;
    const alone = new ElockProcess(['start', '--data', join(cluster.data, 'peer-1')]);
    await expect(
      alone.logged('"started"').catch(() => alone.logged('in use')),
    ).resolves.toBeTruthy();
  });

  it('says which port is taken, and stops; and keeps its number of peers', async () => {
    const data = temporaryDirectory();
    const first = await TestCluster.start({ data, peers: 1 });
    await first.dev.stop();
    const port = Number(folderConfig(data, 1).listen[0]!.split('/').pop());
    const server = createServer().listen(port, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const dev = new ElockProcess(['dev', '--json', '--data', data]);
    expect((await dev.ended).status).toBe(69);
    expect(dev.log.join('\n')).toContain('peer-1 did not start');
    expect(dev.log.join('\n')).toContain(String(port));
    const more = new ElockProcess(['dev', '--peers', '3', '--data', data]);
    expect((await more.ended).status).toBe(78);
    expect(more.log.join('\n')).toContain('holds a cluster of 1');
  });
});
