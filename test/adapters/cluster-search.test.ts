/**
 * A peer that was invited finds its cluster, and takes no other for it.
 */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ClusterSearch } from '../../src/adapters/cluster-search.ts';
import { Keyring } from '../../src/adapters/keyring.ts';
import type { Libp2pTransportOptions } from '../../src/adapters/libp2p-transport.ts';
import { newSecretKey } from '../../src/adapters/system-random.ts';
import { firstConfigurationOf } from '../../src/core/configuration.ts';
import type { CharterFrame } from '../../src/wire/control-codec.ts';
import { CLUSTER, type Key, keysInOrder, RecordingLogger, startPeer } from './libp2p-peers.ts';

const SECRET = newSecretKey();

let keys: Key[];
let ends: (() => unknown)[] = [];

beforeAll(async () => {
  keys = await keysInOrder(4);
});

afterEach(async () => {
  for (const end of ends) await end();
  ends = [];
});

function ring(): Keyring {
  const held = [{ generation: 1, key: SECRET, retiresAt: null }];
  return new Keyring({ held, save: () => {}, now: Date.now });
}

/** A member that answers with that charter; its address. */
async function member(
  index: number,
  charter: string,
  options: Partial<Libp2pTransportOptions> = {},
): Promise<string> {
  const configuration = firstConfigurationOf(CLUSTER, [keys[index]!.self], 1);
  const answer: CharterFrame = { kind: 'charter', charter, configuration };
  const running = await startPeer(keys[index]!, {
    ...{ keyring: ring(), charter: () => answer },
    ...options,
  });
  ends.push(() => running.transport.stop());
  return running.transport.addresses()[0]!.replace(/\/p2p\/.*/, '');
}

function search(addresses: readonly string[]) {
  const logger = new RecordingLogger();
  const searching = new ClusterSearch({
    privateKey: keys[3]!.privateKey,
    cluster: CLUSTER,
    keys: () => [SECRET],
    addresses,
    mdns: false,
    judge: ({ charter }) => (charter === 'right' ? null : 'it belongs to another cluster'),
    logger,
  });
  return { searching, logger };
}

describe('a search for the cluster', () => {
  it('goes past dead addresses, strangers and other clusters to a member', async () => {
    const wrong = await member(0, 'wrong');
    const open = await member(1, 'right', { keyring: null });
    const right = await member(2, 'right');
    const { searching } = search(['/ip4/127.0.0.1/tcp/1', wrong, open, right]);
    const answer = await searching.find();
    expect(answer).toMatchObject({ charter: 'right', configuration: { cluster: CLUSTER } });
    expect(answer.configuration.voters).toEqual([keys[2]!.self]);
  });

  it('says what came of its attempts, and goes on until it is told the right thing', async () => {
    let isRemoved = true;
    const shut = await member(0, 'right', { isRemoved: () => isRemoved });
    const wrong = await member(1, 'wrong');
    const { searching, logger } = search([shut, wrong]);
    const found = searching.find();
    const said = (text: string) => logger.lines.some((line) => JSON.stringify(line).includes(text));
    await logger.until(() => said('this peer was removed') && said('belongs to another cluster'));
    expect(searching.status.addresses).toEqual([shut, wrong]);
    expect(searching.status.latest).toMatch(/removed|another cluster/);
    isRemoved = false;
    expect(await found).toMatchObject({ charter: 'right' });
  });
});
