/**
 * `elock sim`: the command line of the simulator, one file per subcommand.
 *
 * Owns its exit statuses, which are few, as scripts want them: held, violated, wrong usage. `elock`
 * hands its arguments over (`src/cli/sim.ts`); nothing in `src` imports the simulator otherwise.
 */
import { Command, CommanderError } from 'commander';
import { ScenarioError } from '../scenario.ts';
import { addAudit } from './audit.ts';
import { addExplore } from './explore.ts';
import { addFoil } from './foil.ts';
import { addList } from './list.ts';
import { addMutants } from './mutants.ts';
import { addReplay } from './replay.ts';
import { addRun } from './run.ts';
import { addShrink } from './shrink.ts';
import { addSwarm } from './swarm.ts';

/** What `elock sim` exits with. */
export const STATUS = { held: 0, violated: 1, usage: 2 } as const;

const EXIT_STATUSES = `
Exit statuses:
  ${STATUS.held}  everything that was promised held
  ${STATUS.violated}  something was violated: the last line replays it
  ${STATUS.usage}  wrong usage, or a file that is no scenario or plan`;

/** Runs one command line; resolves with its exit status. */
export async function main(args: readonly string[]): Promise<number> {
  let status: number = STATUS.held;
  const program = new Command('elock sim')
    .description('Partitions, crashes and bad clocks, from one seed, on the production core.')
    .exitOverride()
    .showHelpAfterError('(add --help for what there is)')
    .addHelpText('after', EXIT_STATUSES);
  const finish = (held: boolean): void => {
    status = held ? STATUS.held : STATUS.violated;
  };
  for (const add of [
    addList,
    addRun,
    addSwarm,
    addReplay,
    addShrink,
    addExplore,
    addFoil,
    addMutants,
    addAudit,
  ])
    add(program, finish);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? STATUS.held : STATUS.usage;
    if (!(error instanceof ScenarioError)) throw error;
    process.stderr.write(`elock sim: ${error.message}\n`);
    return STATUS.usage;
  }
}

/** Adds a subcommand, which tells in the end whether all held. */
export type AddCommand = (program: Command, finish: (held: boolean) => void) => void;
