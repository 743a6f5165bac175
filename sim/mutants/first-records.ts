/**
 * Mutants of first records that voters have forgotten: rules 5, 7 and 15.
 */
import * as aimed from './aimed-first-records.ts';
import type { Mutant } from './mutant.ts';

/** What a home may get wrong about the first record of a session. */
export const FIRST_RECORD_MUTANTS: readonly Mutant[] = [
  {
    name: 'refused-is-forgotten',
    rule: '5, 7',
    without: 'a first record that is refused for the floor is prepared',
    patches: [
      {
        file: 'home-session',
        before: 'if (leaseLeftMs > 0) this.#retryAfter(write, leaseLeftMs + 1);',
        after:
          "if (write.ballot.round === 0 && promised.peer === '~') this.#gone(null);" +
          ' else if (leaseLeftMs > 0) this.#retryAfter(write, leaseLeftMs + 1);',
      },
    ],
    caughtBy: ['expected'],
    hunt: aimed.askedForBefore,
    seedsMax: 3,
  },
  {
    name: 'first-record-sent-for-ever',
    rule: '5, 15',
    without: 'a first record is sent again for no longer than a lease',
    patches: [
      {
        file: 'home-session',
        before: 'if (write === this.#write) this.#retry(0); });',
        after: '});',
      },
    ],
    caughtBy: ['agreed'],
    hunt: aimed.takenForNew,
    seedsMax: 3,
  },
  {
    name: 'moved-first-record-for-ever',
    rule: '15',
    without: 'who had a session handed over without a record gives it up after a lease, too',
    patches: [
      {
        file: 'home-session',
        before: 'this.#sentAt = Math.min(this.#sentAt, this.#context.instant);',
        after: '',
      },
    ],
    caughtBy: ['agreed'],
    hunt: aimed.movedUnwritten,
    seedsMax: 3,
  },
];
