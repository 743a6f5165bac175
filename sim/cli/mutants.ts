/**
 * `elock sim mutants`: seeded bugs, each to be noticed by an invariant within a number of seeds.
 */
import { MUTANTS } from '../mutants/all.ts';
import { hunt, isCaught } from '../mutants/hunt.ts';
import { REDUNDANT } from '../mutants/redundant.ts';
import { HEADING, rowOf } from '../mutants/table.ts';
import type { AddCommand } from './main.ts';
import { wholeFrom } from './options.ts';
import { Progress } from './progress.ts';

interface Flags {
  readonly seed: number;
  readonly starts: number;
}

/** Adds the subcommand. */
export const addMutants: AddCommand = (program, finish) => {
  program
    .command('mutants')
    .description('Seed bugs into a copy of the core, one at a time: each must be noticed.')
    .argument('[names...]', 'which of them; all')
    .option('--seed <n>', 'the first seed of each', wholeFrom(0), 1)
    .option('--starts <n>', 'hunt each so often, and tell the median of seeds', wholeFrom(1), 1)
    .action(async (names: string[], { seed, starts }: Flags) => {
      const wanted = MUTANTS.filter(({ name }) => names.length === 0 || names.includes(name));
      const progress = new Progress();
      let caught = wanted.length > 0;
      process.stdout.write(`${HEADING}\n`);
      for (const mutant of wanted) {
        progress.tell(() => `hunting ${mutant.name}`);
        const found = await hunt(mutant, seed, starts);
        caught = caught && isCaught(found);
        process.stdout.write(`${rowOf(found)}\n`);
      }
      if (names.length === 0) tellRedundant();
      finish(caught);
    });
};

function tellRedundant(): void {
  process.stdout.write('\nTaken out alone, these can hurt nobody:\n');
  for (const { rule, answer, because } of REDUNDANT) {
    process.stdout.write(`  rule ${rule}: ${answer}\n    ${because}\n`);
  }
}
