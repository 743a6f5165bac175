/**
 * `elock sim shrink`: a smaller plan that fails alike, and a test made of it.
 */
import { writeFileSync } from 'node:fs';
import { Option } from 'commander';
import { loadPlan, savePlan } from '../scenario-file.ts';
import { type Shrunk, shrink, testFileOf } from '../shrink.ts';
import type { AddCommand } from './main.ts';
import { duration, wholeFrom } from './options.ts';
import { replayCommand } from './outcome.ts';
import { Progress } from './progress.ts';

interface Flags {
  readonly budget: number;
  readonly runs?: number;
}

/** A minute: most failures are small by then (ms). */
const BUDGET_MS = 60_000;

/** Adds the subcommand. */
export const addShrink: AddCommand = (program, finish) => {
  program
    .command('shrink')
    .description('Make the plan of a failure smaller, as long as the very same failure comes back.')
    .argument('<file>', 'a plan in JSON that fails')
    .addOption(
      new Option('--budget <duration>', 'stop after that, with what there is')
        .argParser(duration)
        .default(BUDGET_MS, '60s'),
    )
    .addOption(new Option('--runs <count>', 'or after so many runs').argParser(wholeFrom(1)))
    .action((file: string, flags: Flags) => {
      const shrunk = shrinkFile(file, flags);
      if (shrunk === null) process.stdout.write(`${file} fails no more\n`);
      else tell(file, shrunk);
      finish(shrunk === null);
    });
};

function shrinkFile(file: string, { budget, runs }: Flags): Shrunk | null {
  const began = performance.now();
  const progress = new Progress();
  return shrink({
    plan: loadPlan(file),
    isOver: () => performance.now() - began > budget,
    progress: ({ pass, runs: done, plan }) =>
      progress.tell(() => `${done} runs, at ${pass}: ${sizeOf(plan)}`),
    ...(runs === undefined ? {} : { runsMax: runs }),
  });
}

/** Leaves the plan and its test beside the file that it came from. */
function tell(file: string, { plan, violation, runs, complete }: Shrunk): void {
  const base = file.replace(/\.json$/, '');
  const [small, test] = [`${base}.small.json`, `${base}.small.test.ts`];
  savePlan(plan, small);
  writeFileSync(test, testFileOf(plan, violation));
  const [detail = ''] = violation.detail.split('\n');
  const lines = [
    `${sizeOf(plan)} after ${runs} runs${complete ? '' : ', stopped by its budget'}`,
    `  VIOLATED ${violation.invariant} at ${violation.at / 1_000_000} s: ${detail}`,
    `a test, for test/sim: ${test}`,
    replayCommand(small),
  ];
  process.stdout.write(lines.join('\n'));
}

function sizeOf({ machines, workload, scripts = [], faults }: Shrunk['plan']): string {
  const clients = workload.clients + scripts.length;
  return `${machines} peers, ${clients} clients, ${faults.length} faults`;
}
