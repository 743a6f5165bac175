/**
 * The program in README does what README says that it does.
 */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../adapters/temporary-directory.ts';
import { TestCluster } from './dev-cluster.ts';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

it('the fenced resource of README refuses the late write', async () => {
  const [, program, output] = /```js\n([\s\S]*?)```\n\n```\n([\s\S]*?)```/.exec(README) ?? [];
  const file = join(temporaryDirectory(), 'fenced.mjs');
  writeFileSync(file, program ?? '');
  const cluster = await TestCluster.start();
  const { port } = cluster.peers[0]!;
  const ran = await promisify(execFile)(process.execPath, [file, String(port)]);
  expect(ran.stdout).toBe(output);
});
