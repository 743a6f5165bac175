/**
 * `elock recover`: makes a new cluster from one voter of a cluster that has lost its majority.
 *
 * Owns what is said before, and the question: whoever goes on must have read the cluster's name.
 */
import { existsSync } from 'node:fs';
import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { shortId, titleOf } from '../cluster.ts';
import { readConfig } from '../config-sources.ts';
import { ElockError } from '../errors.ts';
import type { RecoveryPlan } from '../recovery.ts';
import { readConfigFile } from './config-file.ts';
import { dataOption } from './options.ts';
import { printJson } from './peer-command.ts';

/** As commander gives them. */
interface RecoverFlags {
  readonly data: string;
  readonly yesIHaveLostTheMajority?: string;
  readonly json: boolean;
}

/** Adds the subcommand. */
export function addRecover(program: Command): void {
  program
    .command('recover')
    .description('Go on as a new cluster, from one voter, when the majority is lost for good.')
    .addOption(dataOption())
    .option('--yes-i-have-lost-the-majority <cluster>', 'do not ask: the id of the lost cluster')
    .option('--json', 'when done, print one line of JSON', false)
    .action(run);
}

async function run(flags: RecoverFlags): Promise<void> {
  const config = readConfig({
    flags: {},
    environment: process.env,
    file: readConfigFile(flags),
  });
  if (!existsSync(flags.data)) {
    throw new ElockError(
      'usage',
      `there is no ${flags.data}: name the peer's directory with --data`,
    );
  }
  const { DataDirectory } = await import('../adapters/data-directory.ts');
  const { carryOut, planRecovery } = await import('../recovery.ts');
  const directory = await DataDirectory.open(flags.data);
  try {
    const plan = planRecovery(directory, config);
    process.stderr.write(warningOf(plan));
    await confirm(plan, flags.yesIHaveLostTheMajority);
    process.stderr.write(`Waiting ${seconds(plan.waitMs)} for the leases of the lost cluster …\n`);
    await carryOut(directory, plan);
    if (flags.json) printJson({ cluster: plan.next.configuration.cluster });
    else process.stdout.write(doneText(plan, flags.data));
  } finally {
    await directory.close();
  }
}

function warningOf({ charter, configuration, held, sessions, waitMs }: RecoveryPlan): string {
  const { cluster, epoch, voters } = configuration;
  return `This makes a NEW cluster out of what this one peer remembers of ${titleOf(charter, cluster)}.
Its ${voters.length} voters, as of epoch ${epoch}, are not asked any more:
${voters.map((voter) => `  ${voter}`).join('\n')}

Do it only if more than half of them are lost FOR GOOD. If they come back, there are two clusters
that grant the same locks, each to somebody else.

What may be lost: locks that the others granted, and this peer never heard of. Such a holder may
believe that it holds its lock for as long as its session's time-out; ${seconds(waitMs)} are waited for that,
the longest time-out that this peer knows of. A client that has set a longer one must be stopped.

What is kept: ${held} held ${held === 1 ? 'lock' : 'locks'} of ${sessions} ${sessions === 1 ? 'session' : 'sessions'}, until these are over; and tokens only rise,
by a large step. The cluster gets a new id and a new secret: every other peer has to come in anew,
by an invite, in a new directory.

`;
}

async function confirm(plan: RecoveryPlan, given: string | undefined): Promise<void> {
  const { cluster } = plan.configuration;
  if (given !== undefined) {
    if (given === cluster || given === shortId(cluster)) return;
    throw new ElockError('usage', `not confirmed: the cluster is ${cluster}, not ${given}`);
  }
  const wanted = plan.charter.name === '' ? shortId(cluster) : plan.charter.name;
  const answer = await ask(`Type ${wanted} to go on: `);
  if (answer === wanted) return;
  throw new ElockError('usage', 'not confirmed: nothing was changed');
}

/** What was typed; empty when nobody is there to type. */
async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  try {
    return (await Promise.race([lines.question(question), ended])).trim();
  } finally {
    lines.close();
  }
}

function doneText({ next }: RecoveryPlan, data: string): string {
  const title = titleOf(next.charter, next.configuration.cluster);
  return `Made ${title}, of one voter.

Run it:                         elock start --data ${data}
Then, for each further machine: elock invite --data ${data}
`;
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1_000)} s`;
}
