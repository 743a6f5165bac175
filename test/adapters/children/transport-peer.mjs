/**
 * A peer's transport in a process of its own: `transport-peer.mjs SEED LISTEN [PEER…]`.
 * Says over IPC when channels open and close.
 */
import process from 'node:process';
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { createLibp2pTransport } from '../../../dist/src/adapters/libp2p-transport.js';

const [seed, listen, ...peers] = process.argv.slice(2);
const privateKey = await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(Number(seed)));

const transport = await createLibp2pTransport({
  privateKey,
  self: peerIdFromPrivateKey(privateKey).toString(),
  incarnation: 1,
  nonce: 1,
  cluster: 'c1'.repeat(32),
  epoch: () => 1,
  votes: () => true,
  isRemoved: () => false,
  portray: () => ({
    software: '1.2.3',
    text: null,
    health: { quorum: true, reached: [], disk: 'ok', uptimeS: 7, clients: 0 },
  }),
  newerEpoch() {},
  known: null,
  listen: [listen],
  peers,
  mdns: false,
  keyring: null,
  members: () => [],
  shutOut() {},
  logger: { log() {} },
});
transport.listen({
  opened: () => process.send({ heard: 'opened' }),
  closed: () => process.send({ heard: 'closed' }),
  frame() {},
});
await transport.start();
process.on('disconnect', () => process.exit());
process.send({ heard: 'listening' });
