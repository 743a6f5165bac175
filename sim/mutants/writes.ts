/**
 * Mutants of quorums and writes: rules 3, 4, 6 and 9.
 */
import * as aimed from './aimed.ts';
import * as hunts from './hunts.ts';
import type { Mutant } from './mutant.ts';

/** What writers may get wrong. */
export const WRITE_MUTANTS: readonly Mutant[] = [
  {
    name: 'quorum-off-by-one',
    rule: '3',
    without: 'a quorum is a majority',
    patches: [
      {
        file: 'quorum',
        before: 'Math.floor(voters / 2) + 1',
        after: 'Math.floor(voters / 2)',
      },
    ],
    caughtBy: ['agreed', 'fenced', 'exclusive', 'majority'],
    hunt: hunts.swarm,
    seedsMax: 20,
  },
  {
    name: 'half-is-a-quorum',
    rule: '3',
    without: 'half of an even number of voters is no quorum',
    patches: [
      { file: 'quorum', before: 'Math.floor(voters / 2) + 1', after: 'Math.ceil(voters / 2)' },
    ],
    caughtBy: ['agreed', 'fenced', 'exclusive', 'majority'],
    hunt: hunts.evenSplit,
    seedsMax: 20,
  },
  {
    name: 'own-vote-twice',
    rule: '3',
    without: "each voter's answer counts once",
    patches: [
      {
        file: 'writer',
        before: 'bits(write.acceptedBy) >= this.#context.quorum',
        after: `bits(write.acceptedBy) +
          ((write.acceptedBy >> this.#context.voterIndex(this.#context.self)) & 1) >=
          this.#context.quorum`,
      },
    ],
    caughtBy: ['agreed', 'fenced', 'exclusive', 'majority'],
    hunt: hunts.swarm,
    seedsMax: 20,
  },
  {
    name: 'minority-read',
    rule: '3',
    without: 'a quorum promises before anything is written',
    patches: [
      {
        file: 'writer',
        before: 'promises.length >= this.#context.quorum',
        after: 'write.promises.length >= 1',
      },
    ],
    caughtBy: ['agreed', 'fenced', 'exclusive'],
    hunt: hunts.swarm,
    seedsMax: 20,
  },
  {
    name: 'lowest-ballot-adopted',
    rule: '3',
    without: 'the record of the highest accepted ballot is the one to go on from',
    patches: [
      {
        file: 'read',
        before: 'compareBallots(accepted.ballot, highest.ballot) > 0',
        after: 'compareBallots(accepted.ballot, highest.ballot) < 0',
      },
    ],
    caughtBy: ['agreed', 'fenced', 'exclusive'],
    hunt: hunts.swarm,
    seedsMax: 20,
  },
  {
    name: 'chosen-value-dropped',
    rule: '3, R17',
    without: 'a value is dropped only if it cannot have been chosen',
    patches: [{ file: 'home-session', before: 'ours || this.#isProvenOurs(read)', after: 'true' }],
    caughtBy: ['agreed', 'exclusive', 'fenced'],
    hunt: hunts.moves,
    seedsMax: 60,
  },
  {
    name: 'dropped-below-a-rewrite',
    rule: '3, R17',
    without: 'what stands below a value that is dropped may have been chosen, too',
    patches: [
      {
        file: 'home-session',
        before: 'ours || this.#isProvenOurs(read)',
        after: 'ours || read.possible !== read.record',
      },
    ],
    caughtBy: ['agreed', 'exclusive', 'fenced'],
    hunt: hunts.evenSplit,
    seedsMax: 200,
  },
  {
    name: 'unchosen-record-trusted',
    rule: '3, R13',
    without: 'what was read is written again before it counts as chosen',
    patches: [
      {
        file: 'kept-lock',
        before: 'this.#certain = certain;',
        after: 'this.#certain = true;',
      },
    ],
    caughtBy: ['agreed', 'fenced', 'exclusive', 'majority'],
    hunt: hunts.swarm,
    seedsMax: 60,
  },
  {
    name: 'heir-before-chosen',
    rule: '9',
    without: "an heir waits for a quorum of voters: it takes its predecessor's announcement for it",
    patches: [
      {
        file: 'inheritance',
        before: 'this.#heir.queueCame(lock, record, pending.queue.splice(0));',
        after: '',
      },
      {
        file: 'inheritance',
        before: '} /** Takes a claim in',
        after: `this.#heir.inherited(lock, ballot, record, pending.queue.splice(0));
          } /** Takes a claim in`,
      },
    ],
    caughtBy: ['agreed', 'fenced', 'majority', 'exclusive'],
    hunt: hunts.swarm,
    seedsMax: 20,
  },
  {
    name: 'never-leaps',
    rule: '3, 6',
    without: 'a writer that came too late by many rounds leaps',
    patches: [
      {
        file: 'ballot',
        before: 'return promised.round + Math.min(2 * behind, LEAP_MAX);',
        after: 'return promised.round;',
      },
    ],
    caughtBy: ['expected'],
    hunt: aimed.fastLock,
    seedsMax: 5,
  },
];
