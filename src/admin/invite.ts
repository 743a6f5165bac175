/**
 * `invite`: one line by which a machine comes into the cluster.
 *
 * Owns which addresses stand in it: few, of this peer and of others, those that other machines can
 * reach before those that hold on this machine only.
 */
import { writeInvite } from '../adapters/invite.ts';
import { isLoopback, parsePeerAddress } from '../adapters/peer-address.ts';
import { ElockError } from '../errors.ts';
import { INVITE_ADDRESSES_MAX } from '../limits.ts';
import type { AdminPeer } from './admin-peer.ts';

/** What `elock invite` is told. */
export interface InviteResult {
  readonly invite: string;
  /** Whether other machines can reach any of its addresses. */
  readonly remote: boolean;
}

/** Makes an invite with the newest secret. */
export async function invite(peer: AdminPeer): Promise<InviteResult> {
  const { cluster, keyring, self, transport } = peer;
  if (keyring === null) {
    const message =
      'this cluster has no secret, so nobody can be invited: write the same `secret` into the ' +
      'configuration of every peer and start them again, or make a cluster with elock init';
    throw new ElockError('configuration', message);
  }
  const others = peer.configuration().voters.filter((voter) => voter !== self);
  const lists = [transport.addresses(), ...others.map((voter) => transport.addressesOf(voter))].map(
    withoutIds,
  );
  const addresses = choose(lists);
  const { newest: secret } = keyring;
  return {
    invite: writeInvite({ cluster: cluster.id, secret, addresses }),
    remote: addresses.some((address) => !isLoopback(address)),
  };
}

function withoutIds(addresses: readonly string[]): string[] {
  return addresses.flatMap((text) => parsePeerAddress(text)?.address ?? []);
}

/** The first of each list, then the second of each …; loopback only if there is no other. */
function choose(lists: readonly (readonly string[])[]): string[] {
  const longest = Math.max(...lists.map((list) => list.length));
  const turns = Array.from({ length: longest }, (_, turn) =>
    lists.flatMap((list) => list[turn] ?? []),
  ).flat();
  const remote = turns.filter((address) => !isLoopback(address));
  const useful = remote.length > 0 ? remote : turns;
  return [...new Set(useful)].slice(0, INVITE_ADDRESSES_MAX);
}
