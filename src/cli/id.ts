/**
 * `elock id`: prints a peer's id, so that voters can be listed before anything runs.
 */

import process from 'node:process';
import type { Command } from 'commander';
import { dataOption } from './options.ts';

/** Adds the subcommand. */
export function addId(program: Command): void {
  program
    .command('id')
    .description('Print the peer id of a data directory, making its key if there is none.')
    .addOption(dataOption())
    .action(async ({ data }: { data: string }) => {
      const { peerIdOf } = await import('../adapters/data-directory.ts');
      process.stdout.write(`${await peerIdOf(data)}\n`);
    });
}
