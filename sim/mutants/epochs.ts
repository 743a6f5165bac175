/**
 * Mutants of changes of the voters: rules 17 to 19.
 */
import * as hunts from './epoch-hunts.ts';
import type { Mutant, Patch } from './mutant.ts';

/**
 * No bug: a voter hears none of the first fetches, as when they come too early, behind too many
 * other messages of an epoch that it has not heard of. Those who fetch must get on all the same.
 */
export const DEAF_TO_FETCHES: Patch = {
  file: 'transfer',
  before: "if (voter.standing === 'empty') return; const serving",
  after: `this.unheard = (this.unheard ?? 0) + 1;
    if (voter.standing === 'empty' || this.unheard <= 4) return; const serving`,
};

/** What peers may get wrong from one epoch to the next. */
export const EPOCH_MUTANTS: readonly Mutant[] = [
  {
    name: 'two-configurations',
    rule: '17',
    without: 'an epoch has one configuration for ever: whoever finds another adopts that',
    patches: [
      {
        file: 'membership',
        before: 'accepted ?? this.#wishes[0]?.proposed',
        after: 'this.#wishes[0]?.proposed ?? accepted',
      },
    ],
    caughtBy: ['agreed'],
    hunt: hunts.hastyChanges,
    seedsMax: 40,
  },
  {
    name: 'sealed-voter-answers',
    rule: '17',
    without: 'a sealed voter promises and accepts nothing more in its epoch',
    patches: [
      {
        file: 'register',
        before: "return this.#standing === 'serving'; return this.isServing;",
        after: "return this.#standing === 'serving'; return this.#standing === 'serving';",
      },
    ],
    caughtBy: ['carried', 'agreed'],
    hunt: hunts.changes,
    seedsMax: 10,
  },
  {
    name: 'sealed-voter-lets-count-on-it',
    rule: '17',
    without: 'a sealed voter answers no heartbeat',
    patches: [
      {
        file: 'peer',
        before: 'if (!this.#voter.isServing) return; this.#lease.heard',
        after: "if (this.#voter.standing !== 'serving') return; this.#lease.heard",
      },
    ],
    caughtBy: ['carried', 'exclusive', 'owned', 'told'],
    hunt: hunts.changes,
    seedsMax: 20,
  },
  {
    name: 'stalled-change',
    rule: '17',
    without: 'a sealed voter finishes what it accepted',
    patches: [
      {
        file: 'membership',
        before: 'this.#sealedLooks = 0; this.#finish();',
        after: 'this.#sealedLooks = 0;',
      },
    ],
    caughtBy: ['expected', 'live'],
    hunt: hunts.stalled,
    seedsMax: 3,
  },
  {
    name: 'configuration-not-stored',
    rule: '18',
    without: 'the epoch outlives a crash',
    patches: [
      {
        file: 'epochs',
        before: "context.persist({ kind: 'epoch', state: { configuration, standing } });",
        after: '',
      },
    ],
    caughtBy: ['carried', 'agreed', 'durable'],
    hunt: hunts.changes,
    seedsMax: 10,
  },
  {
    name: 'validity-of-two-epochs',
    rule: '13, R19',
    without: 'validity is reckoned within one epoch',
    patches: [
      {
        file: 'links',
        before: `this.#answered = this.#context.voters.map(() => Number.NEGATIVE_INFINITY);
          this.#epochBegan`,
        after: 'this.#epochBegan',
      },
      {
        file: 'counted-voters',
        before: 'this.#standing = this.answeredAt; this.#now = 0; this.#next = 0;',
        after: 'this.#standing = this.answeredAt;',
      },
    ],
    caughtBy: ['exclusive', 'owned', 'told'],
    hunt: hunts.oneOldVoter,
    seedsMax: 10,
  },
  {
    name: 'promises-below-what-was-taken-over',
    rule: '18, R31',
    without: 'what was accepted in this epoch is promised where it is taken over',
    patches: [
      { file: 'registers', before: 'ballot.epoch === epoch ? ballot.round : 0', after: '0' },
    ],
    caughtBy: ['agreed', 'carried', 'fenced', 'durable'],
    hunt: hunts.hastyChanges,
    seedsMax: 60,
  },
  {
    name: 'sessions-not-confirmed',
    rule: '13, R19',
    without: 'a voter that takes part in a new epoch is asked which sessions it holds',
    patches: [
      {
        file: 'peer',
        before: 'this.#transfer.askAgain(from); this.#home.channelOpened(from);',
        after: 'this.#transfer.askAgain(from);',
      },
    ],
    caughtBy: ['expected'],
    hunt: hunts.stalled,
    seedsMax: 2,
  },
  {
    name: 'fetch-asked-once-more-only',
    rule: '18',
    without: 'who has nothing of a voter that it asked asks again, until it takes part',
    patches: [
      { file: 'transfer', before: 'this.#lookLater(Math.min(2 * pause, PAUSE_MAX));', after: '' },
      DEAF_TO_FETCHES,
    ],
    caughtBy: ['live', 'settled', 'expected'],
    hunt: hunts.changes,
    seedsMax: 10,
  },
  {
    name: 'merged-once-only',
    rule: '18',
    without: 'who gave what it held of the epoch before is asked again once it takes part',
    patches: [
      {
        file: 'transfer',
        before: 'if (this.#merged.has(peer) && !this.#takesPart(peer)) return;',
        after: 'if (this.#merged.has(peer)) return;',
      },
    ],
    caughtBy: ['live'],
    hunt: hunts.mergedOfWhoVoted,
    seedsMax: 5,
  },
  {
    name: 'lease-not-begun-where-merged',
    rule: '12, 18',
    without: 'who begins to take part counts every session as taken then',
    patches: [
      { file: 'lease', before: 'Math.max(this.#floor, vote.takenAt)', after: 'vote.takenAt' },
    ],
    caughtBy: ['exclusive', 'held', 'owned', 'told'],
    hunt: hunts.mergedHalfTaken,
    seedsMax: 5,
  },
  {
    name: 'former-home-not-waited-for',
    rule: '12',
    without: 'a home that asks is waited for nobody else only if it is the only one that ever was',
    patches: [
      {
        file: 'session',
        before:
          'return record.attachment === FIRST_ATTACHMENT && isHome(record, peer, incarnation);',
        after: 'return isHome(record, peer, incarnation);',
      },
    ],
    caughtBy: ['exclusive', 'held', 'owned', 'told'],
    hunt: hunts.mergedHalfTaken,
    seedsMax: 5,
  },
  {
    name: 'any-life-of-an-incarnation',
    rule: '20',
    without: 'another start of the same incarnation is an old copy, and refused',
    patches: [
      { file: 'remembered', before: 'const isTold = nonce !== 0', after: 'const isTold = false' },
    ],
    caughtBy: ['fenced', 'agreed', 'carried', 'durable'],
    hunt: hunts.restored,
    seedsMax: 5,
  },
];
