/**
 * `elock voters`, `elock leave` and `elock remove`: who votes, and who belongs to the cluster.
 */
import process from 'node:process';
import type { Command } from 'commander';
import type { VotersResult } from '../admin/voters.ts';
import { askPeer } from './ask-peer.ts';
import { type PeerFlags, peerCommand, printJson } from './peer-command.ts';

const PEER = 'a peer id, or its end';

/** Adds the subcommands. */
export function addVoters(program: Command): void {
  const voters = peerCommand(program, 'voters')
    .description('Show who votes; with a subcommand, change it.')
    .action((flags: PeerFlags) => run(flags, 'voters', []));
  change(voters, 'add <peer...>', 'Let these peers vote, too.', 'voters-add');
  change(voters, 'remove <peer...>', 'Take their vote; they serve clients still.', 'voters-remove');
  change(
    voters,
    'replace <peer> [by]',
    'Let another peer vote in its place, in one change: BY, or a spare.',
    'voters-replace',
  );
  change(voters, 'set <peer...>', 'Let exactly these peers vote.', 'voters-set');
  change(voters, 'want <count>', 'How many voters there should be.', 'voters-want');
}

/** Adds the subcommands. */
export function addLeave(program: Command): void {
  peerCommand(program, 'leave')
    .description('Let this peer vote no more, so that it can be taken away.')
    .action(async (flags: PeerFlags) => {
      await run(flags, 'leave', []);
      if (flags.json) return;
      process.stdout.write(
        `This peer votes no more. Stop it when its clients are gone; its directory is of no use then.\n`,
      );
    });
  peerCommand(program, 'remove <peer>')
    .description(`Shut a peer out of the cluster, at once and for good: ${PEER}.`)
    .action(async (peer: string, flags: PeerFlags) => {
      await run(flags, 'remove', [peer]);
      if (flags.json) return;
      process.stdout.write(
        'It knows the secret, and could come back under another id: elock secret rotate\n',
      );
    });
}

function change(parent: Command, usage: string, summary: string, command: string): void {
  const hasPeers = usage.includes('<peer');
  peerCommand(parent, usage)
    .description(hasPeers ? `${summary} A peer is ${PEER}.` : summary)
    .action(async (...given: unknown[]) => {
      const flags = given.at(-2) as PeerFlags;
      const words = given
        .slice(0, -2)
        .flat()
        .filter((word) => word !== undefined) as string[];
      await run(flags, command, words);
    });
}

async function run(flags: PeerFlags, command: string, words: readonly string[]): Promise<void> {
  const result = await askPeer<VotersResult>(flags.data, command, { words });
  if (flags.json) printJson(result);
  else process.stdout.write(textOf(result));
}

function textOf(result: VotersResult): string {
  const { epoch, voters, quorum, wanted, resting, removed, settled } = result;
  return [
    `Epoch ${epoch}: ${voters.length} of ${wanted} wanted voters, quorum ${quorum}`,
    ...voters.map((id) => `  ${id}`),
    ...section('Rest, and vote only when told to', resting),
    ...section('Shut out', removed),
    ...(settled ? [] : ['Not heard of a quorum of the new voters yet: see elock status']),
    '',
  ].join('\n');
}

function section(heading: string, ids: readonly string[]): string[] {
  return ids.length === 0 ? [] : [`${heading}:`, ...ids.map((id) => `  ${id}`)];
}
