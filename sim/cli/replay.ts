/**
 * `elock sim replay`: a plan from a file, just as it ran.
 */
import { loadPlan } from '../scenario-file.ts';
import type { AddCommand } from './main.ts';
import { addTellOptions } from './run.ts';
import { runAndTell, type TellOptions } from './tell.ts';

/** Adds the subcommand. */
export const addReplay: AddCommand = (program, finish) => {
  const command = program
    .command('replay')
    .description('Run the plan in a file: what a failure left, or what somebody edited.')
    .argument('<file>', 'a plan in JSON');
  addTellOptions(command).action(async (file: string, flags: TellOptions) => {
    finish(await runAndTell(loadPlan(file), { ...flags, file }));
  });
};
