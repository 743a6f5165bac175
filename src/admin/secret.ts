/**
 * `secret` and `secret-rotate`: how the secret of the cluster stands, and a new one.
 *
 * Rotating disturbs nobody: the new secret goes to all members over the channels that stand, and
 * the old one opens the door until all known members have the new.
 */
import { ElockError } from '../errors.ts';
import { ROTATION_MS_MAX } from '../limits.ts';
import type { AdminPeer } from './admin-peer.ts';
import { type SecretStatus, secretOf } from './status.ts';

/** Shows how far the newest secret has come. */
export async function secret(peer: AdminPeer): Promise<SecretStatus> {
  const status = secretOf(peer);
  if (status !== null) return status;
  const message =
    'this cluster has no secret: write the same `secret` into the configuration of every peer, and ' +
    'start them again';
  throw new ElockError('configuration', message);
}

/** Makes a new one, and waits a little until all that are reached have it. */
export async function rotateSecret(peer: AdminPeer): Promise<SecretStatus> {
  await secret(peer);
  peer.transport.secrets?.rotate();
  await peer.transport.secrets?.settled(ROTATION_MS_MAX);
  return secret(peer);
}
