/**
 * One directory is one peer: its identity, its rising incarnation, and one process at a time.
 */

import { type ChildProcess, fork, spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DataDirectory, peerIdOf } from '../../src/adapters/data-directory.ts';
import { DurableRegisterStore } from '../../src/adapters/register-store.ts';
import { SINGLE } from '../../src/adapters/store-entry.ts';
import { newSecretKey } from '../../src/adapters/system-random.ts';
import { firstConfigurationOf } from '../../src/core/configuration.ts';
import type { ClusterId, PeerId } from '../../src/core/types.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const CHILD = new URL('./children/hold-directory.mjs', import.meta.url).pathname;

/** What a child says. */
interface Report {
  readonly self?: string;
  readonly incarnation?: number;
  readonly code?: string;
  readonly message?: string;
  readonly durable?: number;
  readonly failed?: string;
}

/** A child, and what it says, one after the other: several may come at once, and none is missed. */
interface Holder {
  readonly child: ChildProcess;
  readonly report: () => Promise<Report>;
}

function heard(child: ChildProcess): Holder {
  onTestFinished(() => void child.kill('SIGKILL'));
  const messages = on(child, 'message');
  return { child, report: async () => (await messages.next()).value[0] };
}

function hold(path: string): Holder {
  return heard(fork(CHILD, [path]));
}

function mode(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

describe('DataDirectory', () => {
  it('keeps its identity and raises its incarnation at every start', async () => {
    const path = join(temporaryDirectory(), 'deep', 'er');
    const first = await DataDirectory.open(path);
    await first.close();
    const second = await DataDirectory.open(path);
    await second.close();
    expect(first.incarnation).toBe(1);
    expect(second.incarnation).toBe(2);
    expect(second.identity.self).toBe(first.identity.self);
    expect(second.nonce).not.toBe(first.nonce);
  });

  it('never opens again once it was told to be an old copy', async () => {
    const path = temporaryDirectory();
    const directory = await DataDirectory.open(path);
    expect(directory.outdated('Bob' as PeerId)).toMatchObject({ code: 'staleIncarnation' });
    await directory.close();
    for (let start = 0; start < 2; start += 1) {
      await expect(DataDirectory.open(path)).rejects.toMatchObject({
        code: 'staleIncarnation',
        message: expect.stringContaining('voter Bob remembers a later start'),
      });
    }
  });

  it('keeps the cluster that it joined', async () => {
    const path = temporaryDirectory();
    const first = await DataDirectory.open(path);
    expect(first.configuration).toBe(null);
    const cluster = 'ab'.repeat(32) as ClusterId;
    const configuration = firstConfigurationOf(cluster, [first.identity.self], 3);
    const secrets = [{ generation: 1, key: newSecretKey(), retiresAt: null }];
    first.accept('elock1-x', secrets);
    first.join('charter', configuration);
    await first.close();
    const second = await DataDirectory.open(path);
    expect(second.charter).toBe('charter');
    expect(second.configuration).toEqual(configuration);
    expect(second.invite).toBe('elock1-x');
    expect(second.secrets).toEqual(secrets);
    await second.close();
  });

  it('is readable by its owner only, and leaves nothing else behind', async () => {
    const path = join(temporaryDirectory(), 'peer');
    const directory = await DataDirectory.open(path);
    await directory.close();
    expect(mode(path)).toBe('700');
    expect(readdirSync(path).sort()).toEqual(['store.mdb', 'store.mdb-journal', 'store.mdb-lock']);
    for (const file of readdirSync(path)) expect(mode(join(path, file))).toBe('600');
  });

  it('tells its peer id without raising the incarnation', async () => {
    const path = temporaryDirectory();
    const self = await peerIdOf(path);
    const directory = await DataDirectory.open(path);
    expect(directory.identity.self).toBe(self);
    expect(directory.incarnation).toBe(1);
    expect(await peerIdOf(path)).toBe(self);
    await directory.close();
  });

  it('is refused when it holds entries, but no identity', async () => {
    const path = temporaryDirectory();
    const store = await DurableRegisterStore.open(join(path, 'store.mdb'));
    store.writeSingles([[SINGLE.format, Buffer.from([1, 0, 0, 0])]]);
    await store.close();
    await expect(DataDirectory.open(path)).rejects.toMatchObject({
      code: 'storeDamaged',
      message: expect.stringContaining('identity is missing'),
    });
    await expect(peerIdOf(path)).rejects.toMatchObject({ code: 'storeDamaged' });
  });

  it('says what is wrong when it cannot be made', async () => {
    const file = join(temporaryDirectory(), 'file');
    writeFileSync(file, '');
    await expect(DataDirectory.open(join(file, 'peer'))).rejects.toMatchObject({
      code: 'storeFailed',
    });
  });

  it('is one peer, however many make it at once', async () => {
    const path = join(temporaryDirectory(), 'peer');
    const ids = await Promise.all(Array.from({ length: 8 }, () => peerIdOf(path)));
    expect(new Set(ids).size).toBe(1);
  });
});

describe('a data directory in use', () => {
  it('is refused, naming the process, within one process and between two', async () => {
    const path = temporaryDirectory();
    const { child, report } = hold(path);
    const { self } = await report();
    await expect(DataDirectory.open(path)).rejects.toMatchObject({
      code: 'dataDirectoryInUse',
      message: expect.stringContaining(`process ${child.pid}`),
    });
    expect(await peerIdOf(path)).toBe(self);
    child.send('close');
    await once(child, 'exit');
    const mine = await DataDirectory.open(path);
    await expect(DataDirectory.open(path)).rejects.toMatchObject({ code: 'dataDirectoryInUse' });
    const { code, message } = await hold(path).report();
    expect({ code, message }).toMatchObject({
      code: 'dataDirectoryInUse',
      message: expect.stringContaining(`process ${process.pid}`),
    });
    await mine.close();
  });

  it('is free at once when its process was killed, with everything that was durable', async () => {
    const path = temporaryDirectory();
    let durable = 0;
    for (let round = 1; round <= 4; round += 1) {
      const { child, report } = hold(path);
      const { incarnation } = await report();
      expect(incarnation).toBe(2 * round - 1);
      child.send('write');
      while (durable < round * 500) durable = Math.max(durable, (await report()).durable ?? 0);
      child.kill('SIGKILL');
      await once(child, 'exit');
      const directory = await DataDirectory.open(path);
      const tokens = [...directory.store.durable.registers].map(([, state]) => {
        const record = state.accepted?.record;
        return record?.kind === 'lock' ? record.token : 0;
      });
      expect(Math.max(...tokens)).toBeGreaterThanOrEqual(durable);
      await directory.close();
      durable = 0;
    }
  });

  it('goes to exactly one of many that want it at once', async () => {
    const path = temporaryDirectory();
    await peerIdOf(path);
    const reports = await Promise.all(Array.from({ length: 4 }, () => hold(path).report()));
    expect(reports.filter((each) => each.self !== undefined)).toHaveLength(1);
    const refused = reports.filter((each) => each.code !== undefined);
    expect(refused.map((each) => each.code)).toEqual(Array(3).fill('dataDirectoryInUse'));
  });
});

describe('a full disk', () => {
  it('fails the write, and every write after it', async () => {
    const path = temporaryDirectory();
    await (await DataDirectory.open(path)).close();
    const command = `ulimit -f 200; exec "${process.execPath}" "$0" "$1"`;
    const { child, report } = heard(
      spawn('bash', ['-c', command, CHILD, path], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] }),
    );
    await report();
    child.send('write');
    let last: Report = {};
    while (last.failed === undefined) last = await report();
    expect(last.failed).toContain(`cannot write ${join(path, 'store.mdb-journal')}`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const directory = await DataDirectory.open(path);
    await directory.close();
  });
});
