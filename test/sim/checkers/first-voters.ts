/** The voters of a world in which nothing has been changed yet: n1, n2 … */
import { Voters } from '../../../sim/checkers/voters.ts';
import { clusterOf, peerIdOf } from '../../../sim/names.ts';
import { firstConfigurationOf } from '../../../src/core/configuration.ts';
import type { PeerId } from '../../../src/core/types.ts';

/** The peer of that machine, counted from 0. */
export function peer(machine: number): PeerId {
  return peerIdOf(machine, 1);
}

/** So many of them vote. */
export function firstVoters(count: number): Voters {
  const peers = Array.from({ length: count }, (_, index) => peer(index));
  return new Voters(firstConfigurationOf(clusterOf(peers), peers, count));
}
