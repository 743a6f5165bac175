import { describe, expect, it } from 'vitest';
import { Ordered } from '../../../sim/checkers/ordered.ts';
import { Verdict } from '../../../sim/checkers/verdict.ts';
import type { SimulatedConnection } from '../../../sim/connection.ts';
import { Scheduler } from '../../../sim/scheduler.ts';
import type { LockName } from '../../../src/core/types.ts';

const SECOND = 1_000_000;
const connection = (session: string) => ({ session }) as SimulatedConnection;

/** One waits, then so many younger claims of a lock are served. */
function overtake(lock: string, times: number, secondsAfterHeal = 5) {
  const scheduler = new Scheduler();
  const found = new Verdict(scheduler);
  const ordered = new Ordered(found, 2);
  ordered.progressBegins();
  scheduler.run(secondsAfterHeal * SECOND, () => false);
  ordered.waits(connection('old'), 'db' as LockName);
  scheduler.run((secondsAfterHeal + 2) * SECOND, () => false);
  for (let time = 0; time < times; time++) {
    const young = connection('young');
    ordered.waits(young, lock as LockName);
    ordered.acquired(young);
    ordered.over(young);
  }
  return found;
}

describe('ordered', () => {
  it('catches a claim that younger ones overtake again and again', () => {
    expect(overtake('db', 4).failed).toBe(false);
    expect(overtake('db', 5).violations[0]?.detail).toBe(
      'old waits for db behind 5 younger claims',
    );
  });

  it('looks at one lock at a time, and not before peers have found each other', () => {
    expect(overtake('other', 100).failed).toBe(false);
    expect(overtake('db', 100, 1).failed).toBe(false);
  });
});
