/**
 * `elock sim foil`: lock services of other kinds in the incidents that they are known for.
 */
import { Argument } from 'commander';
import { FOILS } from '../foils/all.ts';
import { compare, isTold } from '../foils/compare.ts';
import type { AddCommand } from './main.ts';
import { wholeFrom } from './options.ts';

/** Adds the subcommand. */
export const addFoil: AddCommand = (program, finish) => {
  const known = FOILS.map(
    ({ name, is, incidents }) => `  ${name}: ${is}\n    ${incidents.join(', ')}`,
  );
  program
    .command('foil')
    .description(
      'Run another kind of lock service, then elock, in the incidents that it is known for.',
    )
    .addArgument(new Argument('<name>').choices(FOILS.map(({ name }) => name)))
    .option('--seed <n>', 'what the scenarios leave open', wholeFrom(0), 1)
    .addHelpText('after', `\nFoils, and their incidents:\n${known.join('\n')}`)
    .action((wanted: string, { seed }: { seed: number }) => {
      const foil = FOILS.find(({ name }) => name === wanted)!;
      let told = true;
      for (const comparison of compare(foil, seed)) {
        const { incident, shows } = comparison;
        told = told && isTold(comparison);
        process.stdout.write(`${incident}: ${shows}\n`);
        for (const [who, violation] of [
          [foil.name, comparison.foil],
          ['elock', comparison.ours],
        ] as const) {
          const what = violation === null ? 'held' : `${violation.invariant}: ${violation.detail}`;
          process.stdout.write(`  ${who.padEnd(16)}${what}\n`);
        }
      }
      finish(told);
    });
};
