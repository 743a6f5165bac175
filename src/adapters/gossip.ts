/**
 * What a peer tells another about addresses, so that one address is enough to find all.
 *
 * Pure but for one look at this machine's interfaces. Tells only of peers that have been met, so
 * that the dead are not handed on for ever; and addresses that hold on this machine only (loopback)
 * only to peers on this machine.
 */
import { networkInterfaces } from 'node:os';
import type { PeerId } from '../core/types.ts';
import { ADDRESSES_PER_PEER_MAX, PEERS_MAX } from '../limits.ts';
import type { PeerAddresses } from '../wire/control-codec.ts';
import { hostOf, isLoopback } from './peer-address.ts';

/**
 * The part of `known` that is of use to a peer.
 *
 * @param remoteAddress - where that peer's connection comes from or goes to
 */
export function addressesToTell(
  known: readonly PeerAddresses[],
  to: PeerId,
  remoteAddress: string,
): PeerAddresses[] {
  const isNeighbour = isThisMachine(remoteAddress);
  const told: PeerAddresses[] = [];
  for (const { peer, addresses } of known) {
    const useful = addresses.filter((address) => isNeighbour || !isLoopback(address));
    if (peer === to || useful.length === 0) continue;
    told.push({ peer, addresses: useful.slice(0, ADDRESSES_PER_PEER_MAX) });
  }
  return told.slice(0, PEERS_MAX);
}

function isThisMachine(address: string): boolean {
  if (isLoopback(address)) return true;
  const host = hostOf(address);
  return Object.values(networkInterfaces()).some((list) => list?.some((i) => i.address === host));
}
