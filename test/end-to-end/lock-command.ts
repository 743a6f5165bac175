/**
 * `elock lock` for tests: its process, its guardian, and how its peers see it.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { ElockProcess, type TestCluster } from './dev-cluster.ts';

/** Shell that goes on until a signal ends it, and takes signals soon. */
export const LOOP = 'while :; do sleep 0.02; done';

/** Between two questions: who is asked without a pause has less time for what is awaited. */
const PACE_MS = 10;

/** `elock lock` with arguments. */
export class LockCommand extends ElockProcess {
  constructor(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    super(['lock', ...args], environment);
  }
}

/** `--peer` for each peer, the first one first. */
export function peerFlags({ peers }: TestCluster): string[] {
  return peers.flatMap(({ port }) => ['--peer', `127.0.0.1:${port}`]);
}

/** Process id, that of the parent, and state of every process that there is. */
function processes(): { readonly id: number; readonly parent: number; readonly state: string }[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' });
  return table.split('\n').map((row) => {
    const [id, parent, state = ''] = row.trim().split(/ +/);
    return { id: Number(id), parent: Number(parent), state };
  });
}

/** The process id of a guardian: the one child of `elock lock`. */
export function guardianOf({ child }: ElockProcess): number {
  const children = processes().filter(({ parent }) => parent === child.pid);
  if (children.length !== 1) throw new Error(`expected one child, found ${children.length}`);
  return children[0]!.id;
}

/** Until a process has ended, whether or not anybody has asked how. */
export async function untilEnded(process: number): Promise<void> {
  while (processes().some(({ id, state }) => id === process && !state.startsWith('Z'))) {
    await setTimeout(PACE_MS);
  }
}

/** Asks the first peer until so many wait for a lock. */
export async function waitersAre(cluster: TestCluster, name: string, count: number): Promise<void> {
  for (;;) {
    const client = await cluster.client(0);
    client.send(`info ${name}\nquit\n`);
    const waiters = /^INFO waiters (\d+)\r$/m.exec(await client.rest())?.[1];
    if (waiters === undefined) throw new Error('not told how many wait');
    if (Number(waiters) === count) return;
    await setTimeout(PACE_MS);
  }
}

/** A server that takes connections and says nothing; `connected` resolves with the first. */
export async function silentServer(): Promise<{ address: string; connected: Promise<unknown> }> {
  const server = createServer();
  const connected = once(server, 'connection').then(([socket]) => {
    onTestFinished(() => void socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, connected };
}
