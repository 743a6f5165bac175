/**
 * `elock sim list`: the named scenarios, and what each shows.
 */
import { SCENARIOS } from '../scenarios/all.ts';
import type { AddCommand } from './main.ts';

/** Adds the subcommand. */
export const addList: AddCommand = (program) => {
  program
    .command('list')
    .description('List the named scenarios: what each shows, and what it is known from.')
    .option('--json', 'one line of JSON for each', false)
    .action(({ json }: { json: boolean }) => {
      for (const { name, peers, shows, knownFrom } of SCENARIOS) {
        process.stdout.write(
          json
            ? `${JSON.stringify({ name, peers, shows, knownFrom })}\n`
            : `${name} (${peers} peers)\n  ${shows}\n  Known from: ${knownFrom}\n`,
        );
      }
    });
};
