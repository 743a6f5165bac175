/**
 * The programs of README that talk to a cluster do there what README says that they do.
 */
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { directoryWithPackages, outputOf, programIn, README, start } from '../readme-programs.ts';
import { shareCluster } from './dev-cluster.ts';

/** The next line that a program prints; `null`: it has ended. */
function reader(child: ChildProcess): () => Promise<string | null> {
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return async () => {
    const { value, done } = await lines.next();
    return done ? null : value;
  };
}

/** Each program has a lock of its own. */
describe('README', () => {
  const shared = shareCluster();
  const ports = () => shared().peers.map(({ port }) => port);
  const peers = () => ports().map((port) => `127.0.0.1:${port}`);

  it('has a fenced resource that refuses the late write', async () => {
    const program = programIn(README, 'fenced.mjs');
    const ran = start(program, directoryWithPackages(), ports().slice(0, 1));
    expect(await outputOf(ran)).toBe(program.output);
  });

  it('has a client that takes its lock twice', async () => {
    const program = programIn(README, 'orders.mjs');
    const ran = start(program, directoryWithPackages(), peers());
    expect(await outputOf(ran)).toBe(program.output);
  });

  it('has a standby that leads once the leader was killed', async () => {
    const program = programIn(README, 'standby.mjs');
    const [first, second] = program.output.trimEnd().split('\n');
    const directory = directoryWithPackages();
    const alpha = start(program, directory, ['alpha', ...peers()]);
    expect(await reader(alpha)()).toBe(first);
    const beta = reader(start(program, directory, ['beta', ...peers()]));
    alpha.kill('SIGKILL');
    expect(await beta()).toBe(second);
  });

  it('has a nightly job that is done by one of two machines', async () => {
    const program = programIn(README, 'nightly.mjs');
    const [first, second] = program.output.trimEnd().split('\n');
    const directory = directoryWithPackages();
    expect(await reader(start(program, directory, peers()))()).toBe(first);
    const other = reader(start(program, directory, peers()));
    expect(await other()).toBe(second);
    expect(await other()).toBeNull();
  });
});
