#!/usr/bin/env node
/**
 * The command line: one file per subcommand, put together here.
 *
 * Owns the program's name, version and exit statuses for wrong usage. Nothing outside `cli/` reads
 * arguments or environment. A subcommand that is named is loaded alone, and loads what it needs
 * when it runs: it begins sooner, and help is quick.
 */
import process from 'node:process';
import { Command, CommanderError } from 'commander';
import { EXIT } from '../errors.ts';
import { elockVersion } from '../version.ts';
import { exitBecause } from './failure.ts';

const EXIT_STATUSES = `
Exit statuses:
  ${EXIT.ok}   done, or stopped as asked
  ${EXIT.changeRefused}   a change of the cluster was refused
  ${EXIT.usage}  wrong usage of the command line
  ${EXIT.storeDamaged}  the store is damaged, or of a newer version
  ${EXIT.credentials}  a certificate, a key or a file with a secret cannot be used
  ${EXIT.addressInUse}  an address cannot be listened on; or no peer with a quorum is reached
  ${EXIT.internal}  a bug
  ${EXIT.staleIncarnation}  this data directory is an old copy
  ${EXIT.storeFailed}  the disk refused a write
  ${EXIT.dataDirectoryInUse}  the data directory is in use; or a lock was not acquired in time
  ${EXIT.lockLost}  a lock was lost, and its command stopped
  ${EXIT.notAllowed}  this user may not ask that peer; or no peer lets this client in
  ${EXIT.commandNotRunnable} a command cannot be run
  ${EXIT.commandNotFound} a command is not there
  ${EXIT.configuration}  the configuration is wrong`;

/** A row for each file: the subcommands that it adds, in the order of the help. */
type Row = readonly [names: readonly string[], load: () => Promise<(program: Command) => void>];

const SUBCOMMANDS: readonly Row[] = [
  [['dev'], async () => (await import('./dev.ts')).addDev],
  [['init'], async () => (await import('./init.ts')).addInit],
  [['join'], async () => (await import('./join.ts')).addJoin],
  [['start'], async () => (await import('./start.ts')).addStart],
  [['invite'], async () => (await import('./invite.ts')).addInvite],
  [['status'], async () => (await import('./status.ts')).addStatus],
  [['voters'], async () => (await import('./voters.ts')).addVoters],
  [['leave', 'remove'], async () => (await import('./voters.ts')).addLeave],
  [['secret'], async () => (await import('./secret.ts')).addSecret],
  [['recover'], async () => (await import('./recover.ts')).addRecover],
  [['id'], async () => (await import('./id.ts')).addId],
  [['lock'], async () => (await import('./lock.ts')).addLock],
  [['locks', 'info', 'stats', 'peers'], async () => (await import('./admin.ts')).addAdmin],
  [['sim'], async () => (await import('./sim.ts')).addSim],
];

/** Whoever names none needs them all: for help, or for the nearest of them. */
function rowsFor(word: string | undefined): readonly Row[] {
  const named = SUBCOMMANDS.filter(([names]) => names.some((name) => name === word));
  return named.length > 0 ? named : SUBCOMMANDS;
}

const program = new Command('elock')
  .description('Locks for machines that have no coordinator: majority votes over libp2p.')
  .version(elockVersion())
  .exitOverride()
  .enablePositionalOptions()
  .showHelpAfterError('(add --help for what there is)')
  .addHelpText('after', EXIT_STATUSES);
for (const [, load] of rowsFor(process.argv[2])) (await load())(program);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) exitBecause(error);
  process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
}
