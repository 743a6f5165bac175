/**
 * Mutants of carrying registers over into a new epoch: what is merged of whom (rule 18).
 */
import * as hunts from './epoch-hunts.ts';
import type { Mutant } from './mutant.ts';

/** What voters may get wrong about what others held in the epoch before. */
export const MERGE_MUTANTS: readonly Mutant[] = [
  {
    name: 'nothing-merged',
    rule: '18',
    without: 'a voter merges what a quorum of those before held',
    patches: [
      {
        file: 'transfer',
        before: "if (voter.standing !== 'empty') this.#mergedFrom(context.self);",
        after: 'this.#serve();',
      },
    ],
    caughtBy: ['carried', 'agreed'],
    hunt: hunts.changes,
    seedsMax: 5,
  },
  {
    name: 'minority-merged',
    rule: '18',
    without: 'a quorum of the voters before is merged, not one of them',
    patches: [
      {
        file: 'transfer',
        before: 'if (this.#merged.size >= quorumOf(before.length)) this.#serve();',
        after: 'this.#serve();',
      },
    ],
    caughtBy: ['carried', 'agreed'],
    hunt: hunts.changes,
    seedsMax: 10,
  },
  {
    name: 'unmerged-voter-read',
    rule: '18, R20',
    without: 'a voter that took no part in the epoch before is not read',
    patches: [
      {
        file: 'transfer',
        before: "if (voter.standing === 'empty') return; const serving",
        after: 'const serving',
      },
    ],
    caughtBy: ['carried', 'agreed', 'fenced'],
    hunt: hunts.changes,
    seedsMax: 40,
  },
  {
    name: 'stale-registers-kept',
    rule: '18, R20',
    without: 'a voter that missed an epoch throws away what it knew',
    patches: [
      {
        file: 'epochs',
        before: "return before.includes(context.self) ? 'absent' : 'empty';",
        after: "return 'sealed';",
      },
    ],
    caughtBy: ['carried', 'agreed', 'fenced'],
    hunt: hunts.awayMeanwhile,
    seedsMax: 10,
  },
  {
    name: 'served-and-absent',
    rule: '18',
    without: 'only a voter that took no part in the epoch before has nothing to give',
    patches: [
      {
        file: 'epochs',
        before: "if (tookPart) return 'sealed';",
        after: "if (tookPart) return 'absent';",
      },
    ],
    caughtBy: ['carried', 'agreed', 'fenced'],
    hunt: hunts.changes,
    seedsMax: 5,
  },
  {
    name: 'absent-not-counted',
    rule: '18',
    without: 'a voter that took no part in the epoch before counts as one that holds nothing of it',
    patches: [
      {
        file: 'epochs',
        before: "return before.includes(context.self) ? 'absent' : 'empty';",
        after: "return 'empty';",
      },
    ],
    caughtBy: ['expected', 'live'],
    hunt: hunts.absentAndLost,
    seedsMax: 2,
  },
  {
    name: 'carried-counts-as-chosen',
    rule: '18, R30',
    without: 'a record of an epoch before is certain only once it is written again',
    patches: [
      {
        file: 'read',
        before: 'same >= quorum && isOfThisEpoch(highest, context)',
        after: 'same >= quorum',
      },
    ],
    caughtBy: ['majority', 'agreed', 'fenced', 'owned', 'exclusive', 'told'],
    hunt: hunts.hastyChanges,
    seedsMax: 60,
  },
  {
    name: 'leases-not-begun-anew',
    rule: '18',
    without: 'a voter counts everybody as heard when it begins to take part',
    patches: [{ file: 'register', before: 'this.#lease.beginAnew();', after: '' }],
    caughtBy: ['exclusive', 'held', 'told', 'owned'],
    hunt: hunts.freshVoter,
    seedsMax: 10,
  },
  {
    name: 'floor-not-merged',
    rule: '18',
    without: 'the floor is carried over, too',
    patches: [
      {
        file: 'register',
        before: 'if (last) this.#registers.raiseFloor({ round, token });',
        after: '',
      },
    ],
    caughtBy: ['carried', 'agreed', 'fenced'],
    hunt: hunts.forgetfulChanges,
    seedsMax: 20,
  },
  {
    name: 'retired-too-early',
    rule: '18',
    without: 'who votes no more keeps its registers until a quorum has merged',
    patches: [
      {
        file: 'epochs',
        before: 'const standing = this.#standingIn(configuration);',
        after: `const standing = configuration.voters.includes(context.self)
          ? this.#standingIn(configuration) : 'empty';`,
      },
    ],
    caughtBy: ['live', 'carried'],
    hunt: hunts.changes,
    seedsMax: 10,
  },
];
