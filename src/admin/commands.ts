/**
 * The administrative commands of a running peer, by name.
 */
import type { AdminCommand } from './admin-peer.ts';
import { invite } from './invite.ts';
import { rotateSecret, secret } from './secret.ts';
import { status } from './status.ts';
import {
  addVoters,
  leave,
  removePeer,
  removeVoters,
  replaceVoter,
  setVoters,
  voters,
  wantVoters,
} from './voters.ts';

/** Every command that the control socket takes. */
export const ADMIN_COMMANDS: ReadonlyMap<string, AdminCommand> = new Map<string, AdminCommand>([
  ['invite', invite],
  ['status', status],
  ['voters', voters],
  ['voters-add', addVoters],
  ['voters-remove', removeVoters],
  ['voters-replace', replaceVoter],
  ['voters-set', setVoters],
  ['voters-want', wantVoters],
  ['remove', removePeer],
  ['leave', leave],
  ['secret', secret],
  ['secret-rotate', rotateSecret],
]);
