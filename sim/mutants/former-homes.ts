/**
 * Mutants of grants to homes that a session has left, and to lives of a home that are over: rules
 * 2, 3, 10, 16 and 18.
 */

import * as aimed from './aimed-former-homes.ts';
import { movedUnheard } from './aimed-keepers.ts';
import { listedForAnEarlierStay } from './aimed-returns.ts';
import type { Mutant, Patch } from './mutant.ts';

/** Only the home itself would see to it that it is granted nothing once it is a former one. */
export const GRANTED_TO_FORMER_HOMES: Patch = {
  file: 'register',
  before: '!message.chosen && this.#isOfFormerHome(known, record)',
  after: 'false',
};

/** A record of an earlier stay at the home that asks is as good as that of this one. */
const LISTS_FOR_ANY_STAY: Patch = {
  file: 'register',
  before: 'if (record.attachment < attachment) return;',
  after: '',
};

/** What voters, keepers and homes may get wrong about such grants. */
export const FORMER_HOME_MUTANTS: readonly Mutant[] = [
  {
    name: 'granted-to-former-homes',
    rule: '2, 16',
    without: 'a voter grants no lock to a claim of a home that the session has left',
    patches: [GRANTED_TO_FORMER_HOMES],
    caughtBy: ['owned'],
    hunt: movedUnheard,
    seedsMax: 5,
  },
  {
    name: 'lists-without-the-move',
    rule: '16',
    without: 'only a voter that holds the move says which locks the session holds',
    patches: [
      {
        file: 'register',
        before: 'if (!isHome(record, from, this.#links.incarnationOf(from))) return;',
        after: '',
      },
      LISTS_FOR_ANY_STAY,
    ],
    caughtBy: ['owned'],
    hunt: aimed.listedTooEarly,
    seedsMax: 3,
  },
  {
    name: 'lists-for-an-earlier-stay',
    rule: '16',
    without: 'a voter does not list the locks by its record of an earlier stay',
    patches: [LISTS_FOR_ANY_STAY],
    caughtBy: ['owned'],
    hunt: listedForAnEarlierStay,
    seedsMax: 3,
  },
  {
    name: 'merged-grant-counts',
    rule: '2, 18',
    without: 'a grant to a former home that was merged is refused as a new one is',
    patches: [
      {
        file: 'register',
        before: 'return !(isVoted && isHeld) && this.#registers.hasLeft(record.holder);',
        after: 'return !isHeld && this.#registers.hasLeft(record.holder);',
      },
    ],
    caughtBy: ['owned'],
    hunt: aimed.formerGrantMerged,
    seedsMax: 3,
  },
  {
    name: 'former-life-released',
    rule: '10',
    without: 'a peer leaves a grant to a claim of its former life alone',
    patches: [
      {
        file: 'claims',
        before: 'if (!isOurs || this.#isForsaken(stamp.counter)) return;',
        after: `if (!isOurs && stamp.home === self) {
            this.#send(from, { kind: 'release', lock, stamp });
          }
          if (!isOurs || this.#isForsaken(stamp.counter)) return;`,
      },
    ],
    caughtBy: ['owned'],
    hunt: aimed.formerLife,
    seedsMax: 3,
  },
  {
    name: 'keeping-lost-when-refused',
    rule: '2',
    without: 'a keeper whose grant is refused for a former home goes on keeping the lock',
    patches: [
      { file: 'kept-lock', before: 'if (isPassedOver(write, promised)) {', after: 'if (false) {' },
    ],
    caughtBy: ['expected'],
    hunt: aimed.passedOverAndHeard,
    seedsMax: 3,
  },
  {
    name: 'passed-over-and-first-again',
    rule: '2',
    without: 'a claim that is passed over leaves the queue',
    patches: [
      {
        file: 'passed-over',
        before: 'if (this.#stamp !== null) queue.remove(this.#stamp);',
        after: '',
      },
    ],
    caughtBy: ['expected', 'live'],
    hunt: aimed.passedOverAndHeard,
    seedsMax: 3,
  },
  {
    name: 'refused-grant-stays',
    rule: '3',
    without: 'a grant to a former home that is proven unchosen is dropped',
    patches: [
      {
        file: 'passed-over',
        before: 'if (certain || !this.#isGrant(read)) take(read);',
        after: 'if (read !== null) take(read);',
      },
    ],
    caughtBy: ['expected'],
    hunt: aimed.passedOverAndHanded,
    seedsMax: 3,
  },
  {
    name: 'proof-not-awaited',
    rule: '3',
    without: 'the promises of more voters than a quorum are given time to prove a grant unchosen',
    patches: [
      {
        file: 'passed-over',
        before:
          'else this.#proof = this.#context.after(settings.askMs, () => this.#takeUnproven(read, take));',
        after: 'else take(read);',
      },
    ],
    caughtBy: ['expected'],
    hunt: aimed.passedOverAndHanded,
    seedsMax: 3,
  },
  {
    name: 'proof-awaited-for-ever',
    rule: '3',
    without: 'a grant that nothing proves unchosen is taken for the record in the end',
    patches: [
      {
        file: 'passed-over',
        before:
          'else this.#proof = this.#context.after(settings.askMs, () => this.#takeUnproven(read, take));',
        after: '',
      },
    ],
    caughtBy: ['expected'],
    hunt: aimed.passedOverUnproven,
    seedsMax: 3,
  },
  {
    name: 'nobody-told-to-wait',
    rule: '2, 8',
    without: 'who asks for a lock that cannot be decided yet is told to wait',
    patches: [
      {
        file: 'kept-lock',
        before:
          "this.#answers.all('queued', [...this.queue.takeUntold(true), ...this.#requests.takeUntold()]);",
        after: '',
      },
    ],
    caughtBy: ['expected'],
    hunt: aimed.passedOverInACrowd,
    seedsMax: 20,
  },
  {
    name: 'left-to-an-heir-that-is-none',
    rule: '9, 10',
    without: 'who lets go of a claim is answered by the keeper again once its grant is refused',
    patches: [
      {
        file: 'requests',
        before: 'this.handedOver = []; this.giveUpReclaims();',
        after: 'this.giveUpReclaims();',
      },
    ],
    caughtBy: ['expected'],
    hunt: aimed.passedOverAndHanded,
    seedsMax: 3,
  },
];
