/**
 * Which cluster a peer belongs to: its charter, made once, whose hash is the cluster id (rule 20).
 *
 * The charter says what every peer must agree on before anything else: the name, the first voters,
 * the lease terms, and for a recovered cluster what it came from. Peers with different charters
 * have different ids, and refuse each other. Lease terms belong to it because homes and voters
 * count the same lease, each by its own settings: with others two sessions could hold one lock.
 *
 *     elock cluster 2 LF name LF minimumLeaseMs N LF driftPermille N LF origin LF voter LF …
 */
import { createHash } from 'node:crypto';
import { type Config, createConfig, OPTIONS } from './config.ts';
import { firstConfigurationOf } from './core/configuration.ts';
import type { ClusterId, Configuration, PeerId } from './core/types.ts';
import { ElockError } from './errors.ts';

/** Part of what is hashed: another form of the charter is another cluster. */
const FORM = 'elock cluster 2';
const FIRST_VOTER_LINE = 5;

/** What a cluster is made of; see the text form above. */
export interface Charter extends Pick<Config, 'name' | 'minimumLeaseMs' | 'driftPermille'> {
  /** The first voters, sorted by code unit. */
  readonly voters: readonly PeerId[];
  /** Empty, or what a recovered cluster came from, and when. */
  readonly origin: string;
}

/** What a provisioned cluster is made of. */
export type ClusterTerms = Pick<Config, 'name' | 'voters' | 'minimumLeaseMs' | 'driftPermille'>;

/** The charter of a provisioned cluster; without voters, of this peer alone. */
export function charterFor(terms: ClusterTerms, self: PeerId): Charter {
  const { name, minimumLeaseMs, driftPermille } = terms;
  const voters = (terms.voters.length === 0 ? [self] : terms.voters).toSorted();
  return { name, minimumLeaseMs, driftPermille, voters, origin: '' };
}

/** The text whose hash is the cluster id. */
export function charterText(charter: Charter): string {
  const { name, minimumLeaseMs, driftPermille, origin, voters } = charter;
  const terms = [`minimumLeaseMs ${minimumLeaseMs}`, `driftPermille ${driftPermille}`];
  return [FORM, name, ...terms, origin, ...voters].join('\n');
}

/** Reads what `charterText` wrote; `null`: it is nothing like it. */
export function readCharter(text: string): Charter | null {
  const lines = text.split('\n');
  const [form, name = '', lease = '', drift = '', origin = ''] = lines;
  const minimumLeaseMs = Number(/^minimumLeaseMs (\d+)$/.exec(lease)?.[1]);
  const driftPermille = Number(/^driftPermille (\d+)$/.exec(drift)?.[1]);
  const voters = lines.slice(FIRST_VOTER_LINE) as PeerId[];
  const charter = { name, minimumLeaseMs, driftPermille, voters, origin };
  return form === FORM && voters.length > 0 && charterText(charter) === text ? charter : null;
}

/** The cluster id: 64 hexadecimal digits. */
export function clusterIdOf(text: string): ClusterId {
  return createHash('sha256').update(text, 'utf8').digest('hex') as ClusterId;
}

/**
 * The configuration that a cluster begins with.
 *
 * @param wanted - how many voters there should be
 */
export function firstConfiguration(charter: Charter, wanted: number): Configuration {
  return firstConfigurationOf(clusterIdOf(charterText(charter)), charter.voters, wanted);
}

/** As much of a cluster id as people are shown. */
export function shortId(cluster: string): string {
  return cluster.slice(0, 12);
}

/** What a cluster is called in a message. */
export function titleOf({ name }: Charter, cluster: ClusterId): string {
  return name === '' ? `cluster ${shortId(cluster)}` : `cluster ${name} (${shortId(cluster)})`;
}

/** The terms that a charter lays down; what was left at its default follows them. */
const GOVERNED = ['name', 'minimumLeaseMs', 'driftPermille'] as const;

/**
 * The configuration under a charter.
 *
 * @throws ElockError `configuration` when it asks for another cluster, or does not fit the terms
 */
export function underCharter(config: Config, charter: Charter): Config {
  const differs = GOVERNED.filter(
    (key) => config[key] !== charter[key] && config[key] !== OPTIONS[key].default,
  );
  const voters = config.voters.toSorted();
  const otherVoters = voters.length > 0 && voters.join() !== charter.voters.join();
  if (differs.length > 0 || otherVoters) {
    throw new ElockError('configuration', disagreement(charter, config, voters));
  }
  const { name, minimumLeaseMs, driftPermille } = charter;
  return createConfig({ ...config, name, minimumLeaseMs, driftPermille });
}

function disagreement(charter: Charter, config: Config, voters: readonly PeerId[]): string {
  const first = voters.length === 0 ? '' : ` and the voters ${voters.join(', ')}`;
  return (
    `this peer belongs to ${titleOf(charter, clusterIdOf(charterText(charter)))}, made with ` +
    `minimumLeaseMs ${charter.minimumLeaseMs}, driftPermille ${charter.driftPermille} and the ` +
    `voters ${charter.voters.join(', ')}; it was started with name ${JSON.stringify(config.name)}, ` +
    `minimumLeaseMs ${config.minimumLeaseMs}, driftPermille ${config.driftPermille}${first}, which ` +
    'is another cluster. Leave these options out, or start with a new --data directory'
  );
}
