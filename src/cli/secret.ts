/**
 * `elock secret` and `elock secret rotate`: the key by which peers come into the cluster.
 *
 * Never prints the key itself: that is what invites are for.
 */
import process from 'node:process';
import type { Command } from 'commander';
import type { SecretStatus } from '../admin/status.ts';
import { askPeer } from './ask-peer.ts';
import { type PeerFlags, peerCommand, printJson } from './peer-command.ts';

/** Adds the subcommands. */
export function addSecret(program: Command): void {
  const secret = peerCommand(program, 'secret')
    .description('Show how far the newest secret of the cluster has come; rotate makes a new one.')
    .action((flags: PeerFlags) => run(flags, 'secret'));
  peerCommand(secret, 'rotate')
    .description('Replace the secret of the cluster, without any interruption.')
    .action((flags: PeerFlags) => run(flags, 'secret-rotate'));
}

async function run(flags: PeerFlags, command: string): Promise<void> {
  const status = await askPeer<SecretStatus>(flags.data, command);
  if (flags.json) printJson(status);
  else process.stdout.write(textOf(status));
}

function textOf({ generation, missing, oldUntil }: SecretStatus): string {
  const newest = `The secret of this cluster is of generation ${generation}.\n`;
  if (oldUntil === null)
    return `${newest}All known members have it, and no older one is accepted.\n`;
  const names = missing.map((peer) => `  ${peer}\n`).join('');
  return (
    `${newest}Until ${oldUntil} the one before opens the door, too: for these members, which have ` +
    `not got the new one yet.\n${names}` +
    'Those that are still away then need a new invite: elock join, in the same directory.\n'
  );
}
