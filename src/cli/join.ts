/**
 * `elock join`: prepares a data directory to come into a cluster, by an invite.
 *
 * Nothing is asked of the cluster yet: `elock start` finds it. On a directory that belongs to the
 * same cluster it takes the new secret, and the peer stays who it is.
 */
import process from 'node:process';
import type { Command } from 'commander';
import { readConfig } from '../config-sources.ts';
import type { Entry } from '../membership.ts';
import { readConfigFile, writeFirstFile } from './config-file.ts';
import { append, dataOption } from './options.ts';
import { printJson } from './peer-command.ts';

/** As commander gives them. */
interface JoinFlags {
  readonly data: string;
  readonly listen?: readonly string[];
  readonly json: boolean;
}

const WORDS: Readonly<Record<Entry, string>> = {
  joined: 'Ready to come into the cluster',
  renewed: 'Ready to come back into the cluster, with its new secret',
  known: 'Already in this cluster, and this secret is known: nothing was changed',
};

/** Adds the subcommand. */
export function addJoin(program: Command): void {
  program
    .command('join <invite>')
    .description('Prepare this machine to come into a cluster, by the line of elock invite.')
    .addOption(dataOption())
    .option('--listen <multiaddr>', 'address for other peers; may be repeated', append)
    .option('--json', 'print one line of JSON', false)
    .action(run);
}

async function run(invite: string, flags: JoinFlags): Promise<void> {
  const config = readConfig({
    flags: {},
    environment: process.env,
    file: readConfigFile(flags),
  });
  const { DataDirectory } = await import('../adapters/data-directory.ts');
  const { comeIn } = await import('../membership.ts');
  const directory = await DataDirectory.open(flags.data);
  try {
    const entry = comeIn(directory, invite, config);
    await writeFirstFile(flags.data, flags.listen);
    const { self: id } = directory.identity;
    if (flags.json) return printJson({ id, entry });
    process.stdout.write(
      `${WORDS[entry]}, as ${id}\n\n` + `Run it:   elock start --data ${flags.data}\n`,
    );
  } finally {
    await directory.close();
  }
}
