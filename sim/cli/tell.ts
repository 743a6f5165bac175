/**
 * Runs one plan and tells of it as it was asked to: trace, summary, line of JSON, page.
 *
 * Standard output carries what was asked for; progress goes to standard error.
 */
import { introduction } from '../explain.ts';
import type { Plan } from '../plan.ts';
import { type Result, runPlan } from '../simulation.ts';
import { keepPlan, lineOf, replayCommand, summary } from './outcome.ts';
import { Progress } from './progress.ts';

/** How to tell. */
export interface TellOptions {
  readonly trace: boolean;
  readonly json: boolean;
  readonly report?: string;
  /** The part of the run that the page shows (ms). */
  readonly from?: number;
  readonly to?: number;
  /** Where the plan of a failure goes; without: it is in a file already. */
  readonly plans?: string;
  readonly file?: string;
}

/** Runs it; whether all held. */
export async function runAndTell(plan: Plan, options: TellOptions): Promise<boolean> {
  const say = (text: string): void => void process.stdout.write(text);
  if (!options.json) say(`${introduction(plan).join('\n')}\n`);
  const began = performance.now();
  const result = run(plan, options);
  const line = lineOf(result, Math.round(performance.now() - began));
  const held = line.violations.length === 0;
  const file = held ? undefined : (options.file ?? keepPlan(plan, options.plans ?? '.'));
  if (options.report !== undefined) await writePage(plan, options.report, options);
  if (options.json) say(`${JSON.stringify(file === undefined ? line : { ...line, plan: file })}\n`);
  else say(summary(line));
  if (file !== undefined)
    (options.json ? process.stderr : process.stdout).write(replayCommand(file));
  return held;
}

/** With `--json` the trace goes to standard error. */
function run(plan: Plan, { trace, json }: TellOptions): Result {
  const stream = json ? process.stderr : process.stdout;
  const totalS = (plan.faultsMs + plan.progressMs) / 1_000;
  const progress = new Progress();
  const result = runPlan({
    plan,
    progress: (simulatedMs) =>
      progress.tell(() => `${simulatedMs / 1_000} of ${totalS} s simulated`),
    ...(trace ? { trace: (line: string) => void stream.write(`${line}\n`) } : {}),
  });
  return result;
}

async function writePage(plan: Plan, file: string, { from, to }: TellOptions): Promise<void> {
  const { recordRun, writeReport } = await import('../report.ts');
  const part = {
    ...(from === undefined ? {} : { fromMs: from }),
    ...(to === undefined ? {} : { toMs: to }),
  };
  writeReport(recordRun({ plan, ...part }).recording, file);
}
