/**
 * *held*: what a client may rely on, it has: no answer tells it otherwise before its time.
 *
 * Fed with what clients are answered. Whoever was told that its locks are safe, and by its own
 * clock may still rely on that, is never told that its session is unknown, or has fewer locks, and
 * never gets another token for a lock that it did not let go of: wherever its session moves, the
 * hold is the same, and so is its token (rule 16).
 */
import type { LockName, Token } from '../../src/core/types.ts';
import type { ClientBelief } from '../client-belief.ts';
import type { Verdict } from './verdict.ts';

/** Watches what clients that believe are told. */
export class Held {
  readonly #verdict: Verdict;

  constructor(verdict: Verdict) {
    this.#verdict = verdict;
  }

  /** It is told something that nobody who relies on locks may hear. */
  hears(belief: ClientBelief, what: string): void {
    if (!belief.believes() || belief.locks.size === 0) return;
    const told = `${belief.session} was told that its locks are safe for ${belief.leftMs()} ms more`;
    this.#verdict.fail('held', `${told}, but ${what}`);
  }

  /** It is told that it has a lock: before it takes that in. */
  gets(belief: ClientBelief, lock: LockName, token: Token): void {
    if (!belief.believes() || !belief.locks.has(lock)) return;
    const known = belief.tokens.get(lock);
    if (known === undefined || known === token) return;
    const relies = `${belief.session} relies on token ${known} of ${lock}`;
    this.#verdict.fail('held', `${relies}, and was told of token ${token}`);
  }

  /** It may not unlock a lock in which it believed when it asked. */
  mayNotUnlock(belief: ClientBelief, lock: LockName): void {
    if (!belief.believes()) return;
    this.#verdict.fail('held', `${belief.session} believed in ${lock}, and may not unlock it`);
  }
}
