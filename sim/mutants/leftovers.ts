/**
 * Mutants that leave something over: rules 7 and 8. It hurts nobody at once, and stays for ever.
 */
import * as aimed from './aimed-leftovers.ts';
import * as hunts from './hunts.ts';
import type { Mutant } from './mutant.ts';

/** Voters remember nobody whom they forgot: so it is seen what else a late record meets. */
const FORGETFUL_VOTERS = {
  file: 'register',
  before: '!this.#forgotten.has(register) &&',
  after: '',
};

/** What those that clear up may get wrong. */
export const LEFTOVER_MUTANTS: readonly Mutant[] = [
  {
    name: 'expired-kept-for-ever',
    rule: '7, R8',
    without: 'expired session records are forgotten',
    patches: [
      {
        file: 'janitor',
        before: 'else if (!voter.namesSession(session)) remains.settle(session);',
        after: '',
      },
    ],
    caughtBy: ['settled'],
    hunt: hunts.leftovers,
    seedsMax: 5,
  },
  {
    name: 'nobody-doubts',
    rule: '7',
    without: 'the home of a session that nobody wrote for long is asked whether it is there',
    patches: [
      FORGETFUL_VOTERS,
      {
        file: 'remains',
        before:
          'else if (record.home !== this.#parts.context.self) this.#ask(record.home, session);',
        after: '',
      },
    ],
    caughtBy: ['settled'],
    hunt: aimed.lateFirstRecord,
    seedsMax: 5,
  },
  {
    name: 'forgotten-lives-again',
    rule: '14',
    without: 'a record that few know is not written again before it is ended',
    patches: [
      FORGETFUL_VOTERS,
      { file: 'expiry', before: ' && hasFormerHome(write, record)', after: '' },
    ],
    caughtBy: ['agreed'],
    hunt: aimed.lateFirstRecordAlone,
    seedsMax: 5,
  },
  {
    name: 'kept-in-vain',
    rule: '8',
    without: 'a keeper that was not told that it is none any more lets go of what lies idle',
    patches: [
      {
        file: 'janitor',
        before: 'keeper.letGo(LOOKED_AT, (stamp) => claims.find(stamp) !== null);',
        after: '',
      },
    ],
    caughtBy: ['settled'],
    hunt: aimed.keptUnheard,
    seedsMax: 5,
  },
];
