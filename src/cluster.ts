/**
 * Which cluster a peer belongs to: the first configuration, made once (rule 20).
 *
 * The cluster id is the hash of what every peer of a cluster must agree on before anything else:
 * its name, its first voters, and its lease terms. Peers that disagree have different ids, and
 * refuse each other. Lease terms belong to it because homes and voters count the same lease, each
 * by its own settings: with different ones two sessions could hold one lock.
 */
import { createHash } from 'node:crypto';
import type { Config } from './config.ts';
import type { ClusterId, Configuration, PeerId } from './core/types.ts';
import { ElockError } from './errors.ts';

/** Part of what is hashed: another form of the first configuration is another cluster. */
const FORM = 'elock cluster 1';

/** What a provisioned cluster is made of. */
export type ClusterTerms = Pick<Config, 'name' | 'voters' | 'minimumLeaseMs' | 'driftPermille'>;

/** The first configuration; without voters, this peer alone. */
export function firstConfiguration(terms: ClusterTerms, self: PeerId): Configuration {
  const voters = sorted(terms.voters.length === 0 ? [self] : terms.voters);
  return { cluster: clusterIdOf(terms, voters), epoch: 1, voters };
}

/**
 * Checks that what was provisioned is the cluster that this peer once joined.
 *
 * @param first - the first configuration, as it was stored at the first start
 * @throws ElockError `configuration` when it is another cluster
 */
export function refuseOtherCluster(first: Configuration, terms: ClusterTerms): void {
  // Without voters, nothing is said about who votes; the other terms still count.
  const voters = terms.voters.length === 0 ? first.voters : sorted(terms.voters);
  if (clusterIdOf(terms, voters) !== first.cluster) {
    throw new ElockError('configuration', disagreement(first, terms, voters));
  }
}

function disagreement(
  first: Configuration,
  terms: ClusterTerms,
  voters: readonly PeerId[],
): string {
  return (
    `this peer belongs to cluster ${short(first.cluster)}, made with the voters ` +
    `${first.voters.join(', ')}; it was started with name ${JSON.stringify(terms.name)}, ` +
    `minimumLeaseMs ${terms.minimumLeaseMs}, driftPermille ${terms.driftPermille} and the voters ` +
    `${voters.join(', ')}, which is another cluster (${short(clusterIdOf(terms, voters))}). ` +
    'Start it with the options of its first start, or with a new --data directory'
  );
}

function clusterIdOf(terms: ClusterTerms, voters: readonly PeerId[]): ClusterId {
  const lines = [
    FORM,
    terms.name,
    `minimumLeaseMs ${terms.minimumLeaseMs}`,
    `driftPermille ${terms.driftPermille}`,
    ...voters,
  ];
  return createHash('sha256').update(lines.join('\n')).digest('hex') as ClusterId;
}

/** By code unit, as configurations are. */
function sorted(voters: readonly PeerId[]): readonly PeerId[] {
  return voters.toSorted();
}

function short(cluster: ClusterId): string {
  return cluster.slice(0, 12);
}
