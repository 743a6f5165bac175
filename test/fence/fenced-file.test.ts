import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FencedFile } from '../../src/fence/index.ts';
import { temporaryDirectory } from '../adapters/temporary-directory.ts';
import { refusal, refusalOf } from './refusal.ts';

function newFile(): FencedFile {
  return new FencedFile(join(temporaryDirectory(), 'report'));
}

function textOf(file: FencedFile): string {
  return readFileSync(file.path, 'utf8');
}

/** What lies beside the file. */
function beside(file: FencedFile): string[] {
  return readdirSync(`${file.path}.fence`).sort();
}

describe('FencedFile', () => {
  it('is replaced whole by equal and newer tokens', async () => {
    const file = newFile();
    expect(await file.read()).toBeNull();
    await file.write(1, 'first');
    await file.write(1, Buffer.from('first again'));
    await file.write(12, 'newer');
    expect(String(await file.read())).toBe('newer');
    expect(beside(file)).toEqual(['token-0000000000000012']);
  });

  it('refuses an older token, in this object and any other', async () => {
    const file = newFile();
    await file.write(9_007_199_254_740_991, 'newest');
    const late = new FencedFile(file.path).write(9_007_199_254_740_990, 'late');
    await expect(late).rejects.toMatchObject({
      code: 'STALE_TOKEN',
      resource: file.path,
      token: 9_007_199_254_740_990,
      newest: 9_007_199_254_740_991,
    });
    expect((await refusalOf(file.write(1, 'late'))).code).toBe('STALE_TOKEN');
    expect(textOf(file)).toBe('newest');
    expect(beside(file)).toEqual(['token-9007199254740991']);
  });

  it('refuses what an older token prepared before a newer one came', async () => {
    const file = newFile();
    const late = file.update(1, async () => {
      await new FencedFile(file.path).write(2, 'newer');
      return 'late';
    });
    expect((await refusalOf(late)).code).toBe('STALE_TOKEN');
    expect(textOf(file)).toBe('newer');
    expect(beside(file)).toEqual(['token-0000000000000002']);
  });

  it('counts every update of one process', async () => {
    const file = newFile();
    const count = (): Promise<void> => file.update(4, (present) => `${Number(present ?? 0) + 1}`);
    await Promise.all(Array.from({ length: 20 }, count));
    expect(textOf(file)).toBe('20');
  });

  it('keeps the permissions of the file', async () => {
    const file = newFile();
    writeFileSync(file.path, 'secret');
    chmodSync(file.path, 0o640);
    await file.write(1, 'new secret');
    expect(statSync(file.path).mode & 0o777).toBe(0o640);
  });

  it('passes on what a change throws, and leaves the content', async () => {
    const file = newFile();
    await file.write(1, 'kept');
    const failure = new Error('no idea');
    await expect(file.update(2, () => Promise.reject(failure))).rejects.toBe(failure);
    expect(textOf(file)).toBe('kept');
    expect((await refusalOf(file.write(1, 'late'))).code).toBe('STALE_TOKEN');
  });

  it.each([0, -3, 0.5, 2 ** 53])('refuses %d, which is no token', async (token) => {
    const file = newFile();
    expect((await refusalOf(file.write(token, 'x'))).code).toBe('BAD_TOKEN');
    expect(existsSync(file.path)).toBe(false);
  });

  it('refuses a path that is none', () => {
    expect(refusal(() => new FencedFile('')).code).toBe('BAD_RESOURCE');
    expect(refusal(() => new FencedFile('a\0b')).code).toBe('BAD_RESOURCE');
  });

  it('says what the file system refused, and leaves nothing prepared', async () => {
    const file = newFile();
    mkdirSync(file.path);
    const { code, message } = await refusalOf(file.write(1, 'x'));
    expect(code).toBe('STORE_FAILED');
    expect(message).toContain(`${file.path} cannot be`);
    expect(beside(file)).toEqual(['token-0000000000000001']);
  });

  it('says that its directory vanishes, or holds what no token is', async () => {
    const file = newFile();
    const write = file.update(1, () => {
      rmSync(`${file.path}.fence`, { recursive: true });
      return 'x';
    });
    expect((await refusalOf(write)).code).toBe('STORE_FAILED');
    await file.write(2, 'y');
    writeFileSync(`${file.path}.fence/token-9999999999999999`, '');
    expect((await refusalOf(file.write(3, 'z'))).code).toBe('STORE_FAILED');
    expect(textOf(file)).toBe('y');
  });
});

function start(script: string, args: readonly (string | number)[]): ChildProcess {
  const path = fileURLToPath(new URL(`children/${script}`, import.meta.url));
  const child = spawn(process.execPath, [path, ...args.map(String)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

function linesOf(child: ChildProcess): AsyncIterableIterator<string> {
  return createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
}

/** All that a child says until it ends. */
async function outcomes(
  lines: AsyncIterableIterator<string>,
  heard?: (count: number) => void,
): Promise<string[]> {
  const told: string[] = [];
  for await (const line of lines) {
    told.push(line);
    heard?.(told.length);
  }
  return told;
}

function linesThatAre(kind: string, told: readonly string[]): string[] {
  return told.filter((line) => line.startsWith(kind)).map((line) => line.slice(kind.length + 1));
}

function tokensOf(lines: readonly string[]): number[] {
  return lines.map((line) => Number(line.split(' ')[0]));
}

describe('FencedFile of several processes', () => {
  it('has exactly what was let in, in the order of tokens', async () => {
    const file = newFile();
    const tokens = temporaryDirectory();
    const children = Array.from({ length: 5 }, () =>
      start('appender.mjs', [file.path, tokens, 60]),
    );
    const said = children.map(linesOf);
    await Promise.all(said.map((lines) => lines.next()));
    for (const child of children) child.stdin?.end();
    const told = (await Promise.all(said.map((lines) => outcomes(lines)))).flat();
    const lines = textOf(file).trimEnd().split('\n');
    expect(told).toHaveLength(300);
    expect([...lines].sort()).toEqual(linesThatAre('written', told).sort());
    expect(tokensOf(lines)).toEqual(tokensOf(lines).sort((a, b) => a - b));
    // Else nobody was overtaken, and this has shown nothing.
    expect(linesThatAre('stale', told).length).toBeGreaterThan(0);
  });

  it('is whole, and loses nothing, when writers are killed midway', async () => {
    const file = newFile();
    const tokens = temporaryDirectory();
    const told: string[] = [];
    const killAt = async (linesUntilKilled: number): Promise<void> => {
      const child = start('appender.mjs', [file.path, tokens, 1_000]);
      child.stdin?.end();
      const kill = (count: number): void => {
        // Its first word is 'ready'.
        if (count > linesUntilKilled) child.kill('SIGKILL');
      };
      told.push(...(await outcomes(linesOf(child), kill)));
    };
    const worker = async (first: number): Promise<void> => {
      for (let round = 0; round < 6; round++) await killAt(first + round);
    };
    await Promise.all([worker(1), worker(3), worker(5)]);

    const lines = textOf(file).trimEnd().split('\n');
    expect(lines).toEqual([...new Set(lines)]);
    expect(lines.filter((line) => !/^\d+ \d+ \d+$/.test(line))).toEqual([]);
    expect(tokensOf(lines)).toEqual(tokensOf(lines).sort((a, b) => a - b));
    const written = new Set(linesThatAre('written', told));
    expect([...written].filter((line) => !lines.includes(line))).toEqual([]);
    const stale = new Set(linesThatAre('stale', told));
    expect(lines.filter((line) => stale.has(line))).toEqual([]);
    // What was under way when its writer was killed may be there, too: at most one of each.
    const untold = lines.filter((line) => !written.has(line)).map((line) => line.split(' ')[1]);
    expect(untold).toEqual([...new Set(untold)]);

    const last = Math.max(...readdirSync(tokens).map(Number)) + 1;
    await file.write(last, 'tidy');
    expect(beside(file)).toEqual([`token-${String(last).padStart(16, '0')}`]);
  });

  it('refuses a writer that stood still between its look and its rename', async () => {
    const file = newFile();
    const child = start('paused-before-rename.mjs', [file.path, 1, 'late']);
    const lines = linesOf(child);
    expect(await lines.next()).toMatchObject({ value: 'paused' });
    await file.write(2, 'newer');
    child.stdin?.end();
    expect(await lines.next()).toMatchObject({ value: 'STALE_TOKEN' });
    expect(textOf(file)).toBe('newer');
    expect(beside(file)).toEqual(['token-0000000000000002']);
  });

  it('lets a writer that stood still go on if nobody came', async () => {
    const file = newFile();
    const child = start('paused-before-rename.mjs', [file.path, 1, 'late']);
    const lines = linesOf(child);
    expect(await lines.next()).toMatchObject({ value: 'paused' });
    child.stdin?.end();
    expect(await lines.next()).toMatchObject({ value: 'written' });
    expect(textOf(file)).toBe('late');
  });
});
