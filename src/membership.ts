/**
 * How a peer comes to belong to a cluster, at each start: by what its directory says, by the file
 * that provisioned it, by the invite that it was given, or alone.
 *
 * Owns the order of these, and that what was joined once is never left in silence. The search for a
 * cluster takes as long as it takes; until it ends there is no voter, no home and no client here.
 */
import type { ClusterSearch } from './adapters/cluster-search.ts';
import type { DataDirectory } from './adapters/data-directory.ts';
import { type Invite, readInvite } from './adapters/invite.ts';
import { Keyring } from './adapters/keyring.ts';
import { newSecretKey } from './adapters/system-random.ts';
import {
  type Charter,
  charterFor,
  charterText,
  clusterIdOf,
  firstConfiguration,
  readCharter,
  shortId,
  underCharter,
} from './cluster.ts';
import type { Config } from './config.ts';
import type { Configuration } from './core/types.ts';
import { ElockError } from './errors.ts';
import type { Logger } from './runtime/ports.ts';
import type { CharterFrame } from './wire/control-codec.ts';
import type { HeldSecret } from './wire/secret.ts';

/** What a peer is a part of. */
export interface Membership {
  readonly charter: Charter;
  readonly configuration: Configuration;
  /** With the terms of the charter. */
  readonly config: Config;
}

/** The keys of the cluster: those on disk, or the one of the file; `null`: it has none. */
export function openKeyring(directory: DataDirectory, config: Config): Keyring | null {
  const given: readonly HeldSecret[] =
    config.secret === '' ? [] : [{ generation: 0, key: config.secret, retiresAt: null }];
  const held = directory.secrets.length > 0 ? directory.secrets : given;
  if (held.length === 0) return null;
  return new Keyring({ held, save: (secrets) => directory.keep(secrets), now: Date.now });
}

/** The invite by which a directory came into its cluster. */
export function inviteOf(directory: DataDirectory): Invite | null {
  if (directory.invite === null) return null;
  const read = readInvite(directory.invite);
  if (read.ok) return read.invite;
  throw new ElockError(
    'storeDamaged',
    `the invite in ${directory.path} is damaged: ${read.reason}`,
  );
}

/** What a search for the cluster needs. */
export interface Searching {
  readonly keyring: Keyring | null;
  readonly config: Config;
  readonly logger: Logger;
  /** Called when a search begins. */
  readonly searching: (search: ClusterSearch) => void;
}

/** A peer that was invited, and never met its cluster, looks for it first. */
export async function findCluster(directory: DataDirectory, options: Searching): Promise<void> {
  const { keyring, config, logger, searching } = options;
  const invite = inviteOf(directory);
  if (invite === null || keyring === null || directory.charter !== null) return;
  // Loads libp2p, which those that do not search can do without.
  const { ClusterSearch } = await import('./adapters/cluster-search.ts');
  const search = new ClusterSearch({
    privateKey: directory.identity.privateKey,
    cluster: invite.cluster,
    keys: () => keyring.keys,
    addresses: [...invite.addresses, ...config.peers],
    mdns: config.mdns,
    judge: (answer) => faultOf(answer, invite),
    logger,
  });
  searching(search);
  const { charter, configuration } = await search.find();
  directory.join(charter, configuration);
}

/** Why an answer is not that of the cluster of the invite. */
function faultOf({ charter, configuration }: CharterFrame, invite: Invite): string | null {
  const cluster = clusterIdOf(charter);
  if (!cluster.startsWith(invite.cluster)) return 'it belongs to another cluster';
  if (configuration.cluster !== cluster || readCharter(charter) === null) {
    return 'what it says of the cluster does not fit together';
  }
  return null;
}

/** Belongs to the cluster that the directory knows, or else to the one that was provisioned. */
export function belong(directory: DataDirectory, config: Config): Membership {
  if (directory.charter === null) {
    const charter = charterFor(config, directory.identity.self);
    directory.join(charterText(charter), firstConfiguration(charter, charter.voters.length));
  }
  const { charter: text, configuration } = directory;
  const charter = text === null ? null : readCharter(text);
  if (charter === null || configuration === null) {
    throw new ElockError('storeDamaged', `the charter in ${directory.path} is damaged`);
  }
  return { charter, configuration, config: underCharter(config, charter) };
}

/**
 * Makes a new cluster of one voter in a directory that belongs to none.
 *
 * @param wanted - how many voters there should be, once enough machines have come in
 * @throws ElockError `configuration` when it does belong to one, or the options list voters
 */
export function found(directory: DataDirectory, config: Config, wanted: number): Membership {
  refuseMember(directory);
  refuseVoters(config);
  const charter = charterFor(config, directory.identity.self);
  directory.keep([{ generation: 1, key: newSecretKey(), retiresAt: null }]);
  directory.join(charterText(charter), firstConfiguration(charter, wanted));
  return belong(directory, config);
}

/** What an invite did: made the peer one of the cluster, gave one of it the newest key, nothing. */
export type Entry = 'joined' | 'renewed' | 'known';

/**
 * Prepares a directory to come into the cluster of an invite, or back into it with a new secret.
 *
 * @throws ElockError `usage` when the line is no invite, `configuration` when the directory belongs
 * to another cluster, or the options list voters
 */
export function comeIn(directory: DataDirectory, line: string, config: Config): Entry {
  const read = readInvite(line);
  if (!read.ok) throw new ElockError('usage', `this invite cannot be used: ${read.reason}`);
  const { cluster, secret } = read.invite;
  const present = clusterOf(directory);
  if (present === null) refuseVoters(config);
  else if (!present.startsWith(cluster)) refuseMember(directory);
  const isKnown = directory.secrets.some(({ key }) => key === secret.key);
  if (!isKnown) directory.accept(line, [{ ...secret, retiresAt: null }]);
  return present === null ? 'joined' : isKnown ? 'known' : 'renewed';
}

/** At least the beginning of the id of the cluster that a directory belongs to. */
function clusterOf(directory: DataDirectory): string | null {
  if (directory.charter !== null) return clusterIdOf(directory.charter);
  return inviteOf(directory)?.cluster ?? null;
}

function refuseMember(directory: DataDirectory): void {
  const cluster = clusterOf(directory);
  if (cluster === null) return;
  const message =
    `${directory.path} belongs to cluster ${shortId(cluster)}, and a peer belongs to one ` +
    'cluster for good. Name another directory with --data';
  throw new ElockError('configuration', message);
}

function refuseVoters({ voters }: Config): void {
  if (voters.length === 0) return;
  const message =
    'the options list voters, as for a provisioned cluster, whose peers need neither elock init ' +
    'nor elock join: leave `voters` out, or run elock start';
  throw new ElockError('configuration', message);
}
