/**
 * The foils, and the incidents that each is known for.
 *
 * A foil is held only to what its design claims: that no two clients rely on one lock at once, that
 * whoever works under a lock loses no update, and what the scenario says must come of it. The same
 * world, the same checkers.
 */
import type { InvariantName } from '../checkers/verdict.ts';
import type { CreatePeer } from '../world.ts';
import { RedlockPeer } from './redlock.ts';
import { UnfencedLeasePeer } from './unfenced-lease.ts';

/** A lock service of another kind. */
export interface Foil {
  readonly name: string;
  readonly is: string;
  readonly createPeer: CreatePeer;
  /** Named scenarios in which it fails. */
  readonly incidents: readonly string[];
}

/** What a foil is held to. */
export const CLAIMED: readonly InvariantName[] = ['exclusive', 'resource', 'expected', 'assert'];

/** Every foil. */
export const FOILS: readonly Foil[] = [
  {
    name: 'redlock',
    is: 'plain Redlock: votes with a time to live, no fencing tokens, nothing on disk',
    createPeer: (options) => new RedlockPeer(options),
    incidents: ['redlock-clock-jump', 'amnesia', 'gc-pause', 'late-write'],
  },
  {
    name: 'unfenced-lease',
    is: 'a lease from whoever seems to be the master, without a majority and without fencing',
    createPeer: (options) => new UnfencedLeasePeer(options),
    incidents: ['two-masters', 'gc-pause', 'late-write'],
  },
];
