/**
 * `elock init`: makes a new cluster, of one voter, in a data directory.
 */
import process from 'node:process';
import { type Command, Option } from 'commander';
import { titleOf } from '../cluster.ts';
import { readConfig } from '../config-sources.ts';
import { given, readConfigFile, writeFirstFile } from './config-file.ts';
import { append, dataOption } from './options.ts';
import { printJson } from './peer-command.ts';

/** As commander gives them. */
interface InitFlags {
  readonly data: string;
  readonly name?: string;
  readonly voters: string;
  readonly listen?: readonly string[];
  readonly json: boolean;
}

/** Adds the subcommand. */
export function addInit(program: Command): void {
  program
    .command('init')
    .description('Make a new cluster, of which this machine is the first and only voter.')
    .addOption(dataOption())
    .option('--name <name>', 'name of the cluster, for people')
    .addOption(
      new Option('--voters <count>', 'how many peers are to vote, as soon as there are so many')
        .choices(['1', '3', '5', '7'])
        .default('3'),
    )
    .option('--listen <multiaddr>', 'address for other peers; may be repeated', append)
    .option('--json', 'print one line of JSON', false)
    .action(run);
}

async function run(flags: InitFlags): Promise<void> {
  const config = readConfig({
    flags: given('name', flags.name),
    environment: process.env,
    file: readConfigFile(flags),
  });
  const { DataDirectory } = await import('../adapters/data-directory.ts');
  const { found } = await import('../membership.ts');
  const directory = await DataDirectory.open(flags.data);
  try {
    const { charter, configuration } = found(directory, config, Number(flags.voters));
    await writeFirstFile(flags.data, flags.listen);
    const { cluster } = configuration;
    const { self: id } = directory.identity;
    if (flags.json) return printJson({ id, cluster, name: charter.name });
    const title = titleOf(charter, cluster);
    process.stdout.write(
      `Made ${title}, of one voter for now: ${id}\n\n` +
        `Run it:                           elock start --data ${flags.data}\n` +
        `Then, for each further machine:   elock invite --data ${flags.data}\n`,
    );
  } finally {
    await directory.close();
  }
}
