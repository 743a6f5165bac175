/**
 * A cluster that has lost its majority for good goes on as a new one, from one voter that is left.
 *
 * Owns the order: look, wait until no lease of the old cluster can still be vouched for, and then
 * change everything at once. Until that moment nothing is changed, so that an end at any time, or a
 * change of mind, leaves the peer what it was. The wait is counted while nobody else can use the
 * directory, by a clock that no setting of the time moves, and that stands still in a suspend.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { DataDirectory } from './adapters/data-directory.ts';
import { newSecretKey } from './adapters/system-random.ts';
import { type Charter, charterText, clusterIdOf, shortId } from './cluster.ts';
import type { Config } from './config.ts';
import { highestEpoch, type Recovery, recovery } from './core/recovery.ts';
import type { Configuration } from './core/types.ts';
import { ElockError } from './errors.ts';
import { RECOVERY_MARGIN_MS } from './limits.ts';
import { belong } from './membership.ts';

/** What a recovery would do. */
export interface RecoveryPlan extends Recovery {
  readonly charter: Charter;
  readonly configuration: Configuration;
  readonly next: { readonly charter: Charter; readonly configuration: Configuration };
  /** Until no lease of the old cluster is left, however it was vouched for. */
  readonly waitMs: number;
}

/**
 * Looks at what there is, and changes nothing.
 *
 * @throws ElockError `configuration` when there is nothing to recover from here
 */
export function planRecovery(directory: DataDirectory, given: Config): RecoveryPlan {
  refuseUnlessMember(directory, given);
  const { charter, configuration, config } = belong(directory, given);
  refuseUnlessVoter(directory, configuration);
  const { self } = directory.identity;
  const origin = `recovered from ${configuration.cluster} ${randomBytes(8).toString('hex')}`;
  const nextCharter: Charter = { ...charter, voters: [self], origin };
  const epoch = Math.max(configuration.epoch, highestEpoch(directory.store.durable)) + 1;
  const cluster = clusterIdOf(charterText(nextCharter));
  const wanted = { voters: [self], before: [], resting: [] };
  const next: Configuration = { ...configuration, ...wanted, cluster, epoch };
  const recovered = recovery(directory.store.durable, next);
  const { sessionTimeoutMs, minimumLeaseMs, driftPermille } = config;
  const leaseMs = Math.max(recovered.timeoutMs, sessionTimeoutMs, minimumLeaseMs);
  return {
    ...recovered,
    charter,
    configuration,
    next: { charter: nextCharter, configuration: next },
    waitMs: Math.ceil((leaseMs * (1_000 + driftPermille)) / 1_000) + RECOVERY_MARGIN_MS,
  };
}

/** Waits, and makes the new cluster; returns when that is durable. */
export async function carryOut(directory: DataDirectory, plan: RecoveryPlan): Promise<void> {
  await delay(plan.waitMs);
  const { charter, configuration } = plan.next;
  directory.refound({
    charter: charterText(charter),
    configuration,
    secrets: [{ generation: 1, key: newSecretKey(), retiresAt: null }],
    changes: plan.changes,
  });
}

function refuseUnlessMember(directory: DataDirectory, { voters }: Config): void {
  if (directory.charter === null) {
    throw new ElockError('configuration', `${directory.path} belongs to no cluster yet`);
  }
  if (voters.length === 0) return;
  const message =
    'the options still list the voters of the lost cluster: take `voters`, `peers` and `secret` out ' +
    'of elock.json first';
  throw new ElockError('configuration', message);
}

function refuseUnlessVoter(directory: DataDirectory, configuration: Configuration): void {
  const { self } = directory.identity;
  if (!configuration.voters.includes(self)) {
    const message =
      `${directory.path} is that of a peer that does not vote: it has no votes to go on with. ` +
      'Recover from a voter; if none is left, make a new cluster with elock init';
    throw new ElockError('configuration', message);
  }
  const standing = directory.store.durable.epoch?.standing;
  if (standing === 'empty' || standing === 'absent') {
    const message =
      'this peer became a voter shortly before it was stopped, and has not got the votes of the ' +
      'others yet: recover from another voter';
    throw new ElockError('configuration', message);
  }
  if (configuration.voters.length > 1) return;
  const message =
    `this peer is the only voter of cluster ${shortId(configuration.cluster)}: no majority is lost. ` +
    'Start it';
  throw new ElockError('configuration', message);
}
