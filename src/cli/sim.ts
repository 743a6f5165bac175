/**
 * `elock sim`: hands its arguments over to the simulator, a program of its own.
 *
 * Nothing else in `src` knows the simulator, which is loaded only when it is asked for.
 */
import type { Command } from 'commander';

/** Adds the subcommand; help, options and exit statuses are the simulator's own. */
export function addSim(program: Command): void {
  program
    .command('sim')
    .description('Simulate partitions, crashes and bad clocks, from one seed.')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .argument('[args...]', 'see `elock sim --help`')
    .action(async (args: readonly string[]) => {
      const { main } = await import('../../sim/cli/main.ts');
      process.exitCode = await main(args);
    });
}
