/**
 * What came of a run, for people and for programs.
 *
 * Owns the line of JSON, the lines that a person reads at the end, and what a failure ends with:
 * its plan in a file and the one command that replays it.
 */
import { join } from 'node:path';
import { SWARM } from '../explain.ts';
import type { Plan } from '../plan.ts';
import { savePlan } from '../scenario-file.ts';
import type { Result } from '../simulation.ts';

/** A violation, as it is shown. */
export interface Shown {
  readonly invariant: string;
  readonly atS: number;
  readonly detail: string;
}

/** A run in one line of JSON. */
export interface RunLine {
  readonly scenario: string;
  readonly seed: number;
  readonly peers: number;
  readonly digest: string;
  readonly violations: readonly Shown[];
  readonly simulatedS: number;
  readonly wallS: number;
  readonly events: number;
  /** What happened how often. */
  readonly counts: Readonly<Record<string, number>>;
  /** Where the plan of a failure is. */
  readonly plan?: string;
}

/** A run as a program wants it. */
export function lineOf(result: Result, wallMs: number): RunLine {
  const { plan, digest, events, simulatedMs, counts } = result;
  return {
    scenario: plan.scenario ?? SWARM,
    seed: plan.seed,
    peers: plan.machines,
    digest,
    violations: result.violations.map(({ invariant, at, detail }) => ({
      invariant,
      atS: at / 1_000_000,
      detail,
    })),
    simulatedS: simulatedMs / 1_000,
    wallS: wallMs / 1_000,
    events,
    counts,
  };
}

/** What came of it. */
export function summary({
  violations,
  digest,
  simulatedS,
  wallS,
  events,
  counts,
}: RunLine): string {
  const seen = Object.entries(counts).filter(([, count]) => count > 0);
  const rows = [
    `  ${simulatedS} s simulated in ${wallS} s, ${events} events, digest ${digest}`,
    `  ${seen.map(([what, count]) => `${what} ${count}`).join(', ')}`,
    violations.length === 0 ? '  held' : describeViolations(violations),
    '',
  ];
  return rows.join('\n');
}

/** One line each. */
export function describeViolations(violations: readonly Shown[]): string {
  return violations
    .map(({ invariant, atS, detail }) => `  VIOLATED ${invariant} at ${atS} s: ${detail}`)
    .join('\n');
}

/** Writes the plan of a failure; returns the file. */
export function keepPlan(plan: Plan, directory: string): string {
  const { scenario = SWARM, seed, machines } = plan;
  const file = join(directory, `${scenario.replace(/[^\w-]/g, '_')}-${machines}-${seed}.json`);
  savePlan(plan, file);
  return file;
}

/** The one command that shows a failure again. */
export function replayCommand(file: string): string {
  return `elock sim replay ${file} --trace\n`;
}
