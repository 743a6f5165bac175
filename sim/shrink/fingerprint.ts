/**
 * What makes two failures the same: the invariant, and the shape of what it says.
 *
 * Owns which words of a violation are accidental: numbers, and the names of peers, clients and
 * sessions. Without this a shrinker slips from the failure at hand to some other, smaller one.
 */
import type { Violation } from '../checkers/verdict.ts';

/** Names a failure. */
export type Fingerprint = string;

/** Where in the code an error was thrown, without the line. */
const FRAME = /\n\s+at (?:new )?([\w.#<>]+)[\s\S]*/;
/** Ids of sessions, before the names of peers in them are taken away. */
const SESSION = /\b[\w-]+-[0-9a-z]+-[0-9a-f]{32}\b/g;
const NAMED = /\b(?:lock-)?[nc]?\d+(?:[-#./][\w#.]+)*/g;

/** The same for the same failure of two plans of any size. */
export function fingerprintOf({ invariant, detail }: Violation): Fingerprint {
  const shape = detail.replace(FRAME, ' in $1').replace(SESSION, '?').replace(NAMED, '?');
  return `${invariant}: ${shape}`;
}
