import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { KnownPeers } from '../../src/adapters/known-peers.ts';
import type { PeerId } from '../../src/core/types.ts';
import { KNOWN_PEERS_WRITE_MS_MIN } from '../../src/limits.ts';
import { keysInOrder, RecordingLogger } from './libp2p-peers.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const ADDRESSES = ['/ip4/10.0.0.1/tcp/1', '/dns4/ada.example/tcp/2'];

describe('known peers', () => {
  let directory: string;
  let logger: RecordingLogger;
  let known: KnownPeers;
  let ada: PeerId;
  let bob: PeerId;

  beforeEach(async () => {
    directory = temporaryDirectory();
    logger = new RecordingLogger();
    known = new KnownPeers(directory, logger);
    [ada, bob] = (await keysInOrder(2)).map(({ self }) => self) as [PeerId, PeerId];
  });

  it('are there at the next start, in their order', async () => {
    expect(known.load()).toEqual([]);
    const peers = [
      { peer: bob, addresses: ADDRESSES },
      { peer: ada, addresses: [] },
    ];
    await known.flush(peers);
    expect(new KnownPeers(directory, logger).load()).toEqual(peers);
  });

  it('are not written anew too often', async () => {
    known.note([{ peer: ada, addresses: [] }], 1_000);
    await known.flush([{ peer: ada, addresses: [] }]);
    known.note([], 1_000 + KNOWN_PEERS_WRITE_MS_MIN - 1);
    await known.flush([{ peer: ada, addresses: [] }]);
    expect(known.load()).toHaveLength(1);
    known.note([], 1_000 + KNOWN_PEERS_WRITE_MS_MIN);
    await known.flush([]);
    expect(known.load()).toEqual([]);
  });

  it.each([
    ['no JSON', '{"peers": ['],
    ['another shape', '{"peers": {"a": 1}}'],
    ['nothing of use', '{"peers": [null, 7, {"peer": "nobody", "addresses": []}]}'],
  ])('that are %s are passed over', (_, text) => {
    writeFileSync(join(directory, 'peers.json'), text);
    expect(known.load()).toEqual([]);
  });

  it('lose the addresses that cannot be read', () => {
    const entry = { peer: ada, addresses: ['nonsense', 7, ADDRESSES[0]] };
    writeFileSync(join(directory, 'peers.json'), JSON.stringify({ peers: [entry] }));
    expect(known.load()).toEqual([{ peer: ada, addresses: [ADDRESSES[0]] }]);
  });

  it('that cannot be written are said once', async () => {
    mkdirSync(join(directory, 'peers.json.new'));
    await known.flush([{ peer: ada, addresses: [] }]);
    await known.flush([{ peer: bob, addresses: [] }]);
    expect(logger.warnings('addresses of peers not written')).toBe(1);
  });

  it('are readable by their owner only', async () => {
    await known.flush([]);
    expect(JSON.parse(readFileSync(join(directory, 'peers.json'), 'utf8'))).toEqual({ peers: [] });
  });
});
