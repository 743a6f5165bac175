import { describeTransport, type TransportPair } from '../contracts/transport.ts';
import { type Key, keysInOrder, startPeer } from './libp2p-peers.ts';
import { TcpRelay } from './tcp-relay.ts';

function portOf(address: string): number {
  return Number(address.split('/')[4]);
}

describeTransport('libp2p', async (): Promise<TransportPair> => {
  const [smaller, larger] = (await keysInOrder(2)) as [Key, Key];
  const right = await startPeer(larger);
  const relay = await TcpRelay.start(portOf(right.transport.addresses()[0]!));
  const peers = [`/ip4/127.0.0.1/tcp/${relay.port}`];
  const left = await startPeer(smaller, { incarnation: 7, peers });
  return {
    left,
    right,
    until: (side, condition) => side.listener.until(condition),
    breakChannel: () => relay.breakAll(),
    stop: async () => {
      await Promise.all([left.transport.stop(), right.transport.stop()]);
      relay.stop();
    },
  };
});
