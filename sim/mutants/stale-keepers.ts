/**
 * Mutants of keepers that know less than the voters: of the holder's session, or of their own
 * keeping: rules 8, 10, 14 and 16.
 */
import * as aimed from './aimed.ts';
import type { Mutant, Patch } from './mutant.ts';

/** Nobody would wait at a keeper for long that is none any more. */
const NO_VOTER_IS_ASKED: Patch = {
  file: 'claims',
  before: 'if (claim.queued) this.#askVoters(claim);',
  after: 'if (claim.queued) this.pursue(claim);',
};

/** What such keepers, and who waits there, may get wrong. */
export const STALE_KEEPER_MUTANTS: readonly Mutant[] = [
  {
    name: 'moved-lease-waited-out',
    rule: '14',
    without:
      'a session that another writes is read again soon, whatever lease was left, nor is a voter asked',
    patches: [
      NO_VOTER_IS_ASKED,
      {
        file: 'expiry',
        before: 'this.#early ??= context.after(',
        after: 'if (false) this.#early ??= context.after(',
      },
    ],
    caughtBy: ['expected'],
    hunt: aimed.movedUnheard,
    seedsMax: 5,
  },
  {
    name: 'unheard-home-waited-out',
    rule: '14',
    without:
      'who waits for a lease reads the session again once its home is heard, nor asks a voter',
    patches: [
      NO_VOTER_IS_ASKED,
      {
        file: 'expiry',
        before: 'if (awaited === null || !this.#livesAtItsHome(awaited)) return;',
        after: 'return;',
      },
    ],
    caughtBy: ['expected'],
    hunt: aimed.movedReadUnheard,
    seedsMax: 5,
  },
  {
    name: 'reclaim-answered-at-rest',
    rule: '16',
    without: 'a session is told that a lock is not its own before that is handed on',
    patches: [
      {
        file: 'kept-lock',
        before: 'if (reclaimed === null && this.#certain)',
        after: 'if (reclaimed === null && this.#certain && this.#nextHolder() === null)',
      },
    ],
    caughtBy: ['expected'],
    hunt: aimed.fastLock,
    seedsMax: 5,
  },
];
