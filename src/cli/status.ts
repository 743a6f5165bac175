/**
 * `elock status`: how the cluster stands, as the peer of a data directory sees it.
 *
 * Exits with 0 only if that peer reaches a quorum, so that scripts can ask, too.
 */
import process from 'node:process';
import type { Command } from 'commander';
import type { SearchReport } from '../admin/administration.ts';
import type { StatusReport } from '../admin/status.ts';
import { EXIT } from '../errors.ts';
import { askPeer } from './ask-peer.ts';
import { type PeerFlags, peerCommand, printJson } from './peer-command.ts';
import { record, table } from './rows.ts';

const CLUSTER_DIGITS = 12;

/** Adds the subcommand. */
export function addStatus(program: Command): void {
  peerCommand(program, 'status')
    .description('Show who is there, who votes, what is wrong and what to do about it.')
    .action(run);
}

async function run(flags: PeerFlags): Promise<void> {
  const report = await askPeer<StatusReport | SearchReport>(flags.data, 'status');
  if (flags.json) printJson(report);
  else process.stdout.write(report.state === 'running' ? textOf(report) : searchText(report));
  const hasQuorum = report.state === 'running' && report.reachableVoters >= report.quorum;
  process.exitCode = hasQuorum ? EXIT.ok : EXIT.unavailable;
}

function textOf(report: StatusReport): string {
  const { name, cluster, epoch, quorum, voters, wanted } = report;
  const { reachableVoters, survivableLosses } = report;
  const summary = record({
    ...(name === '' ? {} : { name }),
    cluster: cluster.slice(0, CLUSTER_DIGITS),
    epoch,
    voters: `${voters} of ${wanted} wanted, ${reachableVoters} reached, quorum ${quorum}`,
    losses: `${survivableLosses} more ${survivableLosses === 1 ? 'is' : 'are'} survivable`,
  });
  return [summary, peerTable(report), ...problemLines(report)].join('\n');
}

function peerTable({ peers }: StatusReport): string {
  const heading = ['ID', 'VOTER', 'REACHABLE', 'HEARD_MS', 'VERSION'];
  const rows = peers.map(({ id, voter, self, reachable, heardMs, word }) => [
    self ? `${id} (this)` : id,
    voter,
    reachable,
    heardMs,
    word?.software ?? null,
  ]);
  return table(heading, rows);
}

function problemLines({ problems }: StatusReport): string[] {
  if (problems.length === 0) return ['All is well.\n'];
  return problems.map(({ what, todo }) => `Wrong: ${what}\n   do: ${todo}\n`);
}

function searchText({ addresses, latest }: SearchReport): string {
  return (
    `Looking for the cluster at ${addresses.join(', ') || 'no address yet'}, ` +
    `and on the local network unless that is switched off.\n` +
    (latest === null ? '' : `Latest: ${latest}\n`)
  );
}
