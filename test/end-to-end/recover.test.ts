/**
 * A cluster that has lost two of its three voters for good goes on from the third.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { TOKEN_STEP } from '../../src/core/recovery.ts';
import { BUNDLED } from '../bundled.ts';
import { TextClient } from '../transcripts/text-client.ts';
import { acquire, decided, ElockProcess, TestCluster, tokenOf } from './dev-cluster.ts';
import { done, FormedCluster, type FormedPeer, run } from './forming.ts';

/** So that the wait is one of seconds. */
const ENVIRONMENT = { ELOCK_SESSION_TIMEOUT_MS: '500' };

/** Runs `elock recover` and types a line. */
async function recover(data: string, line: string) {
  const child = spawn(process.execPath, [BUNDLED, 'recover', '--data', data], {
    env: { ...process.env, ...ENVIRONMENT },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  child.stdin.end(`${line}\n`);
  const [status] = (await once(child, 'close')) as [number];
  return { status, said };
}

it('elock recover asks first, waits, keeps what is held, and never goes back with tokens', async () => {
  const cluster = await TestCluster.start({ environment: ENVIRONMENT });
  const client = await cluster.client(0);
  expect(await acquire(client, 'door')).toBe(1);
  expect(await client.ask('unlock door')).toMatch(/^200/);
  expect(await acquire(client, 'door')).toBe(2);
  const data = join(cluster.data, 'peer-1');
  expect((await recover(data, 'yes')).said).toContain('in use');
  await cluster.dev.stop();

  const file = join(data, 'elock.json');
  const { voters, ...options } = JSON.parse(readFileSync(file, 'utf8')) as { voters: string[] };
  expect(await recover(data, 'yes')).toMatchObject({
    status: 78,
    said: expect.stringContaining('`voters`'),
  });
  writeFileSync(file, JSON.stringify(options));
  const declined = await recover(data, 'yes');
  expect(declined).toMatchObject({ status: 64, said: expect.stringContaining('not confirmed') });
  for (const voter of voters) expect(declined.said).toContain(voter);
  const wrong = ['recover', '--data', data, '--yes-i-have-lost-the-majority', 'abc'];
  expect(await run(...wrong)).toMatchObject({ status: 64 });

  const [, wanted = ''] = /Type ([0-9a-f]{12}) to go on/.exec(declined.said) ?? [];
  const done = await recover(data, wanted);
  expect(done).toMatchObject({ status: 0, said: expect.stringContaining('of one voter') });
  expect(done.said).toContain('1 held lock of 1 session');

  const peer = new ElockProcess(['start', '--data', data], ENVIRONMENT);
  const line = await peer.logged('"message":"started"');
  const { port, voter } = JSON.parse(line) as { port: number; voter: boolean };
  expect(voter).toBe(true);
  const again = await TextClient.connect(port);
  expect(await acquire(again, 'new')).toBeGreaterThan(TOKEN_STEP);
  expect(await decided(again, 'lock door')).toMatch(/^409/);
  expect(tokenOf(await again.ask('lock door 30'))).toBe(TOKEN_STEP + 3);
  const twice = await recover(data, wanted);
  expect(twice.said).toContain('in use');
  await peer.stop();
  expect((await recover(data, wanted)).said).toContain('the only voter');
});

it('elock recover goes on after the voters had changed, and grows again by invites', async () => {
  const cluster = await FormedCluster.begin();
  await cluster.join();
  await cluster.join();
  await cluster.votersAre(3);
  const [{ data, elock }, ...lost] = cluster.peers as [FormedPeer, FormedPeer, FormedPeer];
  const client = await cluster.client(0);
  expect(await client.ask('set_timeout 500')).toMatch(/^200/);
  expect(tokenOf(await client.ask('lock door 20'))).toBe(1);
  for (const peer of [...lost.map((each) => each.elock), elock]) {
    peer.kill();
    await peer.ended;
  }
  const { said } = await recover(data, '');
  const [, wanted = ''] = /Type ([0-9a-f]{12}) to go on/.exec(said) ?? [];
  expect((await recover(data, wanted)).status).toBe(0);
  const { port } = await cluster.start(data);
  const next = await TextClient.connect(port);
  expect(tokenOf(await next.ask('lock door 30'))).toBe(TOKEN_STEP + 2);
  // The same peers, of the old cluster, are strangers; a new one comes in, and votes.
  const stranger = await run('join', await cluster.invite(3), '--data', lost[0].data);
  expect(stranger).toMatchObject({ status: 78, log: expect.stringContaining('belongs to') });
  const fresh = cluster.newData();
  await done('join', await cluster.invite(3), '--data', fresh, '--listen', '/ip4/127.0.0.1/tcp/0');
  await cluster.start(fresh);
  await cluster.votersAre(2, 3);
  const last = await cluster.client(4);
  expect(await last.ask('lock door')).toMatch(/^409/);
}, 120_000);
