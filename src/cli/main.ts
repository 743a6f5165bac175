#!/usr/bin/env node
/**
 * The command line: one file per subcommand, put together here.
 *
 * Owns the program's name, version and exit statuses for wrong usage. Nothing outside `cli/` reads
 * arguments or environment. Subcommands load what they need when they run, so that help is quick.
 */
import process from 'node:process';
import { Command, CommanderError } from 'commander';
import { EXIT } from '../errors.ts';
import { elockVersion } from '../version.ts';
import { addAdmin } from './admin.ts';
import { addDev } from './dev.ts';
import { exitBecause } from './failure.ts';
import { addId } from './id.ts';
import { addInit } from './init.ts';
import { addInvite } from './invite.ts';
import { addJoin } from './join.ts';
import { addLock } from './lock.ts';
import { addRecover } from './recover.ts';
import { addSecret } from './secret.ts';
import { addSim } from './sim.ts';
import { addStart } from './start.ts';
import { addStatus } from './status.ts';
import { addLeave, addVoters } from './voters.ts';

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

const program = new Command('elock')
  .description('Locks for machines that have no coordinator: majority votes over libp2p.')
  .version(elockVersion())
  .exitOverride()
  .enablePositionalOptions()
  .showHelpAfterError('(add --help for what there is)')
  .addHelpText('after', EXIT_STATUSES);
for (const add of [
  addDev,
  addInit,
  addJoin,
  addStart,
  addInvite,
  addStatus,
  addVoters,
  addLeave,
  addSecret,
  addRecover,
  addId,
  addLock,
  addAdmin,
  addSim,
])
  add(program);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) exitBecause(error);
  process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
}
