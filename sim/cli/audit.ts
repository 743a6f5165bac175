/**
 * `elock sim audit`: judges what clients of any lock service wrote down.
 */
import { readFileSync } from 'node:fs';
import { checkHistory } from '../history-check.ts';
import { readHistory } from '../history-file.ts';
import type { AddCommand } from './main.ts';
import { wholeFrom } from './options.ts';

interface Flags {
  readonly releasedWithin: number;
  readonly heldFor: number;
  readonly partial: boolean;
}

const ENTRIES = `
The file holds a JSON object a line; all times are in one unit, by one clock:
  {"op":"acquire","session":"a","lock":"db","asked":1,"answered":5,"outcome":"acquired","token":7,"safe":900}
  {"op":"acquire","session":"b","lock":"db","asked":2,"answered":3,"outcome":"held"}
  {"op":"acquire","session":"c","lock":"db","asked":2,"answered":null,"outcome":"unknown"}
  {"op":"extend","session":"a","asked":400,"safe":900}
  {"op":"release","session":"a","lock":"db","asked":700,"answered":704,"outcome":"released"}
  {"op":"end","session":"a","asked":800}
safe: for how long the client was told that it may rely on the lock, from when it asked; may be left
out. end: the client no longer relies on what it held.`;

/** Adds the subcommand. */
export const addAudit: AddCommand = (program, finish) => {
  program
    .command('audit')
    .description('Judge a history of any lock service: one holder at a time, tokens that rise.')
    .argument('<file>', 'a history, one JSON object a line')
    .option('--released-within <n>', 'a release answered sooner is done', wholeFrom(0), 1_000)
    .option('--held-for <n>', 'how old a "held" answer may be', wholeFrom(0), 1_000)
    .option('--partial', 'the history began before its first entry', false)
    .addHelpText('after', ENTRIES)
    .action((file: string, rules: Flags) => {
      const entries = readHistory(readFileSync(file, 'utf8'));
      const faults = checkHistory(entries, rules);
      for (const fault of faults) process.stdout.write(`${fault}\n`);
      process.stdout.write(`${entries.length} entries, ${faults.length} faults\n`);
      finish(faults.length === 0);
    });
};
