/**
 * One run as the page shows it: plain data, small enough to be embedded.
 *
 * Owns the shape that the collector fills and the page's script reads (`page/`). Rows are tuples
 * and texts are numbers into one table, because a run has tens of thousands of them. Times are µs
 * of the world; lanes are numbers into `lanes`, -1 is the world.
 */
import type { Violation } from '../checkers/verdict.ts';
import type { Plan } from '../plan.ts';

/** What messages are about: the page draws each family in its own colour. */
export const FAMILIES = ['vote', 'lock', 'session', 'lease', 'client'] as const;

/** A family's name. */
export type Family = (typeof FAMILIES)[number];

/** What became of a letter, as a number: under way at the end, heard, refused, lost. */
export const FATES = ['sent', 'heard', 'refused', 'lost'] as const;

/** Who says that a session holds a lock; see `bars.ts`. */
export const VIEWS = ['voted', 'home', 'client', 'effective'] as const;

/** A view's name. */
export type View = (typeof VIEWS)[number];

/** One letter: from, to, when it left, when its fate was known, fate, family, text. */
export type LetterRow = readonly [
  from: number,
  to: number,
  sentUs: number,
  endUs: number,
  fate: number,
  family: number,
  text: number,
];

/** Something that happened to a lane, and what it did about it. */
export type EventRow = readonly [atUs: number, lane: number, text: number, does: number];

/** At that event this of the lane's state became so; -1: it is no more. */
export type ChangeRow = readonly [event: number, lane: number, key: number, value: number];

/** For so long, in that view, a session held a lock. */
export type BarRow = readonly [
  view: number,
  lock: number,
  token: number,
  holder: number,
  fromUs: number,
  toUs: number,
];

/** From then on so many requests waited for the lock. */
export type QueueRow = readonly [lock: number, atUs: number, length: number];

/** By how many ms a machine's clocks were ahead of the world's time. */
export type ClockRow = readonly [
  lane: number,
  atUs: number,
  monotonic: number,
  boot: number,
  wall: number,
];

/** From then on a peer goes by that epoch; whether it has a vote there, and takes part already. */
export type EpochRow = readonly [
  lane: number,
  atUs: number,
  epoch: number,
  votes: 0 | 1,
  serves: 0 | 1,
];

/** A fault that lasted, or the moment of a `wish`. */
export interface Span {
  readonly kind: string;
  /** The lanes that it touches. */
  readonly lanes: readonly number[];
  /** Of a partition: for each of these lanes, on which side it is; empty: none has a side. */
  readonly sides: readonly number[];
  readonly fromUs: number;
  readonly toUs: number;
  readonly text: string;
}

/** The part of a run that is shown. */
export interface Window {
  readonly fromUs: number;
  readonly toUs: number;
}

/** Everything that the page shows. */
export interface Recording extends Window {
  readonly plan: Plan;
  readonly digest: string;
  readonly violations: readonly Violation[];
  /** When the run ended. */
  readonly endUs: number;
  /** What was left out, in sentences; empty: nothing. */
  readonly leftOut: readonly string[];
  /** Peers, then clients. */
  readonly lanes: readonly string[];
  readonly peers: number;
  readonly locks: readonly string[];
  readonly texts: readonly string[];
  readonly letters: readonly LetterRow[];
  readonly events: readonly EventRow[];
  /** The state at `fromUs`, as changes at event -1, and every change after it. */
  readonly changes: readonly ChangeRow[];
  readonly bars: readonly BarRow[];
  readonly queues: readonly QueueRow[];
  readonly clocks: readonly ClockRow[];
  /** From the beginning, also where only a part is shown. */
  readonly epochs: readonly EpochRow[];
  readonly spans: readonly Span[];
}
