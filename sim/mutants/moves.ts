/**
 * Mutants of sessions that begin, move and come back: rules 10 and 14 to 16.
 */

import { resumeAcrossCut } from '../scenarios/resume-across-cut.ts';
import { resumeOnSlowDisks } from '../scenarios/resume-on-slow-disks.ts';
import { resumeRacesExpiry } from '../scenarios/resume-races-expiry.ts';
import { resumeWhileWaiting } from '../scenarios/resume-while-waiting.ts';
import { twoTakers } from '../scenarios/two-takers.ts';
import { zombieHome } from '../scenarios/zombie-home.ts';
import { backInSilence } from './aimed-returns.ts';
import * as hunts from './hunts.ts';
import type { Mutant } from './mutant.ts';
import { told } from './story.ts';

/** What homes may get wrong about sessions. */
export const MOVE_MUTANTS: readonly Mutant[] = [
  {
    name: 'claim-keeps-its-stamp',
    rule: '16, R12',
    without: 'a session that moved holds its locks under new claims',
    patches: [
      {
        file: 'requests',
        before: 'reclaimedBy(record, claim)',
        after: 'reclaimedBy(record, { ...claim, stamp: holder.stamp })',
      },
      {
        file: 'requests',
        before: 'if (isHeldBy(record, claim.stamp)) done(record.token);',
        after: `if (record.holder?.session === claim.session) {
          claim.stamp = record.holder.stamp;
          done(record.token);
        }`,
      },
      {
        file: 'claims',
        before:
          'if (stamp.home !== self || stamp.incarnation !== incarnation) return null; return this.#claims.get(stamp.counter) ?? null;',
        after: `for (const claim of this.#claims.values()) {
          const own = claim.stamp;
          if (own.counter === stamp.counter && own.home === stamp.home &&
            own.incarnation === stamp.incarnation) return claim;
        }
        return null;`,
      },
    ],
    caughtBy: ['owned', 'exclusive', 'held', 'told'],
    hunt: hunts.moves,
    seedsMax: 200,
  },
  {
    name: 'unknown-session-lives',
    rule: '10, R15',
    without: 'a home ends a session that it does not know',
    patches: [
      {
        file: 'home',
        before: 'expiry.expire(session, (outcome) => {',
        after:
          "context.send(from, { kind: 'lives', lock, stamp }); if (false) expiry.expire(session, (outcome) => {",
      },
    ],
    caughtBy: ['live'],
    hunt: hunts.moves,
    seedsMax: 200,
  },
  {
    name: 'resuming-claim-unknown',
    rule: '10, R23',
    without: 'a home that is taking a session over answers that its claims live',
    patches: [
      {
        file: 'home',
        before: "claim?.state === 'held' || moves",
        after: "claim?.state === 'held'",
      },
    ],
    caughtBy: ['held', 'owned'],
    hunt: hunts.moves,
    seedsMax: 80,
  },
  {
    name: 'let-go-and-forgotten',
    rule: '10, 16',
    without:
      'a home that let a session go answers for a lease that its claims live: who took it may fail',
    patches: [{ file: 'home', before: 'this.#leave(session, timeoutMs, isWhole);', after: '' }],
    caughtBy: ['held', 'owned'],
    hunt: hunts.moves,
    seedsMax: 800,
  },
  {
    name: 'zombie-reclaims',
    rule: '16, R24',
    without: 'a record whose claim carries a higher attachment is left alone',
    patches: [
      {
        file: 'requests',
        before: 'holder.attachment >= claim.attachment ? null :',
        after: '',
      },
    ],
    caughtBy: ['agreed'],
    hunt: hunts.moves,
    seedsMax: 80,
  },
  {
    name: 'resumed-before-reclaimed',
    rule: '16, R29',
    without: 'a resume is answered, and other claims taken, only once all locks are written again',
    patches: [
      {
        file: 'resume',
        before: 'if (this.#reclaiming.size > 0 || this.#over) return;',
        after: 'if (this.#over) return;',
      },
    ],
    caughtBy: ['held'],
    hunt: told(resumeWhileWaiting),
    seedsMax: 2,
  },
  {
    name: 'reattached-in-silence',
    rule: '16, R14',
    without: 'a session that comes back to a former home is written again',
    patches: [{ file: 'desk', before: 'if (client.record.isBlank) {', after: 'if (true) {' }],
    caughtBy: ['exclusive'],
    hunt: backInSilence,
    seedsMax: 3,
  },
  {
    name: 'resume-forgets-locks',
    rule: '16',
    without: 'a session has the locks that it brought along at its new home',
    patches: [
      {
        file: 'resume',
        before: 'if (token !== null) client.adopt(name, claim.stamp, token);',
        after: '',
      },
    ],
    caughtBy: ['held'],
    hunt: told(resumeAcrossCut),
    seedsMax: 2,
  },
  {
    name: 'token-of-a-resume',
    rule: '16, P1',
    without: 'tokens stay when a session moves',
    patches: [
      {
        file: 'lock',
        before: "return { kind: 'lock', token: record.token, holder };",
        after: "return { kind: 'lock', token: record.token + 1, holder };",
      },
    ],
    caughtBy: ['held'],
    hunt: told(zombieHome),
    seedsMax: 2,
  },
  {
    name: 'any-home-is-ours',
    rule: '16, R14',
    without: 'a former home sees by the record that its session has moved',
    patches: [
      {
        file: 'home-session',
        before:
          'return isHome(record, self, incarnation) && record.attachment <= this.#wanted.attachment;',
        after: 'return self !== null && incarnation !== null && record !== null;',
      },
    ],
    caughtBy: ['agreed', 'owned', 'held'],
    hunt: hunts.moves,
    seedsMax: 20,
  },
  {
    name: 'second-taker-let-in',
    rule: '16',
    without: 'a session that is attached elsewhere is refused',
    patches: [
      {
        file: 'home',
        before: "if (connection !== null) return 'attached';",
        after: '',
      },
    ],
    caughtBy: ['expected'],
    hunt: told(twoTakers),
    seedsMax: 2,
  },
  {
    name: 'ended-session-resumed',
    rule: '16',
    without: 'a session that has expired is refused',
    patches: [
      {
        file: 'resume',
        before: "else if (record.state === 'expired') this.#refuse('unknown-session');",
        after: '',
      },
    ],
    caughtBy: ['expected'],
    hunt: told(resumeRacesExpiry),
    seedsMax: 2,
  },
  {
    name: 'resume-lists-one-voter',
    rule: '16',
    without: 'a quorum is asked which locks name a session that moved here',
    patches: [
      {
        file: 'listing',
        before: 'if (this.#listed.size < this.#parts.context.quorum) return;',
        after: '',
      },
    ],
    caughtBy: ['held', 'told', 'exclusive'],
    hunt: hunts.moves,
    seedsMax: 200,
  },
  {
    name: 'resume-begins-anew',
    rule: '16',
    without: 'an attempt outlasts its client, and is joined by whoever comes back',
    patches: [
      {
        file: 'resume',
        before: "waiter?.finished({ kind: 'indeterminate' });",
        after: "this.#waiter = waiter; this.#finish({ kind: 'indeterminate' });",
      },
    ],
    caughtBy: ['expected'],
    hunt: told(resumeOnSlowDisks),
    seedsMax: 10,
  },
  {
    name: 'second-attempt-at-one-home',
    rule: '16',
    without: 'a home makes one attempt to take a session over at a time',
    patches: [
      {
        file: 'home',
        before: 'if (there === undefined) this.#beginResume(session, waiter);',
        after: 'if (there === undefined || there !== null) this.#beginResume(session, waiter);',
      },
    ],
    caughtBy: ['expected', 'live'],
    hunt: told(resumeOnSlowDisks),
    seedsMax: 10,
  },
];
