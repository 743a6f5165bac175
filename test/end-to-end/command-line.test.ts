/**
 * The program as a user meets it: subcommands, help, exit statuses, one peer alone.
 */
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../adapters/temporary-directory.ts';
import { BUNDLED, MAIN } from '../bundled.ts';
import { TextClient } from '../transcripts/text-client.ts';
import { ElockProcess, tokenOf } from './dev-cluster.ts';

async function run(...args: string[]) {
  return runIn(BUNDLED, args);
}

async function runIn(main: string, args: readonly string[]) {
  const elock = new ElockProcess(args, {}, '', main);
  const { status } = await elock.ended;
  return { status, output: elock.output, log: elock.log.join('\n') };
}

interface Started {
  readonly elock: ElockProcess;
  readonly port: number;
  readonly peer: string;
}

async function start(data: string, ...args: string[]): Promise<Started> {
  const elock = new ElockProcess(['start', '--data', data, '--port', '0', ...args]);
  const { port, peer } = JSON.parse(await elock.logged('"started"')) as Started;
  return { elock, port, peer };
}

/** Every subcommand that is about one data directory. */
const WITH_DATA = [
  ...['dev', 'start', 'id', 'init', 'join', 'invite', 'status', 'voters', 'leave', 'remove'],
  ...['secret', 'recover'],
];

describe('elock', () => {
  it('shows help for itself and every subcommand, and its version', async () => {
    const help = await runIn(MAIN, ['--help']);
    expect(help).toMatchObject({ status: 0, log: '' });
    for (const command of WITH_DATA) {
      expect(help.output).toContain(command);
      const { status, output } = await runIn(MAIN, [command, '--help']);
      expect(status).toBe(0);
      expect(output).toContain('--data');
    }
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await runIn(MAIN, ['--version'])).toMatchObject({ status: 0, output: `${version}\n` });
  });

  it('exits by cause when it is used wrongly', async () => {
    const data = temporaryDirectory();
    expect((await run('strat')).status).toBe(64);
    expect((await run('dev', '--peers', '0')).status).toBe(64);
    const soon = await run('start', '--data', data, '--replace-after', 'soon');
    expect(soon).toMatchObject({ status: 64, log: expect.stringContaining('such as 10m') });
    const never = await run('start', '--data', data, '--replace-after', '9999h');
    expect(never).toMatchObject({ status: 78, log: expect.stringContaining('replaceAfterMs') });
    expect((await run('start', '--data', data, '--set', 'port')).status).toBe(64);
    const misspelt = await run('start', '--data', data, '--set', 'prot=1');
    expect(misspelt).toMatchObject({ status: 78, log: expect.stringContaining('known is port') });
    const unknown = await run('start', '--data', data, '--config', '/nowhere.json');
    expect(unknown.status).toBe(78);
    const wrong = await run('start', '--data', data, '--port', '70000');
    expect(wrong).toMatchObject({ status: 78, log: expect.stringContaining('from 0 to 65535') });
  });

  it('refuses an unknown key in the file of its directory', async () => {
    const data = temporaryDirectory();
    writeFileSync(join(data, 'elock.json'), '{"prot": 1}');
    const { status, log } = await run('start', '--data', data);
    expect(status).toBe(78);
    expect(log).toContain('nearest known is port');
  });

  it('tells the id of a peer before and while it runs', async () => {
    const data = temporaryDirectory();
    const { status, output } = await run('id', '--data', data);
    expect(status).toBe(0);
    const { elock, peer } = await start(data);
    expect(peer).toBe(output.trim());
    expect((await run('id', '--data', data)).output).toBe(output);
    await elock.stop();
  });
});

describe('one peer alone', () => {
  it('grants locks without any configuration, and stops when told to', async () => {
    const { elock, port } = await start(temporaryDirectory());
    const client = await TextClient.connect(port);
    expect(tokenOf(await client.ask('lock a'))).toBe(1);
    await client.disconnect();
    expect(await elock.stop()).toEqual({ status: 0, signal: null });
    expect(elock.output).toBe('');
  });

  it('gives higher tokens after it was killed', async () => {
    const data = temporaryDirectory();
    const first = await start(data);
    const before = await TextClient.connect(first.port);
    for (let token = 1; token <= 3; token += 1) {
      expect(tokenOf(await before.ask('lock a'))).toBe(token);
      expect(await before.ask('unlock a')).toMatch(/^200/);
    }
    first.elock.kill();
    await first.elock.ended;
    const second = await start(data);
    const after = await TextClient.connect(second.port);
    expect(tokenOf(await after.ask('lock a'))).toBeGreaterThan(3);
    await second.elock.stop();
  });

  it('refuses a directory in use, a damaged store, and a port that is taken', async () => {
    const data = temporaryDirectory();
    const { elock, port } = await start(data);
    const used = await run('start', '--data', data, '--port', '0');
    expect(used).toMatchObject({ status: 75, log: expect.stringContaining(`${elock.child.pid}`) });
    const taken = await run('start', '--data', temporaryDirectory(), '--port', String(port));
    expect(taken).toMatchObject({ status: 69, log: expect.stringContaining(`${port}`) });
    await elock.stop();
    truncateSync(join(data, 'store.mdb'), 5_000);
    const damaged = await run('start', '--data', data, '--port', '0');
    expect(damaged).toMatchObject({ status: 65, log: expect.stringContaining('store.mdb') });
  });

  it('ends with a status of its own when the disk refuses a write', async () => {
    const data = temporaryDirectory();
    await (await start(data)).elock.stop();
    const args = ['start', '--data', data, '--port', '0'];
    const elock = new ElockProcess(args, {}, 'ulimit -f 200;');
    const { port } = JSON.parse(await elock.logged('"started"')) as Started;
    const client = await TextClient.connect(port);
    const name = 'n'.repeat(3_000);
    for (let count = 0; count < 1_000; count += 1) client.send(`lock ${name}${count}\n`);
    expect(await elock.ended).toEqual({ status: 74, signal: null });
    expect(elock.log.join('\n')).toContain('must not vote on');
    const { elock: again } = await start(data);
    await again.stop();
  });

  it('refuses to join another cluster than its first', async () => {
    const data = temporaryDirectory();
    const { elock } = await start(data);
    await elock.stop();
    const { status, log } = await run('start', '--data', data, '--set', 'name=other');
    expect(status).toBe(78);
    expect(log).toContain('another cluster');
  });

  it('goes by flags before the file of its directory', async () => {
    const data = temporaryDirectory();
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const { port: taken } = server.address() as { port: number };
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, 'elock.json'), JSON.stringify({ port: taken }));
    expect((await run('start', '--data', data)).status).toBe(69);
    const { elock } = await start(data);
    await elock.stop();
  });
});
