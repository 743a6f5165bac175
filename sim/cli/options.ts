/**
 * What several subcommands share: how seeds, ranges and durations are written, and what is run by
 * which name.
 */
import { InvalidArgumentError, Option } from 'commander';
import { compileScenario } from '../compile.ts';
import { SWARM } from '../explain.ts';
import { planOf } from '../faults.ts';
import type { Plan } from '../plan.ts';
import { type Scenario, ScenarioError } from '../scenario.ts';
import { loadScenario } from '../scenario-file.ts';
import { SCENARIOS } from '../scenarios/all.ts';

/** Where plans of failures go unless said otherwise. */
const PLANS = '.elock/sim';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** A whole number from `min`. */
export function wholeFrom(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value;
    throw new InvalidArgumentError(`expected a whole number from ${min}`);
  };
}

/** `90s`, `10m`, `500ms` as ms. */
export function duration(text: string): number {
  const [, number, unit] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  if (number !== undefined) return Number(number) * UNIT_MS[unit!]!;
  throw new InvalidArgumentError('expected a duration such as 90s, 10m or 500ms');
}

/** Seeds, both ends included. */
export interface SeedRange {
  readonly first: number;
  readonly last: number;
}

/** `1..100`, or one seed. */
export function seedRange(text: string): SeedRange {
  const [, first, last = first] = /^(\d+)(?:\.\.(\d+))?$/.exec(text) ?? [];
  const range = { first: Number(first), last: Number(last) };
  if (first !== undefined && range.first <= range.last && Number.isSafeInteger(range.last)) {
    return range;
  }
  throw new InvalidArgumentError('expected a range of seeds such as 1..100');
}

/** How many peers. */
export function peersOption(): Option {
  return new Option('--peers <count>', 'how many peers (default: as the scenario says)').argParser(
    wholeFrom(1),
  );
}

/** Where plans of failures go. */
export function plansOption(): Option {
  return new Option('--plans <dir>', 'where the plans of failures go').default(PLANS);
}

/** Makes plans of seeds. */
export type Planner = (seed: number, peers: number | undefined) => Plan;

/** What a name or file stands for; throws `ScenarioError`. */
export async function plannerOf(nameOrFile: string): Promise<Planner> {
  if (nameOrFile === SWARM) {
    return (seed, peers) => planOf(seed, peers === undefined ? {} : { machines: peers });
  }
  const scenario = await scenarioOf(nameOrFile);
  return (seed, peers) => compileScenario(scenario, { seed, peers });
}

/** The scenario of a name or file; throws `ScenarioError`. */
export async function scenarioOf(nameOrFile: string): Promise<Scenario> {
  const known = SCENARIOS.find(({ name }) => name === nameOrFile);
  if (known !== undefined) return known;
  if (/[./]/.test(nameOrFile)) return loadScenario(nameOrFile);
  const names = [...SCENARIOS.map(({ name }) => name), SWARM].join(', ');
  throw new ScenarioError(`no scenario '${nameOrFile}'; there are ${names}, or name a file`);
}
