/**
 * *fenced*: the tokens of a lock rise in the order of its acquisitions, and none is given twice.
 *
 * Fed with what clients ask and are answered, at the peer that answers. Whoever asked after another
 * was answered gets a larger token; nothing is assumed of clocks.
 */
import type { LockName, Token } from '../../src/core/types.ts';
import { entryOf } from '../entry-of.ts';
import { Newest } from './newest.ts';
import type { Verdict } from './verdict.ts';

/** Tokens below the newest by more than this are forgotten. */
const TOKENS_REMEMBERED = 256;

interface Given {
  highest: Token;
  /** Which session each token was given to. */
  readonly sessions: Newest<string>;
}

/** Watches the tokens of all locks. */
export class Fenced {
  readonly #verdict: Verdict;
  readonly #locks = new Map<LockName, Given>();
  /** Acquisitions answered. */
  acquired = 0;

  constructor(verdict: Verdict) {
    this.#verdict = verdict;
  }

  /** The highest token answered so far: what is asked now must get a higher one. */
  floor(lock: LockName): Token {
    return this.#locks.get(lock)?.highest ?? 0;
  }

  /** A session was told that it has a lock; `floor` as it was when it asked. */
  given(session: string, lock: LockName, token: Token, floor: Token): void {
    const given = entryOf(this.#locks, lock, newGiven);
    this.acquired++;
    const owner = given.sessions.get(token);
    if (owner === session) return;
    if (owner !== undefined) {
      this.#verdict.fail('fenced', `${lock}: token ${token} was given to ${owner} and ${session}`);
    } else if (token <= floor) {
      this.#verdict.fail(
        'fenced',
        `${lock}: ${session} asked after token ${floor} and got ${token}`,
      );
    }
    given.sessions.set(token, session);
    given.highest = Math.max(given.highest, token);
  }
}

function newGiven(): Given {
  return { highest: 0, sessions: new Newest(TOKENS_REMEMBERED) };
}
