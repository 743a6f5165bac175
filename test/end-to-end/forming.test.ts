/**
 * A cluster made by commands: one machine begins, others come in by an invite, strangers do not.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../adapters/temporary-directory.ts';
import { acquire, decided, ElockProcess, tokenOf } from './dev-cluster.ts';
import { done, FormedCluster, run } from './forming.ts';

/** Takes a lock at the peer that came last, gives it back, and tells its token. */
async function takeOnce(cluster: FormedCluster): Promise<number> {
  const client = await cluster.client(cluster.peers.length - 1);
  const token = await acquire(client, 'door');
  expect(await client.ask('unlock door')).toMatch(/^200/);
  return token;
}

/** Of two; tests may let more come in, and have names of their own for what they lock. */
const shared = FormedCluster.share(2, '--name', 'shop');

describe('a cluster that is formed by hand', () => {
  it('has peers that serve clients as soon as they have come in', async () => {
    const cluster = shared();
    const first = await cluster.client(0);
    expect(await acquire(first, 'door')).toBe(1);
    await cluster.join();
    for (const [index] of cluster.peers.entries()) {
      const client = await cluster.client(index);
      expect(tokenOf(await client.ask(`lock own-${index} 10`))).toBe(1);
      expect(await decided(client, 'lock door')).toMatch(/^409/);
    }
    expect(await first.ask('unlock door')).toMatch(/^200/);
    const status = await cluster.status(1);
    expect(status).toMatchObject({ state: 'running', name: 'shop', cluster: cluster.id });
    expect((status['peers'] as object[]).length).toBe(cluster.peers.length);
  });
});

describe('a peer that was invited to addresses which are out of date', () => {
  it('says that it looks, finds its cluster on the local network, and later starts with it', async () => {
    const cluster = await FormedCluster.begin();
    const [first] = cluster.peers;
    const tokens = [await takeOnce(cluster)];
    const line = await cluster.invite();
    await first!.elock.stop();
    const data = cluster.newData();
    await done('join', line, '--data', data, '--listen', '/ip4/127.0.0.1/tcp/0');
    const guest = new ElockProcess(['start', '--data', data, '--port', '0', '--no-mdns']);
    await guest.logged('looking for the cluster');
    const asked = await run('status', '--data', data);
    expect(asked).toMatchObject({ status: 69, output: expect.stringMatching(/^Looking for/) });
    const refused = await run('invite', '--data', data);
    expect(refused).toMatchObject({ status: 69, log: expect.stringContaining('still looking') });
    expect(await guest.stop()).toEqual({ status: 0, signal: null });

    const found = [await cluster.start(first!.data, []), await cluster.start(data, [])];
    await found[1]!.elock.logged('found the cluster');
    tokens.push(await takeOnce(cluster));
    for (const { elock } of found) await elock.stop();
    const again = [await cluster.start(first!.data, []), await cluster.start(data, [])];
    expect(again.map(({ id }) => id)).toEqual(found.map(({ id }) => id));
    expect(again[0]!.id).toBe(first!.id);
    expect([...tokens, await takeOnce(cluster)]).toEqual([1, 2, 3]);
  });
});

describe('a wrong invite', () => {
  it('is refused with what is wrong about it', async () => {
    const cluster = shared();
    const line = await cluster.invite();
    const data = cluster.newData();
    const at = line.length - 9;
    const typo = `${line.slice(0, at)}${line[at] === 'A' ? 'B' : 'A'}${line.slice(at + 1)}`;
    const mistyped = await run('join', typo, '--data', data);
    expect(mistyped).toMatchObject({ status: 64, log: expect.stringContaining('typing error') });
    const newer = await run('join', line.replace('elock1', 'elock2'), '--data', data);
    expect(newer).toMatchObject({ status: 64, log: expect.stringContaining('version 2') });
    const other = await run('join', 'hello', '--data', data);
    expect(other).toMatchObject({ status: 64, log: expect.stringContaining('elock1-') });
  });

  it('is refused in a directory that belongs to another cluster, or runs, or was provisioned', async () => {
    const cluster = shared();
    const line = await cluster.invite();
    const other = join(temporaryDirectory(), 'other');
    await done('init', '--data', other);
    for (const args of [['join', line], ['init']]) {
      const refused = await run(...args, '--data', other);
      expect(refused).toMatchObject({ status: 78, log: expect.stringContaining('belongs to') });
    }
    const running = await run('join', line, '--data', cluster.peers[0]!.data);
    expect(running).toMatchObject({ status: 75, log: expect.stringContaining('in use') });
    const provisioned = temporaryDirectory();
    mkdirSync(provisioned, { recursive: true });
    const voters = [cluster.peers[0]!.id];
    writeFileSync(join(provisioned, 'elock.json'), JSON.stringify({ voters }));
    const listed = await run('join', line, '--data', provisioned);
    expect(listed).toMatchObject({ status: 78, log: expect.stringContaining('list voters') });
  });
});

describe('administrative commands', () => {
  it('say to start the peer when it does not run', async () => {
    const data = join(temporaryDirectory(), 'peer');
    for (const command of ['invite', 'status']) {
      const refused = await run(command, '--data', data);
      expect(refused).toMatchObject({ status: 69, log: expect.stringContaining('elock start') });
    }
  });

  it('work where the path of the directory is too long for a socket', async () => {
    const data = join(temporaryDirectory(), 'long'.repeat(30));
    await done('init', '--data', data, '--listen', '/ip4/127.0.0.1/tcp/0');
    const cluster = new FormedCluster();
    await cluster.start(data);
    expect(await cluster.status()).toMatchObject({ state: 'running' });
    cluster.peers[0]!.elock.kill();
    await cluster.peers[0]!.elock.ended;
    const again = await cluster.start(data);
    expect(await cluster.status(1)).toMatchObject({ state: 'running' });
    // It takes the directory of its socket along, and that which was left behind.
    await again.elock.stop();
  });
});

describe('a flood of a thousand strangers', () => {
  it('leaves a client of the peer that it meets undisturbed', async () => {
    const cluster = shared();
    const { peers } = await cluster.status();
    const self = (peers as { self: boolean; addresses: string[] }[]).find((peer) => peer.self);
    const port = Number(self?.addresses[0]?.split('/')[4]);
    const client = await cluster.client(0);
    const strangers = Array.from({ length: 1_000 }, (_, index) => {
      const socket = connect(port, '127.0.0.1').on('error', () => {});
      socket.resume();
      if (index % 2 === 1) socket.write(Buffer.alloc(64, index));
      return new Promise<void>((resolve) => socket.once('close', () => resolve()));
    });
    const last = await acquire(client, 'flooded');
    for (let token = last; token < last + 100; token += 1) {
      expect(tokenOf(await client.ask('lock flooded 10'))).toBe(token);
      expect(await client.ask('unlock flooded')).toMatch(/^200/);
    }
    await Promise.all(strangers);
    const { log } = cluster.peers[0]!.elock;
    expect(log.filter((line) => line.includes('does not know the secret'))).toHaveLength(1);
    await cluster.join();
  });
});

describe('elock secret rotate', () => {
  it('disturbs nobody, and gives whoever was away too long a way back as the same peer', async () => {
    const cluster = shared();
    const away = await cluster.join();
    const client = await cluster.client(1);
    await acquire(client, 'kept');
    const [first, second] = cluster.peers;
    // Else it would be no member yet that could miss anything.
    await first!.elock.logged(`"channel opened","peer":"${away.id}"`);
    await away.elock.stop();
    const once = await done('secret', 'rotate', '--data', first!.data, '--json');
    expect(JSON.parse(once.output)).toMatchObject({ generation: 2, missing: [away.id] });
    // Twice more, and the key that the third peer has is no longer among those that are kept.
    for (let count = 0; count < 2; count += 1)
      await done('secret', 'rotate', '--data', second!.data);
    expect(await client.ask('ping')).toMatch(/^200 PONG \d+$/);
    const outsider = new ElockProcess(['start', '--data', away.data, '--port', '0', '--no-mdns']);
    await outsider.logged('get a new invite');
    const { output } = await run('status', '--data', away.data);
    expect(output).toContain('elock join that line in the same directory');
    await outsider.stop();
    const entry = await done('join', await cluster.invite(), '--data', away.data);
    expect(entry.output).toContain('with its new secret');
    const back = await cluster.start(away.data);
    expect(back.id).toBe(away.id);
    const again = await cluster.client(cluster.peers.indexOf(back));
    expect(await decided(again, 'lock kept')).toMatch(/^409/);
    expect((await run('secret', '--data', first!.data)).output).toContain('generation 4');
  });
});
