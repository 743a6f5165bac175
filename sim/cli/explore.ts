/**
 * `elock sim explore`: every order of events, scope after scope, each a little wider.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  describeScope,
  type Explored,
  explore,
  LADDER,
  loadReadable,
  type ScopeOptions,
  scopeOf,
} from '../explore.ts';
import type { AddCommand } from './main.ts';
import { duration, wholeFrom } from './options.ts';
import { Progress } from './progress.ts';

interface Flags extends ScopeOptions {
  readonly budget: number;
  readonly json: boolean;
}

/** Ten minutes (ms): all but the widest scope fit. */
const BUDGET_MS = 600_000;

/** Adds the subcommand. */
export const addExplore: AddCommand = (program, finish) => {
  const command = program
    .command('explore')
    .description('Try every order of events in a small world: one lock, few clients, few faults.');
  addScope(command)
    .addOption(
      new Option('--budget <duration>', 'stop after that; what was not exhausted says so')
        .argParser(duration)
        .default(BUDGET_MS, '10m'),
    )
    .option('--json', 'one line of JSON for each scope', false)
    .action(async (flags: Flags) => finish(await exploreAll(flags)));
};

function addScope(command: Command): Command {
  const count = (flag: string, what: string) =>
    new Option(`${flag} <count>`, what).argParser(wholeFrom(0));
  return command
    .addOption(count('--peers', 'all of them voters (3)'))
    .addOption(count('--spares', 'the last so many peers do not vote at first (0)'))
    .addOption(count('--changes', 'of the voters: the last one is replaced by a spare (0)'))
    .addOption(count('--clients', 'each acquires the lock and releases it (2)'))
    .addOption(count('--crashes', 'at most so many, each with a restart at any moment (1)'))
    .addOption(count('--cuts', 'of one peer from all others, healed at any moment (1)'))
    .addOption(count('--jumps', 'of time, past back-offs or past a lease (2)'))
    .addOption(
      new Option(
        '--detours <count>',
        'how often something else happens than what is first in a fixed order; "any": no limit',
      ).argParser(detours),
    )
    .option('--slow-disks', "a peer's own votes come back at any later moment")
    .option('--slow-leases', 'hellos and heartbeats arrive at any later moment')
    .addHelpText('after', '\nWithout any of these bounds: one scope after another, ever wider.');
}

function detours(text: string): number {
  if (text === 'any') return Number.POSITIVE_INFINITY;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a whole number from 0, or "any"');
}

async function exploreAll({ budget, json, ...bounds }: Flags): Promise<boolean> {
  const scopes = Object.keys(bounds).length > 0 ? [bounds] : LADDER;
  const createPeer = await loadReadable();
  const end = performance.now() + budget;
  const progress = new Progress();
  for (const scope of scopes) {
    if (performance.now() > end) {
      process.stderr.write(`not begun: ${describeScope(scopeOf(scope, true))}\n`);
      continue;
    }
    const began = performance.now();
    const explored = explore({
      ...scope,
      createPeer,
      readable: true,
      isOver: () => performance.now() > end,
      progress: ({ states, transitions }) =>
        progress.tell(() => `${states} states, ${transitions} transitions`),
    });
    const seconds = (performance.now() - began) / 1_000;
    process.stdout.write(json ? `${jsonOf(explored, seconds)}\n` : textOf(explored, seconds));
    if (explored.violation !== null) return false;
  }
  return true;
}

function jsonOf(explored: Explored, wallS: number): string {
  return JSON.stringify({ ...explored, wallS });
}

function textOf(explored: Explored, seconds: number): string {
  const { scope, exhausted, states, transitions, quiet, depth, violation, path } = explored;
  const verdict = violation !== null ? 'VIOLATED' : exhausted ? 'exhausted' : 'not exhausted';
  const lines = [
    `${verdict}: ${scope}`,
    `  ${states} states, ${quiet} of them quiet, ${transitions} transitions, depth ${depth}, ` +
      `${seconds.toFixed(1)} s, ${Math.round(states / seconds)} states/s`,
  ];
  if (violation !== null) {
    lines.push(...path.map((words, index) => `  ${String(index + 1).padStart(3)} ${words}`));
    lines.push(`  VIOLATED ${violation.invariant}: ${violation.detail}`);
  }
  return `${lines.join('\n')}\n`;
}
