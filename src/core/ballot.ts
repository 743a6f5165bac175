/**
 * The order of ballots and of stamps.
 *
 * Pure comparisons; owns no state. Peer ids compare by code unit, so that the order is the same
 * on every machine.
 *
 * @see Lamport, "Paxos Made Simple" (2001), section 2.2; rule 9 for stamps.
 */
import type { Ballot, Epoch, Incarnation, PeerId, Stamp } from './types.ts';
import { NOBODY } from './types.ts';

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

/** A ballot that every peer's ballot of a higher round exceeds, and none of this round (rule 7). */
export function nobodysBallot(epoch: Epoch, round: number): Ballot {
  return { epoch, round, peer: NOBODY, incarnation: 0 };
}
