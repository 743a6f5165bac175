/**
 * Mutants of sessions that are taken over while their homes, those that ask, or some voters do not
 * hear of it: rules 10, 13, 14 and 16.
 */
import { halfBegun, heardLate, metInAFormerLife, notHeardYet } from './aimed-attempts.ts';
import { missedForAReader, outrunMeanwhile } from './aimed-returns.ts';
import * as aimed from './aimed-takeovers.ts';
import { GRANTED_TO_FORMER_HOMES } from './former-homes.ts';
import type { Mutant, Patch } from './mutant.ts';

/** It stands in for what else would end the wait for such a home. */
const NEVER_WAIVES_WHAT_LEFT: Patch = {
  file: 'home',
  before: 'if (!this.#clients.has(session) && !this.#resumes.has(session)) this.#waive(session);',
  after: '',
};

/** What homes, and those that ask them, may get wrong about a take-over. */
export const TAKEOVER_MUTANTS: readonly Mutant[] = [
  {
    name: 'taken-session-ended',
    rule: '13, 16',
    without: 'a session whose validity a take-over cut short is let go to whoever takes it',
    patches: [{ file: 'home', before: 'if (client.record.isReliedOn)', after: 'if (false)' }],
    caughtBy: ['held', 'owned'],
    hunt: aimed.cutShortByAMove,
    seedsMax: 5,
  },
  {
    name: 'unconfirmed-counts-on',
    rule: '13, 16',
    without:
      'a voter that does not confirm a session that it held counts no more, nor refuses a grant',
    patches: [
      GRANTED_TO_FORMER_HOMES,
      {
        file: 'home-session',
        before: 'if (this.isSettled && this.#counted.isFrozen(voter))',
        after: 'if (false)',
      },
    ],
    caughtBy: ['owned', 'exclusive'],
    hunt: aimed.movedUntold,
    seedsMax: 5,
  },
  {
    name: 'few-know-first-record-counts-on',
    rule: '16',
    without: 'how few voters know a session counts of the record that was read last only',
    patches: [
      {
        file: 'resume',
        before: 'this.#record = record; this.#unknown = 0;',
        after: 'this.#record = record;',
      },
    ],
    caughtBy: ['held'],
    hunt: aimed.fewKnow,
    seedsMax: 5,
  },
  {
    name: 'former-home-releases-later-claims',
    rule: '10',
    without: 'a former home says nothing of a claim whose attachment is above its own',
    patches: [
      {
        file: 'home',
        before: 'else if (holder.attachment <= client.record.chosenAttachment)',
        after: 'else',
      },
    ],
    caughtBy: ['owned', 'exclusive'],
    hunt: aimed.readLate,
    seedsMax: 5,
  },
  {
    name: 'missed-for-a-reader',
    rule: '6, 13',
    without:
      'a record that a voter refused, for it had promised to another, is written again there',
    patches: [{ file: 'writer', before: 'write.owner.onMissed?.(write, voter);', after: '' }],
    caughtBy: ['expected'],
    hunt: missedForAReader,
    seedsMax: 3,
  },
  {
    name: 'outrun-and-taken',
    rule: '16',
    without: 'a read that was outrun is given up if nobody waits for the session',
    patches: [
      {
        file: 'resume',
        before: 'else if (this.isOpen) this.#giveUp(); else this.#againLater();',
        after: 'else this.#againLater();',
      },
    ],
    caughtBy: ['expected'],
    hunt: outrunMeanwhile,
    seedsMax: 20,
  },
  {
    name: 'read-late-and-taken',
    rule: '16',
    without: 'what is read once nobody waits for the session takes it from nobody',
    patches: [
      {
        file: 'resume',
        before: 'if (this.#question.isUnasked && this.#isWanted)',
        after: 'if (this.#question.isUnasked)',
      },
      {
        file: 'resume',
        before: 'if (this.#waiter === null) { this.#question',
        after: 'if (false) { this.#question',
      },
    ],
    caughtBy: ['expected'],
    hunt: heardLate,
    seedsMax: 5,
  },
  {
    name: 'taken-before-heard',
    rule: '16',
    without: 'a home to which a channel may still come is waited for, and asked',
    patches: [
      {
        file: 'question',
        before: 'return links.awaitedMs(home, incarnation);',
        after: 'return 0;',
      },
    ],
    caughtBy: ['expected'],
    hunt: notHeardYet,
    seedsMax: 5,
  },
  {
    name: 'taken-from-a-new-life',
    rule: '16',
    without: 'a home in a life that was not met yet is waited for, and asked',
    patches: [
      {
        file: 'links',
        before: 'if (met > 0) return settings.askMs;',
        after: 'if (met > 0) return 0;',
      },
    ],
    caughtBy: ['expected'],
    hunt: metInAFormerLife,
    seedsMax: 5,
  },
  {
    name: 'home-not-doubted',
    rule: '14',
    without: 'a home that a voter waits for is asked whether it has the session',
    patches: [
      NEVER_WAIVES_WHAT_LEFT,
      {
        file: 'expiry',
        before: 'doubtHomes(this.#parts, this.#session, write); this.#readAfter',
        after: 'this.#readAfter',
      },
      {
        file: 'expiry',
        before: 'this.#awaited = record; doubtHomes(this.#parts, this.#session, write);',
        after: 'this.#awaited = record;',
      },
    ],
    caughtBy: ['expected', 'live'],
    hunt: aimed.formerHomeLives,
    seedsMax: 5,
  },
  {
    name: 'half-begun-move-finished',
    rule: '14',
    without: 'a move that more promises prove unchosen is not written again',
    patches: [
      {
        file: 'expiry',
        before: 'if (possible !== record || isTold)',
        after: 'if (true) writer.accept(write, record); else if (possible !== record || isTold)',
      },
    ],
    caughtBy: ['expected'],
    hunt: halfBegun,
    seedsMax: 3,
  },
];
