/**
 * More peers than keep channels to each other: two without a vote lock, wait and take over a session
 * all the same, over a channel that is made for it.
 */
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { FULL_MESH_PEERS_MAX } from '../../src/limits.ts';
import type { TextClient } from '../transcripts/text-client.ts';
import { acquire, tokenOf } from './dev-cluster.ts';
import { FormedCluster } from './forming.ts';

const COUNT = FULL_MESH_PEERS_MAX + 2;
/** Between two questions: a peer that is asked without a pause has less time for what is awaited. */
const PACE_MS = 50;
/** A dozen processes are started one after the other. */
const BOUND = { timeout: 400_000 };

it('peers of a crowd serve clients, though few have channels to each other', BOUND, async () => {
  const cluster = await FormedCluster.begin('--voters', '1');
  const invite = await cluster.invite();
  while (cluster.peers.length < COUNT) await cluster.join(invite);
  // Those that came last knew of a crowd when they met it.
  const clients = [await cluster.client(COUNT - 1), await cluster.client(COUNT - 2)] as const;
  await Promise.all(clients.map(seesAll));
  const [one, other] = clients;

  expect(await one.ask('set_timeout 60000')).toMatch(/^200 /);
  const session = sessionOf(await one.ask('conn_id'));
  const token = await acquire(one, 'door');
  await acquire(one, 'window');
  other.send('lock door 300\n');
  expect(await one.ask('unlock door')).toMatch(/^200 /);
  expect(tokenOf(await other.line())).toBeGreaterThan(token);

  one.socket.end();
  await one.ended;
  const again = await cluster.client(COUNT - 2);
  expect(await again.ask(`conn_id ${session}`)).toBe('200 Resumed 1');
  expect(await again.ask('unlock window')).toMatch(/^200 /);
});

/** Until that client's peer shows everybody as reached. */
async function seesAll(client: TextClient): Promise<void> {
  for (;;) {
    client.send('peers\n');
    let reached = 0;
    for (let line = ''; line !== 'END'; line = (await client.line()) ?? 'END') {
      if (line.includes(' reachable yes ')) reached += 1;
    }
    if (reached === COUNT) return;
    await setTimeout(PACE_MS);
  }
}

function sessionOf(answer: string | null): string {
  return /^200 (\S+)$/.exec(answer ?? '')?.[1] ?? '';
}
