/**
 * The transport of peers between two processes of the bench, and what they say to each other.
 */
import { generateKeyPair } from '@libp2p/crypto/keys';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { ConsoleLogger } from '../../src/adapters/console-logger.ts';
import {
  createLibp2pTransport,
  type Libp2pTransport,
} from '../../src/adapters/libp2p-transport.ts';
import { firstConfigurationOf } from '../../src/core/configuration.ts';
import type { ClusterId, PeerId, RegisterName } from '../../src/core/types.ts';
import type { TransportListener } from '../../src/runtime/ports.ts';
import { FrameWriter } from '../../src/wire/codec.ts';

const CLUSTER = 'be'.repeat(32) as ClusterId;
const NOBODYS = firstConfigurationOf(CLUSTER, [], 1);

const PORTRAYAL = {
  software: 'bench',
  text: null,
  health: { quorum: false, reached: [], disk: 'ok', uptimeS: 0, clients: 0 },
} as const;

/**
 * A transport with a key of its own that listens on 127.0.0.1.
 *
 * @param peers - multiaddrs of the peers to find
 */
export async function openTransport(
  peers: readonly string[],
  listener: TransportListener,
): Promise<Libp2pTransport> {
  const privateKey = await generateKeyPair('Ed25519');
  const transport = await createLibp2pTransport({
    privateKey,
    self: peerIdFromPrivateKey(privateKey).toString() as PeerId,
    incarnation: 1,
    nonce: 1,
    cluster: CLUSTER,
    epoch: () => 1,
    votes: () => true,
    isRemoved: () => false,
    portray: () => PORTRAYAL,
    newerEpoch: () => {},
    known: null,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    peers,
    mdns: false,
    keyring: null,
    members: () => [],
    shutOut: () => {},
    charter: () => ({ kind: 'charter', charter: '', configuration: NOBODYS }),
    outdated: () => {},
    logger: new ConsoleLogger({ human: false, level: 'error', label: 'bench' }),
  });
  transport.listen(listener);
  await transport.start();
  return transport;
}

/** A frame with one vote for a lock: what an acquire sends to each voter. */
export function voteFrame(): Uint8Array {
  const peer = 'p'.repeat(52) as PeerId;
  const writer = new FrameWriter(CLUSTER);
  writer.add(1, 1, {
    kind: 'accept',
    request: 1,
    register: 'name-of-a-lock' as RegisterName,
    ballot: { epoch: 1, round: 1, peer, incarnation: 1 },
    record: { kind: 'lock', token: 1, holder: null },
    heir: peer,
    heirIncarnation: 1,
    chosen: false,
  });
  return writer.take();
}
