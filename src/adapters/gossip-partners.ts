/**
 * With whom a peer exchanges gossip: with few, however many there are.
 *
 * Each pair that gossips has streams of its own, and every announcement is said to all partners:
 * in a crowd that would be most of the work. Every pair of which one votes gossips, and whoever are
 * near each other in the ring of all ids that have a channel. Those of any part of the cluster that
 * can see each other are one ring, so that news reach all of them, whoever is away. Both sides of a
 * pair find the same, unless they see different peers; then one of the two is enough.
 */
import type { PeerId } from '../core/types.ts';
import { GOSSIP_NEIGHBOURS } from '../limits.ts';

/**
 * Those of the others that this peer is to gossip with.
 *
 * @param others - those that it has a channel to
 */
export function gossipPartners(
  self: PeerId,
  others: readonly PeerId[],
  votes: (peer: PeerId) => boolean,
): Set<PeerId> {
  if (votes(self) || others.length <= 2 * GOSSIP_NEIGHBOURS) return new Set(others);
  const ring = [...others].sort((a, b) => (a < b ? -1 : 1));
  const next = ring.findIndex((peer) => peer > self);
  // All are smaller: the ring begins anew.
  const at = Math.max(next, 0);
  const near = Array.from({ length: 2 * GOSSIP_NEIGHBOURS }, (_, step) => {
    return ring.at((at + step - GOSSIP_NEIGHBOURS) % ring.length)!;
  });
  return new Set([...near, ...others.filter(votes)]);
}
