/**
 * The order of ballots and of stamps, and which comes next.
 *
 * Pure; owns no state. Peer ids compare by code unit, so that the order is the same
 * on every machine.
 *
 * @see Lamport, "Paxos Made Simple" (2001), section 2.2; rule 9 for stamps.
 */
import type { Ballot, Epoch, Incarnation, PeerId, Stamp } from './types.ts';
import { NOBODY } from './types.ts';

/** Outrun by no more rounds than this, a writer met another's try; by more, it came too late. */
const ROUNDS_BEHIND_MAX = 3;
/** How far a writer leaps at most: two that leap over each other raise rounds no faster. */
const LEAP_MAX = 10_000;

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Negative when `a` is lower, 0 when equal, positive when higher. */
export function compareBallots(a: Ballot, b: Ballot): number {
  return (
    a.epoch - b.epoch ||
    a.round - b.round ||
    compareText(a.peer, b.peer) ||
    a.incarnation - b.incarnation
  );
}

/** Negative when `a` is the older claim. */
export function compareStamps(a: Stamp, b: Stamp): number {
  return a.counter - b.counter || compareText(a.home, b.home) || a.incarnation - b.incarnation;
}

/** Whether both name the same claim. */
export function sameStamp(a: Stamp, b: Stamp): boolean {
  return a.counter === b.counter && a.home === b.home && a.incarnation === b.incarnation;
}

/** Whether both are the same ballot. */
export function sameBallot(a: Ballot, b: Ballot): boolean {
  return (
    a.round === b.round &&
    a.peer === b.peer &&
    a.incarnation === b.incarnation &&
    a.epoch === b.epoch
  );
}

/** The promise that follows an accepted ballot: the heir may write next (rule 2). */
export function nextBallot(accepted: Ballot, heir: PeerId, incarnation: Incarnation): Ballot {
  return { epoch: accepted.epoch, round: accepted.round + 1, peer: heir, incarnation };
}

/**
 * A round to try next, for a ballot that was refused for another. Who came too late by many rounds
 * leaps: by the time of the next try a lock that changes hands fast is as far ahead again (rule 6).
 */
export function roundBeyond(refused: Ballot, promised: Ballot): number {
  const behind = promised.round - refused.round;
  if (behind <= ROUNDS_BEHIND_MAX) return promised.round;
  return promised.round + Math.min(2 * behind, LEAP_MAX);
}

/** A ballot that every peer's ballot of a higher round exceeds, and none of this round (rule 7). */
export function nobodysBallot(epoch: Epoch, round: number): Ballot {
  return { epoch, round, peer: NOBODY, incarnation: 0 };
}
