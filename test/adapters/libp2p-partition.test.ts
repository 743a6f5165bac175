/**
 * Two processes in two network namespaces, and a cut between them that no socket is told of.
 *
 * Needs root, iproute2 and nft; says so and skips itself where it has not got them.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const CHILD = new URL('./children/transport-peer.mjs', import.meta.url).pathname;
const NAMESPACES = [`elock-${process.pid}-1`, `elock-${process.pid}-2`] as const;
const HOSTS = ['10.77.9.1', '10.77.9.2'] as const;

function ip(...words: readonly string[]): void {
  execFileSync('ip', words, { stdio: 'pipe' });
}

function nft(rules: string): void {
  execFileSync('ip', ['netns', 'exec', NAMESPACES[0], 'nft', rules], { stdio: 'pipe' });
}

function deleteNamespaces(): void {
  for (const name of NAMESPACES) {
    try {
      ip('netns', 'del', name);
    } catch {
      // It was not made.
    }
  }
}

/** What keeps the test from running; `null`: nothing. */
function obstacle(): string | null {
  try {
    for (const name of NAMESPACES) ip('netns', 'add', name);
    nft('list ruleset');
    return null;
  } catch (error) {
    return (error as Error).message.split('\n')[0]!;
  } finally {
    deleteNamespaces();
  }
}

/** A child in a namespace, and what its listener has heard. */
class Child {
  readonly heard: string[] = [];
  readonly #process: ChildProcess;

  constructor(index: 0 | 1, peers: readonly string[]) {
    const listen = `/ip4/${HOSTS[index]}/tcp/4001`;
    const words = ['netns', 'exec', NAMESPACES[index], process.execPath, CHILD];
    const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const;
    this.#process = spawn('ip', [...words, String(index + 1), listen, ...peers], {
      stdio: [...stdio],
    });
    this.#process.on('message', (message: { heard: string }) => this.heard.push(message.heard));
  }

  async until(what: string, times: number): Promise<void> {
    const count = () => this.heard.filter((heard) => heard === what).length;
    while (count() < times) await once(this.#process, 'message');
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGKILL');
    if (this.#process.exitCode === null) await once(this.#process, 'exit');
  }
}

const missing = obstacle();

describe.skipIf(missing !== null)(`between two namespaces (${missing ?? 'made as root'})`, () => {
  let children: [Child, Child];

  async function both(what: string, times: number): Promise<void> {
    await Promise.all(children.map((child) => child.until(what, times)));
  }

  beforeAll(async () => {
    for (const name of NAMESPACES) ip('netns', 'add', name);
    const [first, second] = NAMESPACES;
    ip('link', 'add', 'eth0', 'netns', first, 'type', 'veth', 'peer', 'eth0', 'netns', second);
    for (const index of [0, 1] as const) {
      ip('-n', NAMESPACES[index], 'addr', 'add', `${HOSTS[index]}/24`, 'dev', 'eth0');
      ip('-n', NAMESPACES[index], 'link', 'set', 'eth0', 'up');
    }
    children = [new Child(0, [`/ip4/${HOSTS[1]}/tcp/4001`]), new Child(1, [])];
    await both('opened', 1);
  }, 20_000);

  afterAll(async () => {
    await Promise.all(children.map((child) => child.stop()));
    deleteNamespaces();
  });

  it.each([
    ['both ways', 1, ['input', 'output']],
    ['one way', 2, ['input']],
  ] as const)(
    'a cut %s is noticed by both sides, and heals',
    async (_, round, hooks) => {
      const chains = hooks.map(
        (hook) =>
          `add chain inet cut ${hook} { type filter hook ${hook} priority 0; policy drop; };`,
      );
      nft(`add table inet cut; ${chains.join(' ')}`);
      await both('closed', round);
      nft('delete table inet cut');
      await both('opened', round + 1);
      for (const child of children) {
        expect(child.heard.filter((heard) => heard === 'closed')).toHaveLength(round);
      }
    },
    30_000,
  );
});
