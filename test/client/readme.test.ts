/** The program of README's "Clients in TypeScript" does what README says that it does. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../adapters/temporary-directory.ts';
import { TestCluster } from '../end-to-end/dev-cluster.ts';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const LIBRARY = new URL('../../dist/src/client/index.js', import.meta.url);

it('the program of README takes its lock twice', async () => {
  const match = /```js\n(\/\/ orders\.mjs\n[\s\S]*?)```\n\n```\n([\s\S]*?)```/.exec(README);
  const file = join(temporaryDirectory(), 'orders.mjs');
  // As the package's own name resolves only where it is installed.
  writeFileSync(file, match![1]!.replace("'elock/client'", `'file://${fileURLToPath(LIBRARY)}'`));
  const cluster = await TestCluster.start();
  const peers = cluster.peers.map(({ port }) => `127.0.0.1:${port}`);
  const ran = await promisify(execFile)(process.execPath, [file, ...peers]);
  expect(ran.stdout).toBe(match![2]);
});
