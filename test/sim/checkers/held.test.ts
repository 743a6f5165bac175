import { describe, expect, it } from 'vitest';
import { Held } from '../../../sim/checkers/held.ts';
import { Verdict } from '../../../sim/checkers/verdict.ts';
import { ClientBelief, SpokenSession } from '../../../sim/client-belief.ts';
import { MachineClock } from '../../../sim/clock.ts';
import { Scheduler } from '../../../sim/scheduler.ts';
import type { LockName } from '../../../src/core/types.ts';

const LOCK = 'db' as LockName;

/** A client that was told of token 3, to be safe for so long. */
function believer(safeMs: number) {
  const scheduler = new Scheduler();
  const verdict = new Verdict(scheduler);
  const clock = new MachineClock(scheduler, 0);
  const belief = new ClientBelief('c1', new SpokenSession('c1#1'), clock, 10);
  belief.locks.add(LOCK);
  belief.tokens.set(LOCK, 3);
  belief.told(clock.readMs('monotonic'), safeMs);
  return { belief, verdict, held: new Held(verdict) };
}

describe('held', () => {
  it('catches another token for a lock that was never let go of', () => {
    const { belief, verdict, held } = believer(1_000);
    held.gets(belief, LOCK, 4);
    expect(verdict.violations).toMatchObject([
      { invariant: 'held', detail: 'c1#1 relies on token 3 of db, and was told of token 4' },
    ]);
  });

  it('catches an unknown session, and a lock that may not be unlocked', () => {
    const { belief, verdict, held } = believer(1_000);
    held.hears(belief, 'its session is unknown');
    held.mayNotUnlock(belief, LOCK);
    expect(verdict.violations.map(({ detail }) => detail)).toEqual([
      'c1#1 was told that its locks are safe for 990 ms more, but its session is unknown',
      'c1#1 believed in db, and may not unlock it',
    ]);
  });

  it('lets the same token be told again, and another one of a lock that was let go of', () => {
    const { belief, verdict, held } = believer(1_000);
    held.gets(belief, LOCK, 3);
    belief.locks.delete(LOCK);
    belief.tokens.delete(LOCK);
    held.gets(belief, LOCK, 4);
    held.hears(belief, 'its session is unknown');
    expect(verdict.failed).toBe(false);
  });

  it('expects nothing for those who rely on it no longer', () => {
    const { belief, verdict, held } = believer(0);
    held.gets(belief, LOCK, 4);
    held.hears(belief, 'its session is unknown');
    held.mayNotUnlock(belief, LOCK);
    expect(verdict.failed).toBe(false);
  });
});
