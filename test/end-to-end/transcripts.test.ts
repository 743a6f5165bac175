/**
 * The transcripts, word for word, with a cluster: one client a peer, and all at one peer.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { replay } from '../transcripts/replay.ts';
import { TestCluster } from './dev-cluster.ts';

const FOLDER = new URL('../transcripts/', import.meta.url);
const TRANSCRIPTS = readdirSync(FOLDER).filter((file) => file.endsWith('.txt'));

it('a cluster answers every transcript, at one peer and across all', async () => {
  expect(TRANSCRIPTS.length).toBeGreaterThan(0);
  const cluster = await TestCluster.start();
  for (const file of TRANSCRIPTS) {
    const transcript = readFileSync(new URL(file, FOLDER), 'latin1');
    await replay(transcript, () => cluster.client(0));
    let clients = 0;
    await replay(transcript, () => cluster.client(clients++ % cluster.peers.length));
  }
});
