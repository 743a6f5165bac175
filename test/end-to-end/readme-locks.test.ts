/**
 * The hot standby and the cron job of README, on real peers.
 */
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { directoryWithPackages, programIn, README, start } from '../readme-programs.ts';
import { TestCluster } from './dev-cluster.ts';

/** The next line that a program prints; `null`: it has ended. */
function reader(child: ChildProcess): () => Promise<string | null> {
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return async () => {
    const { value, done } = await lines.next();
    return done ? null : value;
  };
}

function peersOf(cluster: TestCluster): string[] {
  return cluster.peers.map(({ port }) => `127.0.0.1:${port}`);
}

it('the standby of README leads once the leader was killed', async () => {
  const program = programIn(README, 'standby.mjs');
  const [first, second] = program.output.trimEnd().split('\n');
  const directory = directoryWithPackages();
  const peers = peersOf(await TestCluster.start());
  const alpha = start(program, directory, ['alpha', ...peers]);
  expect(await reader(alpha)()).toBe(first);
  const beta = reader(start(program, directory, ['beta', ...peers]));
  alpha.kill('SIGKILL');
  expect(await beta()).toBe(second);
});

it('the nightly job of README is done by one of two machines', async () => {
  const program = programIn(README, 'nightly.mjs');
  const [first, second] = program.output.trimEnd().split('\n');
  const directory = directoryWithPackages();
  const peers = peersOf(await TestCluster.start());
  expect(await reader(start(program, directory, peers))()).toBe(first);
  const other = reader(start(program, directory, peers));
  expect(await other()).toBe(second);
  expect(await other()).toBeNull();
});
