/**
 * What the promises of a quorum tell of a register (rule 3): its record, and what is sure of that.
 *
 * Never decides what is written on the strength of it: that is the owner of a write.
 */
import { compareBallots, sameBallot } from './ballot.ts';
import type { Context } from './context.ts';
import type { PromiseAnswer } from './message.ts';
import { nthSmallest } from './quorum.ts';
import type { RegisterRecord, Token } from './types.ts';

/** What a quorum of promises told. */
export interface Read {
  /** The record of the highest accepted ballot; `null`: none of them knows the register. */
  readonly record: RegisterRecord | null;
  /** Whether that record (or that there is none) is known to be chosen. */
  readonly certain: boolean;
  /**
   * The record of the highest ballot that may have been chosen; those above it, as the answers
   * prove, were not, and may be dropped (rule 3). `null`: none may have been.
   */
  readonly possible: RegisterRecord | null;
  /** The highest floor of those that do not know the register (rule 7). */
  readonly floorToken: Token;
  /** After so long a quorum of them would accept *expired* (rule 14). */
  readonly leaseLeftMs: number;
}

/** What the answers so far tell: of a quorum, at least. */
export function readOf(promises: readonly PromiseAnswer[], context: Context): Read {
  const { quorum, voters } = context;
  const highest = highestOf(promises);
  const same = promises.filter(({ accepted }) =>
    highest === null
      ? accepted === null
      : accepted !== null && sameBallot(accepted.ballot, highest.ballot),
  ).length;
  const floors = promises.map(({ accepted, floorToken }) => (accepted === null ? floorToken : 0));
  const lefts = promises.map(({ leaseLeftMs }) => leaseLeftMs);
  return {
    record: highest?.record ?? null,
    certain: same >= quorum && isOfThisEpoch(highest, context),
    possible: highestPossible(promises, voters.length - quorum),
    floorToken: Math.max(0, ...floors),
    leaseLeftMs: nthSmallest(lefts, quorum, Number.POSITIVE_INFINITY),
  };
}

function highestOf(promises: readonly PromiseAnswer[]): PromiseAnswer['accepted'] {
  let highest: PromiseAnswer['accepted'] = null;
  for (const { accepted } of promises) {
    if (accepted === null) continue;
    if (highest === null || compareBallots(accepted.ballot, highest.ballot) > 0) highest = accepted;
  }
  return highest;
}

/**
 * A record of an epoch before is held because it was carried over, by each voter from a quorum of
 * its own: that so many hold it does not say that it was chosen (rule 18).
 */
function isOfThisEpoch(
  accepted: PromiseAnswer['accepted'],
  { configuration: { epoch } }: Context,
): boolean {
  return accepted === null || accepted.ballot.epoch === epoch;
}

/**
 * A ballot was not chosen if more voters than a quorum can do without have accepted nothing so
 * high: having promised a higher one, they never will. Who holds a higher one may have held it.
 */
function highestPossible(
  promises: readonly PromiseAnswer[],
  spared: number,
): RegisterRecord | null {
  const ballots = promises.map(({ accepted }) => accepted);
  const descending = ballots
    .filter((accepted) => accepted !== null)
    .sort((a, b) => compareBallots(b.ballot, a.ballot));
  for (const { ballot, record } of descending) {
    const below = ballots.filter(
      (accepted) => accepted === null || compareBallots(accepted.ballot, ballot) < 0,
    );
    if (below.length <= spared) return record;
  }
  return null;
}
