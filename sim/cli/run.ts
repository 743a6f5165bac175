/**
 * `elock sim run`: scenarios by name or file, one seed each.
 */
import { type Command, Option } from 'commander';
import type { Plan } from '../plan.ts';
import { SCENARIOS } from '../scenarios/all.ts';
import type { AddCommand } from './main.ts';
import { duration, peersOption, plannerOf, plansOption, wholeFrom } from './options.ts';
import { runAndTell, type TellOptions } from './tell.ts';

/** As commander gives them. */
interface RunFlags extends TellOptions {
  readonly seed: number;
  readonly peers?: number;
}

/** Adds the subcommand. */
export const addRun: AddCommand = (program, finish) => {
  const command = program
    .command('run')
    .description('Run scenarios: names, files (.json, or a module), "swarm", or "all".')
    .argument('<scenario...>', 'see `elock sim list`; "swarm": a mix of faults of the seed\'s own')
    .addOption(
      new Option('--seed <seed>', 'draws what the scenario leaves open')
        .argParser(wholeFrom(0))
        .default(1),
    )
    .addOption(peersOption());
  addTellOptions(command).action(async (names: readonly string[], flags: RunFlags) => {
    finish(await runAll(names, flags));
  });
};

/** How to tell of a run: shared with `replay`. */
export function addTellOptions(command: Command): Command {
  return command
    .option('--trace', 'a line for each event', false)
    .option('--json', 'one line of JSON for each run', false)
    .option('--report <file>', 'write a page to look at the run')
    .addOption(new Option('--from <duration>', 'what the page shows').argParser(duration))
    .addOption(new Option('--to <duration>', 'and until when').argParser(duration))
    .addOption(plansOption());
}

async function runAll(names: readonly string[], flags: RunFlags): Promise<boolean> {
  const wanted = names.flatMap((name) =>
    name === 'all' ? SCENARIOS.map((scenario) => scenario.name) : [name],
  );
  const plans: Plan[] = [];
  for (const name of wanted) plans.push((await plannerOf(name))(flags.seed, flags.peers));
  let held = true;
  for (const plan of plans) {
    if (!(await runAndTell(plan, flags))) held = false;
  }
  return held;
}
