/**
 * Integer tables for delays: a law of chance as data.
 *
 * A table lists quantiles in rising order; a draw takes two neighbours and a whole number between
 * them. `[100, 100]` is always 100; `[100, 200, 200, 50_000]` has a heavy tail.
 */
import type { RandomStream } from './random.ts';

/** Quantiles in rising order, at least one. */
export type Table = readonly number[];

/** One draw. */
export function drawFrom(table: Table, random: RandomStream): number {
  const steps = table.length - 1;
  if (steps === 0) return table[0]!;
  const step = steps === 1 ? 0 : random.below(steps);
  return random.between(table[step]!, table[step + 1]!);
}
