/**
 * *expected*: what a scenario says must come of it, beyond what holds in every run.
 *
 * Asked at the end of the run; looks at marks and counts alone.
 */
import type { Marks } from '../marks.ts';
import type { Expectation, Moment } from '../script.ts';
import type { Verdict } from './verdict.ts';

/** Looks at what a plan expects. */
export function checkExpectations(
  verdict: Verdict,
  expectations: readonly Expectation[],
  marks: Marks,
  counts: Readonly<Record<string, number>>,
): void {
  for (const expectation of expectations) {
    const problem = problemOf(expectation, marks, counts);
    if (problem !== null) verdict.fail('expected', problem);
  }
}

function problemOf(
  expectation: Expectation,
  marks: Marks,
  counts: Readonly<Record<string, number>>,
): string | null {
  if ('never' in expectation) {
    const at = marks.at(expectation.never);
    return at === null ? null : `'${expectation.never}' at ${inSeconds(at)}`;
  }
  if ('count' in expectation) {
    const { count, atLeast = 0, atMost = Number.POSITIVE_INFINITY } = expectation;
    const found = counts[count] ?? 0;
    return found >= atLeast && found <= atMost ? null : `${count} is ${found}`;
  }
  return problemOfMark(expectation, marks);
}

function problemOfMark(
  { mark, after = 0, before = Number.POSITIVE_INFINITY }: Extract<Expectation, { mark: string }>,
  marks: Marks,
): string | null {
  const at = marks.at(mark);
  if (at === null) return `no '${mark}'`;
  const first = timeOf(after, marks);
  const last = timeOf(before, marks);
  if (first === null || at < first) return `'${mark}' at ${inSeconds(at)}, not after '${after}'`;
  if (last !== null && at > last) return `'${mark}' at ${inSeconds(at)}, not before '${before}'`;
  return null;
}

/** In µs; `null`: it never came. */
function timeOf(moment: Moment, marks: Marks): number | null {
  return typeof moment === 'number' ? moment * 1_000 : marks.at(moment);
}

function inSeconds(us: number): string {
  return `${us / 1_000_000} s`;
}
