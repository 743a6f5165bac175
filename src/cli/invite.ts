/**
 * `elock invite`: prints the line by which a machine comes into the cluster.
 */
import process from 'node:process';
import type { Command } from 'commander';
import type { InviteResult } from '../admin/invite.ts';
import { askPeer } from './ask-peer.ts';
import { type PeerFlags, peerCommand, printJson } from './peer-command.ts';

/** Adds the subcommand. */
export function addInvite(program: Command): void {
  peerCommand(program, 'invite')
    .description('Print the line by which a machine joins the cluster; it is a secret.')
    .action(run);
}

async function run(flags: PeerFlags): Promise<void> {
  const result = await askPeer<InviteResult>(flags.data, 'invite');
  if (flags.json) printJson(result);
  else process.stdout.write(`${result.invite}\n`);
  if (result.remote) return;
  process.stderr.write(
    'elock: only this machine can reach the addresses in it; see elock status\n',
  );
}
