/**
 * `elock locks`, `info`, `stats` and `peers` against real peers, and against what is none.
 */
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ElockProcess, shareCluster, tokenOf } from './dev-cluster.ts';

async function run(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const elock = new ElockProcess(args, environment);
  const { status } = await elock.ended;
  return { status, output: elock.output, log: elock.log.join('\n') };
}

/** Where nobody listens: the port of a service that is not used any more. */
const DEAD = '127.0.0.1:1';

/** A server that answers every line with one of its own. */
async function stranger(answer: string): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => socket.write(answer));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  return (server.address() as AddressInfo).port;
}

describe('a running cluster', () => {
  const shared = shareCluster();

  it('is shown to people in columns, and to programs in one line of JSON', async () => {
    const cluster = shared();
    const holder = await cluster.client(0);
    const token = tokenOf(await holder.ask('lock report'));
    tokenOf(await holder.ask('lock t\u00fcr'));
    const [first, second] = cluster.peers.map(({ port }) => `127.0.0.1:${port}`);
    const at = ['--peer', second!];
    const { id } = cluster.peers[0]!;

    const locks = await run(['locks', 're', ...at]);
    expect(locks.status).toBe(0);
    const lines = locks.output.split('\n');
    expect(lines[0]).toMatch(/^NAME {4}STATE {2}TOKEN {2}HELD_MS {2}WAITERS {2}PEER +SOURCE$/);
    expect(lines[1]).toMatch(new RegExp(`^report  held +${token} +\\d+ +0  ${id}  (keeper|vote)$`));
    const listed = JSON.parse((await run(['locks', 're', '--json', ...at])).output);
    expect(listed).toMatchObject({ complete: true, locks: [{ name: 'report', token, peer: id }] });
    expect(listed.locks).toHaveLength(1);

    const info = await run(['info', 'report', '--json', '--peer', first!]);
    expect(JSON.parse(info.output)).toMatchObject({ name: 'report', state: 'held', token });
    const free = await run(['info', 'nobody', ...at]);
    expect(free.output).toMatch(/^name +nobody\nstate +free\n[\s\S]*^peer +-$/m);

    const stats = JSON.parse((await run(['stats', '--json', '--peer', first!])).output);
    expect(stats).toMatchObject({ locks: expect.any(Number), quorum: 2, epoch: 1 });
    expect(stats.locks).toBeGreaterThanOrEqual(2);
    expect((await run(['stats', ...at])).output).toMatch(/^votersReached +3$/m);

    const peers = JSON.parse((await run(['peers', '--json', ...at])).output);
    expect(peers).toMatchObject({ quorum: 2, epoch: 1 });
    expect(peers.peers.map((peer: { id: string }) => peer.id).sort()).toEqual(
      cluster.peers.map((peer) => peer.id).sort(),
    );
    expect(peers.peers[0].addresses).toBeInstanceOf(Array);
    // What it announced last; that a quorum is reached may take its turn.
    const announced = async () => {
      const now = JSON.parse((await run(['peers', '--json', ...at])).output);
      return now.peers.find((peer: { self: boolean }) => peer.self);
    };
    const health = { epoch: 1, quorum: true, disk: 'ok', text: null };
    await expect.poll(announced, { timeout: 30_000, interval: 100 }).toMatchObject(health);
    expect((await announced()).version).toMatch(/^\d+\.\d+\.\d+/);
    expect((await run(['peers', ...at])).output).toMatch(/^ID +VOTER +SELF +REACHABLE/);
  });

  it('is asked at the first peer that answers, by flags before environment', async () => {
    const live = `127.0.0.1:${shared().peers[0]!.port}`;
    expect(await run(['stats', '--peer', DEAD, '--peer', live])).toMatchObject({ status: 0 });
    const variable = { ELOCK_PEER: `${DEAD}, ${live}` };
    expect(await run(['stats'], variable)).toMatchObject({ status: 0, log: '' });
    expect((await run(['stats', '--peer', DEAD], variable)).status).toBe(69);
  });

  it('shows names with control characters so that a terminal obeys none', async () => {
    const cluster = shared();
    const client = await cluster.client(0);
    tokenOf(await client.ask('lock a\u001b[2Jb'));
    const peer = ['--peer', `127.0.0.1:${cluster.peers[0]!.port}`];
    expect((await run(['locks', ...peer])).output).toContain('a\\x1b[2Jb');
    const { output } = await run(['locks', 'a', '--json', ...peer]);
    expect(JSON.parse(output).locks[0].name).toBe('a\u001b[2Jb');
  });
});

describe('what cannot be asked', () => {
  it('is told by status 69: nobody there, no elock, no quorum', async () => {
    const dead = await run(['locks', '--peer', DEAD]);
    expect(dead).toMatchObject({ status: 69, output: '', log: expect.stringContaining('connect') });
    const http = await run([
      'info',
      'a',
      '--peer',
      `127.0.0.1:${await stranger('HTTP/1.1 400\r\n')}`,
    ]);
    expect(http).toMatchObject({ status: 69, log: expect.stringContaining('protocol of elock') });
    const alone = await run([
      'info',
      'a',
      '--peer',
      `127.0.0.1:${await stranger('503 No quorum\r\n')}`,
    ]);
    expect(alone).toMatchObject({ status: 69, log: expect.stringContaining('503 No quorum') });
  });

  it('is told by status 64: names and addresses that are none', async () => {
    for (const args of [['info'], ['info', 'a b'], ['info', ''], ['locks', 'a\nquit']]) {
      expect(await run(args)).toMatchObject({ status: 64, output: '' });
    }
    expect((await run(['stats', '--peer', 'a:b:c'])).log).toContain('HOST:PORT');
    const port = await stranger('400 Too long\r\n');
    expect((await run(['info', 'a', '--peer', `127.0.0.1:${port}`])).status).toBe(64);
  });

  it('comes with help', async () => {
    for (const command of ['locks', 'info', 'stats', 'peers']) {
      const { status, output } = await run([command, '--help']);
      expect(status).toBe(0);
      expect(output).toContain('--peer <host:port>');
      expect(output).toContain('--json');
    }
  });
});
