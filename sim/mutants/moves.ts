/**
 * Mutants of sessions that begin, move and come back: rules 10, 15 and 16.
 */
import * as hunts from './hunts.ts';
import type { Mutant } from './mutant.ts';

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
    caughtBy: ['held', 'live', 'owned'],
    hunt: hunts.moves,
    seedsMax: 40,
  },
  {
    name: 'reattached-in-silence',
    rule: '16, R14',
    without: 'a session that comes back to a former home is written again',
    patches: [{ file: 'desk', before: 'if (client.record.isBlank) {', after: 'if (true) {' }],
    caughtBy: ['held', 'exclusive', 'owned'],
    hunt: hunts.moves,
    seedsMax: 200,
  },
];
