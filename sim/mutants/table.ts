/**
 * Mutants as a table: which rule each takes out, what noticed it, and after how many seeds.
 */
import { type Catch, isCaught, medianSeeds } from './hunt.ts';

const WIDTHS = [34, 10, 11, 7] as const;

/** The first line. */
export const HEADING = columns('mutant', 'rule', 'noticed by', 'seeds', 'without');

/** A line for one of them. */
export function rowOf(found: Catch): string {
  const { name, rule, without } = found.mutant;
  const by = isCaught(found) ? (found.violation?.invariant ?? '') : 'NOTHING';
  const seeds = medianSeeds(found);
  return columns(name, rule, by, Number.isFinite(seeds) ? `${seeds}` : '-', without);
}

function columns(...texts: readonly string[]): string {
  return texts
    .map((text, index) => text.padEnd(WIDTHS[index] ?? 0))
    .join(' ')
    .trimEnd();
}
