/**
 * Mutants of voters and of what they forget: rules 1, 2, 5 and 7.
 */
import * as hunts from './hunts.ts';
import type { Mutant } from './mutant.ts';

/** What voters and their floors may get wrong. */
export const VOTE_MUTANTS: readonly Mutant[] = [
  {
    name: 'promise-before-durable',
    rule: '1',
    without: 'a promise waits for the disk',
    patches: [
      {
        file: 'register',
        before: "this.#context.vote(from, { kind: 'promise',",
        after: "this.#context.send(from, { kind: 'promise',",
      },
    ],
    caughtBy: ['durable'],
    hunt: hunts.swarm,
    seedsMax: 5,
  },
  {
    name: 'accepted-before-durable',
    rule: '2',
    without: 'a vote waits for the disk',
    patches: [
      {
        file: 'register',
        before: `this.#registers.save(name, register);
          this.#context.vote(from, { kind: 'accepted', request });`,
        after:
          "this.#registers.save(name, register); this.#context.send(from, { kind: 'accepted', request });",
      },
    ],
    caughtBy: ['durable'],
    hunt: hunts.swarm,
    seedsMax: 5,
  },
  {
    name: 'promise-not-stored',
    rule: '1',
    without: 'a promise outlives a crash: an amnesiac voter',
    patches: [
      {
        file: 'registers',
        before: 'else this.save(name, register);',
        after: '',
      },
    ],
    caughtBy: ['durable'],
    hunt: hunts.swarm,
    seedsMax: 5,
  },
  {
    name: 'rounds-not-reserved',
    rule: '1',
    without: 'a promise of a lock that nobody has written outlives a crash',
    patches: [
      {
        file: 'registers',
        before: 'this.#reserve(ballot.round);',
        after: ';',
      },
    ],
    caughtBy: ['durable'],
    hunt: hunts.swarm,
    seedsMax: 5,
  },
  {
    name: 'accepts-below-promise',
    rule: '2',
    without: 'an accept below the promise is refused',
    patches: [
      {
        file: 'register',
        before: '!first && compareBallots(ballot, promised) < 0',
        after: 'false',
      },
    ],
    caughtBy: ['durable', 'agreed'],
    hunt: hunts.swarm,
    seedsMax: 20,
  },
  {
    name: 'first-record-overwrites',
    rule: '5, R4',
    without: 'an unprepared first record is taken for unknown sessions only',
    patches: [
      {
        file: 'register',
        before: 'known === undefined && this.#isFirstRecord(from, message)',
        after: 'this.#isFirstRecord(from, message)',
      },
    ],
    caughtBy: ['durable', 'agreed'],
    hunt: hunts.swarm,
    seedsMax: 60,
  },
  {
    name: 'two-records-under-a-ballot',
    rule: '2, R2',
    without:
      'a ballot carries one record for ever: a keeper changes its mind when its heir withdraws',
    patches: [
      {
        file: 'kept-lock',
        before: 'this.queue.remove(stamp); this.#requests.release(stamp);',
        after: `this.queue.remove(stamp);
          this.#requests.release(stamp);
          const write = this.#write;
          if (write?.phase === 'accepting' && isHeldBy(write.record, stamp)) {
            this.#write = this.#parts.writer.propose(
              this.register, write.ballot, released(write.record), this);
          }`,
      },
    ],
    caughtBy: ['agreed'],
    hunt: hunts.withdrawals,
    seedsMax: 20,
  },
  {
    name: 'forgotten-where-not-held-by-all',
    rule: '7, R6',
    without: 'only what every voter holds is forgotten',
    patches: [
      {
        file: 'kept-lock',
        before: 'this.#parts.writer.isHeldByAll(chosen) ? chosen.ballot : null',
        after: 'chosen.ballot',
      },
    ],
    caughtBy: ['agreed', 'fenced', 'exclusive'],
    hunt: hunts.forgetting,
    seedsMax: 80,
  },
  {
    name: 'forgotten-without-floor',
    rule: '7',
    without: 'what is forgotten raises the token of the floor',
    patches: [
      {
        file: 'register',
        before: 'raiseFloor({ round: register.promised.round, token });',
        after: 'raiseFloor({ round: register.promised.round, token: 0 });',
      },
    ],
    caughtBy: ['agreed', 'fenced'],
    hunt: hunts.forgetting,
    seedsMax: 20,
  },
  {
    name: 'floor-not-stored',
    rule: '7',
    without: 'the floor outlives a crash',
    patches: [
      {
        file: 'registers',
        before:
          "this.#context.persist({ kind: 'floor', floor: { round: this.#reserved, token } });",
        after: '',
      },
    ],
    caughtBy: ['agreed', 'fenced', 'durable'],
    hunt: hunts.forgetting,
    seedsMax: 60,
  },
];
