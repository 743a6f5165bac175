/**
 * What many measured figures come to: percentiles, medians, and how evenly a share was dealt.
 *
 * Pure functions of numbers; knows nothing of what was measured. NaN stands for "nothing measured".
 * Source: R. Jain, D. Chiu, W. Hawe, "A Quantitative Measure of Fairness" (1984), for the index.
 */

/**
 * The nearest-rank percentile: the smallest figure that `fraction` of all do not exceed.
 *
 * @param fraction - above 0, up to 1: 0.5 is the median, 1 the largest
 */
export function percentile(figures: readonly number[], fraction: number): number {
  const ascending = [...figures].sort((a, b) => a - b);
  return ascending[Math.ceil(ascending.length * fraction) - 1] ?? Number.NaN;
}

/** The middle figure, or the mean of the two middle ones; those that are NaN are left out. */
export function median(figures: readonly number[]): number {
  const ascending = figures.filter((figure) => !Number.isNaN(figure)).sort((a, b) => a - b);
  const middle = ascending.length / 2;
  const upper = ascending[Math.floor(middle)] ?? Number.NaN;
  const lower = ascending[Math.ceil(middle) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** Jain's index: 1 when all had the same share, 1/n when one of n had everything. */
export function jainIndex(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0);
  const squares = shares.reduce((total, share) => total + share * share, 0);
  return (sum * sum) / (shares.length * squares);
}
