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
  // Few values, and asked often: counted without a copy, by index.
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    let above = 0;
    let same = 0;
    for (let j = 0; j < values.length; j++) {
      const other = values[j] as number;
      if (other > value) above += 1;
      else if (other === value) same += 1;
    }
    if (above < rank && above + same >= rank) return value;
  }
  return none;
}

/** The `rank`th smallest of `values` (1 is the smallest); `none` when there are fewer. */
export function nthSmallest(values: readonly number[], rank: number, none: number): number {
  if (values.length < rank) return none;
  return values.toSorted((a, b) => a - b)[rank - 1] ?? none;
}

/** How many voters of a set that has them by bit. */
export function bits(voters: number): number {
  let count = 0;
  for (let rest = voters; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
