/**
 * How many voters are enough, and what the answers of some of them prove.
 *
 * Pure arithmetic over the voters of one epoch; strangers are the caller's business.
 */

/** The least number of voters of which any two sets share one. */
export function quorumOf(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/** The `rank`th largest of `values` (1 is the largest); `none` when there are fewer. */
export function nthLargest(values: readonly number[], rank: number, none: number): number {
  // Few values, and asked often: counted without a copy.
  for (const value of values) {
    const above = countAbove(values, value);
    if (above < rank && above + countOf(values, value) >= rank) return value;
  }
  return none;
}

function countAbove(values: readonly number[], bound: number): number {
  let count = 0;
  for (const value of values) if (value > bound) count += 1;
  return count;
}

function countOf(values: readonly number[], wanted: number): number {
  let count = 0;
  for (const value of values) if (value === wanted) count += 1;
  return count;
}

/** The `rank`th smallest of `values` (1 is the smallest); `none` when there are fewer. */
export function nthSmallest(values: readonly number[], rank: number, none: number): number {
  if (values.length < rank) return none;
  return values.toSorted((a, b) => a - b)[rank - 1] ?? none;
}
