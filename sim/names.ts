/**
 * How machines, clients and peers are called in plans, traces and reports.
 */
import { createHash } from 'node:crypto';
import type { ClusterId, PeerId } from '../src/core/types.ts';
import { sharedPeerId } from '../src/wire/peer-id-pool.ts';

const machineNames: string[] = [];

/** n1, n2 … */
export function machineName(machine: number): string {
  machineNames[machine] ??= `n${machine + 1}`;
  return machineNames[machine];
}

/** c1, c2 … */
export function clientName(client: number): string {
  return `c${client + 1}`;
}

/** The peer that has lived on that machine since its disk was last lost; 1 is the first. */
export function peerIdOf(machine: number, generation: number): PeerId {
  const name = machineName(machine);
  return sharedPeerId(generation === 1 ? name : `${name}-${generation}`);
}

/** The cluster of a simulated world: the same for all worlds with as many voters. */
export function clusterOf(voters: readonly PeerId[]): ClusterId {
  return createHash('sha256').update(voters.join(',')).digest('hex') as ClusterId;
}
