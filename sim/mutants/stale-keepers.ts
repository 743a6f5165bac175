/**
 * Mutants of keepers that know less than the voters: of the holder's session, or of their own
 * keeping: rules 8, 10, 14 and 16.
 */
import * as aimed from './aimed.ts';
import { keptUnheard, quorumOfStrangers } from './aimed-keepers.ts';
import {
  promisedBefore,
  promisedByNoneWhoRefused,
  promisedByWhoForgets,
  releasedElsewhere,
} from './aimed-promises.ts';
import type { Mutant, Patch } from './mutant.ts';

/** It stands in for what else would end a wait of such a keeper. */
const NEVER_ASKS_WHETHER_IT_KEEPS: Patch = {
  file: 'keeper',
  before: 'this.#askWhetherKept(peer);',
  after: '',
};

/** What such keepers, and who waits there, may get wrong. */
export const STALE_KEEPER_MUTANTS: readonly Mutant[] = [
  {
    name: 'moved-lease-waited-out',
    rule: '14',
    without: 'a session that another writes is read again soon, whatever lease was left',
    patches: [
      NEVER_ASKS_WHETHER_IT_KEEPS,
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
    without: 'who waits for a lease reads the session again once its home is heard',
    patches: [
      NEVER_ASKS_WHETHER_IT_KEEPS,
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
  {
    name: 'kept-unheard',
    rule: '8',
    without: 'a keeper asks a voter that is back which locks it keeps no more',
    patches: [NEVER_ASKS_WHETHER_IT_KEEPS],
    caughtBy: ['expected', 'history'],
    hunt: keptUnheard,
    seedsMax: 5,
  },
  {
    name: 'sure-by-any-quorum',
    rule: '11',
    without: 'only voters that promised a keeper the lock prove that it keeps it',
    patches: [
      {
        file: 'kept-lock',
        before: 'return this.#isWanted() && !this.#tenure.isSure &&',
        after: 'return this.#isWanted() && false &&',
      },
    ],
    caughtBy: ['expected', 'history'],
    hunt: quorumOfStrangers,
    seedsMax: 5,
  },
  {
    name: 'sure-for-ever',
    rule: '11',
    without: 'what voters promised is believed only while they are heard',
    patches: [
      {
        file: 'tenure',
        before: 'counts(voter) && this.#speaks(voter)',
        after: 'counts(voter)',
      },
    ],
    caughtBy: ['expected', 'history'],
    hunt: quorumOfStrangers,
    seedsMax: 5,
  },
  {
    name: 'sure-by-who-refused',
    rule: '11',
    without: 'who refused what was prepared has promised nothing',
    patches: [
      { file: 'kept-lock', before: '() => write.promisedBy', after: '() => write.answered' },
    ],
    caughtBy: ['expected', 'history'],
    hunt: promisedByNoneWhoRefused,
    seedsMax: 5,
  },
  {
    name: 'sure-by-a-fleeting-promise',
    rule: '11',
    without: 'a promise of a lock without a record does not outlast its voter',
    patches: [
      {
        file: 'writer',
        before: 'if (answer.accepted !== null) write.promisedBy |=',
        after: 'write.promisedBy |=',
      },
    ],
    caughtBy: ['expected', 'history'],
    hunt: promisedByWhoForgets,
    seedsMax: 5,
  },
  {
    name: 'sure-since-the-last-promise',
    rule: '11',
    without: 'what was promised is as old as what was asked',
    patches: [
      { file: 'tenure', before: 'instant - this.#askedAt <', after: 'instant - this.#provenAt <' },
    ],
    caughtBy: ['expected', 'history'],
    hunt: promisedBefore,
    seedsMax: 5,
  },
  {
    name: 'sure-across-a-break',
    rule: '11',
    without: 'what a voter promised before its channel broke counts only if it is asked again',
    patches: [
      {
        file: 'tenure',
        before: 'const isHeard = openedAt <= this.#askedAt || openedAt > this.#provenAt;',
        after: 'const isHeard = openedAt <= Number.POSITIVE_INFINITY;',
      },
    ],
    caughtBy: ['expected', 'history'],
    hunt: promisedBefore,
    seedsMax: 5,
  },
  {
    name: 'released-by-a-stranger',
    rule: '10',
    without: 'a keeper says that a claim is released only if it surely keeps the lock',
    patches: [
      {
        file: 'requests',
        before: '(isSure || isHeldBy(before, stamp))',
        after: '(isSure || true || isHeldBy(before, stamp))',
      },
      {
        file: 'keeper',
        before: 'if (!isHere && this.#isInVain(from))',
        after: 'if (!isHere && this.#isInVain(from) && false)',
      },
    ],
    caughtBy: ['expected', 'history'],
    hunt: releasedElsewhere,
    seedsMax: 5,
  },
];
