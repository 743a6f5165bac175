/**
 * The administrative commands of a running peer, by name; one module each.
 */
import type { AdminCommand } from './admin-peer.ts';
import { invite } from './invite.ts';
import { rotateSecret, secret } from './secret.ts';
import { status } from './status.ts';

/** Every command that the control socket takes. */
export const ADMIN_COMMANDS: ReadonlyMap<string, AdminCommand> = new Map<string, AdminCommand>([
  ['invite', invite],
  ['status', status],
  ['secret', secret],
  ['secret-rotate', rotateSecret],
]);
