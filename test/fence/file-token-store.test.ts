import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Fence, FileTokenStore } from '../../src/fence/index.ts';
import { RECENT_RESOURCES_MAX } from '../../src/fence/limits.ts';
import { temporaryDirectory } from '../adapters/temporary-directory.ts';
import { refusalOf } from './refusal.ts';

const RAISER = fileURLToPath(new URL('children/raiser.mjs', import.meta.url));

describe('FileTokenStore', () => {
  it('returns the newest token, whoever raised it', async () => {
    const path = join(temporaryDirectory(), 'not', 'there', 'yet');
    const store = new FileTokenStore(path);
    expect(await store.raise('a', 5)).toBe(5);
    expect(await store.raise('a', 4)).toBe(5);
    expect(await store.raise('b', 1)).toBe(1);
    expect(await new FileTokenStore(path).raise('a', 1)).toBe(5);
    expect(await new FileTokenStore(path).raise('a', 6)).toBe(6);
    expect(await store.raise('a', 5)).toBe(6);
  });

  it('takes any name, and tells all apart', async () => {
    const store = new FileTokenStore(temporaryDirectory());
    const names = ['..', '.', '/', 'a/b', 'A', 'a', 'ä', 'a\u0308', '__proto__', 'x'.repeat(1_024)];
    for (const [index, name] of names.entries()) await store.raise(name, index + 1);
    const newest = [];
    for (const name of names) newest.push(await store.raise(name, 1));
    expect(newest).toEqual(names.map((_name, index) => index + 1));
  });

  it('never goes back while many raise at once', async () => {
    const path = temporaryDirectory();
    const stores = Array.from({ length: 4 }, () => new FileTokenStore(path));
    let highest = 0;
    const raise = async (token: number): Promise<void> => {
      const before = highest;
      const newest = await stores[token % 4]!.raise('a', token);
      expect(newest).toBeGreaterThanOrEqual(Math.max(before, token));
      highest = Math.max(highest, newest);
    };
    const tokens = Array.from({ length: 200 }, (_, index) => 1 + ((index * 37) % 200));
    await Promise.all(tokens.map(raise));
    expect(await new FileTokenStore(path).raise('a', 1)).toBe(200);
  });

  it('remembers resources that it has not seen for long', async () => {
    const store = new FileTokenStore(temporaryDirectory());
    await store.raise('first', 9);
    const others = Array.from({ length: RECENT_RESOURCES_MAX + 1 }, (_, n) => `other ${n}`);
    await Promise.all(others.map((other) => store.raise(other, 1)));
    expect(await store.raise('first', 8)).toBe(9);
  });

  it('says what the file system refused', async () => {
    const path = join(temporaryDirectory(), 'file');
    writeFileSync(path, '');
    expect((await refusalOf(new FileTokenStore(path).raise('a', 1))).code).toBe('STORE_FAILED');
  });

  it('refuses bad tokens and names before it makes anything', async () => {
    const path = temporaryDirectory();
    const store = new FileTokenStore(path);
    expect((await refusalOf(store.raise('a', 0))).code).toBe('BAD_TOKEN');
    expect((await refusalOf(store.raise('', 1))).code).toBe('BAD_RESOURCE');
    expect(readdirSync(path)).toEqual([]);
  });

  it('lets a guard remember what it let in before it was killed', async () => {
    const path = temporaryDirectory();
    const child = spawn(process.execPath, [RAISER, path, 'report', '7'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const [told] = await once(child.stdout.setEncoding('utf8'), 'data');
    expect(told).toBe('written\n');
    child.kill('SIGKILL');
    await once(child, 'close');
    const fence = new Fence({ store: new FileTokenStore(path) });
    expect((await refusalOf(fence.show('report', 6))).code).toBe('STALE_TOKEN');
    expect(await fence.run('report', 7, () => 'written')).toBe('written');
  });
});
