/**
 * `elock sim swarm`: many seeds, a whole simulation each, on several threads.
 *
 * Owns what is told of them together: failures first, then what was seen how often.
 */

import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Option } from 'commander';
import { SOMETIMES, type SometimesName } from '../checkers/sometimes.ts';
import { Digest } from '../digest.ts';
import { SWARM } from '../explain.ts';
import { junitOf } from './junit.ts';
import type { AddCommand } from './main.ts';
import {
  duration,
  peersOption,
  plannerOf,
  plansOption,
  type SeedRange,
  seedRange,
  wholeFrom,
} from './options.ts';
import { describeViolations, keepPlan, type RunLine, replayCommand } from './outcome.ts';
import { Progress } from './progress.ts';
import { runSeeds } from './seeds.ts';

/** As commander gives them. */
interface SwarmFlags {
  readonly seeds: SeedRange;
  readonly peers?: number;
  readonly scenario: string;
  readonly jobs: number;
  readonly untilFail: boolean;
  readonly budget?: number;
  readonly json: boolean;
  readonly junit?: string;
  readonly plans: string;
}

/** Adds the subcommand. */
export const addSwarm: AddCommand = (program, finish) => {
  program
    .command('swarm')
    .description('Run many seeds, each with a mix of faults of its own.')
    .addOption(
      new Option('--seeds <range>', 'such as 1..1000').argParser(seedRange).makeOptionMandatory(),
    )
    .addOption(peersOption())
    .option('--scenario <name>', 'a scenario or file to run with each seed instead', SWARM)
    .addOption(
      new Option('--jobs <count>', 'how many at a time')
        .argParser(wholeFrom(1))
        .default(availableParallelism()),
    )
    .option('--until-fail', 'stop at the first failure', false)
    .addOption(
      new Option('--budget <duration>', 'begin no further seed after that').argParser(duration),
    )
    .option('--json', 'one line of JSON at the end', false)
    .option('--junit <file>', 'write a report for continuous integration')
    .addOption(plansOption())
    .action(async (flags: SwarmFlags) => {
      finish(await swarm(flags));
    });
};

async function swarm(flags: SwarmFlags): Promise<boolean> {
  const planner = await plannerOf(flags.scenario);
  planner(flags.seeds.first, flags.peers);
  const began = performance.now();
  const runs: RunLine[] = [];
  const failed: RunLine[] = [];
  const progress = new Progress();
  const total = flags.seeds.last - flags.seeds.first + 1;
  await runSeeds(flags, (run) => {
    const shown = run.violations.length === 0 ? run : keep(run, flags);
    runs.push(shown);
    if (shown !== run) failed.push(shown);
    progress.tell(() => `${runs.length} of ${total} seeds, ${failed.length} failed`);
    return flags.untilFail && failed.length > 0;
  });
  runs.sort((a, b) => a.seed - b.seed);
  const wallS = Math.round(performance.now() - began) / 1_000;
  if (flags.junit !== undefined) writeFileSync(flags.junit, junitOf(flags.scenario, runs, wallS));
  process.stdout.write(
    flags.json ? `${JSON.stringify(lineOf(runs, failed, wallS))}\n` : textOf(runs, failed, wallS),
  );
  const [first] = failed;
  if (first?.plan !== undefined) {
    (flags.json ? process.stderr : process.stdout).write(replayCommand(first.plan));
  }
  return failed.length === 0;

  /** Writes the plan of a failure, which says so at once. */
  function keep(run: RunLine, { plans, peers, json }: SwarmFlags): RunLine {
    const plan = keepPlan(planner(run.seed, peers), plans);
    const text = `seed ${run.seed}, ${run.peers} peers: ${plan}\n${describeViolations(run.violations)}\n`;
    (json ? process.stderr : process.stdout).write(text);
    return { ...run, plan };
  }
}

/** All runs in one line of JSON. */
function lineOf(runs: readonly RunLine[], failed: readonly RunLine[], wallS: number) {
  return {
    seeds: runs.length,
    failed: failed.map(({ seed, peers, digest, violations, plan }) => ({
      seed,
      peers,
      digest,
      violations,
      plan,
    })),
    simulatedS: sumOf(runs, ({ simulatedS }) => simulatedS),
    wallS,
    events: sumOf(runs, ({ events }) => events),
    /** Of the digests of all runs, in the order of their seeds. */
    digest: digestOf(runs),
    sometimes: sometimesOf(runs),
    /** In how many seeds each was seen. */
    seenIn: seenIn(runs),
    never: neverSeen(runs),
  };
}

function textOf(runs: readonly RunLine[], failed: readonly RunLine[], wallS: number): string {
  const { simulatedS, events, digest, sometimes, seenIn, never } = lineOf(runs, failed, wallS);
  const seen = Object.entries(sometimes).map(
    ([what, count]) => `  ${what} ${count}, in ${seenIn[what]} seeds`,
  );
  const missed = never.map((what) => `  never seen: ${what}, ${SOMETIMES[what]}`);
  return [
    `${runs.length} seeds, ${failed.length} failed`,
    `${simulatedS} s simulated in ${wallS} s, ${events} events, digest ${digest}`,
    ...seen,
    ...missed,
    '',
  ].join('\n');
}

function sumOf(runs: readonly RunLine[], of: (run: RunLine) => number): number {
  return runs.reduce((sum, run) => sum + of(run), 0);
}

function digestOf(runs: readonly RunLine[]): string {
  const all = new Digest();
  for (const { digest } of runs) all.text(digest);
  return all.toString();
}

/** In how many runs each thing was seen. */
function seenIn(runs: readonly RunLine[]): Record<string, number> {
  return sometimesOf(
    runs.map(({ counts, ...run }) => {
      const seen = Object.entries(counts).map(([what, count]) => [what, Math.min(count, 1)]);
      return { ...run, counts: Object.fromEntries(seen) };
    }),
  );
}

/** What should have happened in some run, and did not. */
function neverSeen(runs: readonly RunLine[]): SometimesName[] {
  const names = Object.keys(SOMETIMES) as SometimesName[];
  return names.filter((name) => runs.every(({ counts }) => (counts[name] ?? 0) === 0));
}

/** What was seen how often in all runs together, those never seen included. */
function sometimesOf(runs: readonly RunLine[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const { counts } of runs) {
    for (const [what, count] of Object.entries(counts)) {
      sums.set(what, (sums.get(what) ?? 0) + count);
    }
  }
  return Object.fromEntries([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
}
