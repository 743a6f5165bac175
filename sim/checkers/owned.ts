/**
 * *owned*: only the holder releases: a stale release changes nothing, and a lock that is vouched
 * for outlives the crash of a minority and the death of its home.
 *
 * Fed with what is chosen. While anybody may rely on a session's hold, its client or its newest
 * home, by what it was told and by its own clock, no record is chosen that takes the lock away.
 */
import type { LockName, LockRecord } from '../../src/core/types.ts';
import { describeRecord } from '../describe.ts';
import type { Believer } from './exclusive.ts';
import type { Verdict } from './verdict.ts';

/** Watches the holders of all locks. */
export class Owned {
  readonly #verdict: Verdict;
  readonly #believersOf: (lock: LockName) => readonly Believer[];

  constructor(verdict: Verdict, believersOf: (lock: LockName) => readonly Believer[]) {
    this.#verdict = verdict;
    this.#believersOf = believersOf;
  }

  /**
   * A record was chosen.
   *
   * @param session - who held the lock by the record chosen before
   */
  chosen(lock: LockName, session: string, record: LockRecord): void {
    const owner = this.#believersOf(lock).find(
      (believer) => believer.session === session && believer.believes(),
    );
    if (owner === undefined) return;
    const now = describeRecord(record);
    this.#verdict.fail('owned', `${owner.name} relies on ${lock}, and ${now} was chosen`);
  }
}
