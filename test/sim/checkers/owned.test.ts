import { expect, it } from 'vitest';
import type { Believer } from '../../../sim/checkers/exclusive.ts';
import { Owned } from '../../../sim/checkers/owned.ts';
import { Verdict } from '../../../sim/checkers/verdict.ts';
import { Scheduler } from '../../../sim/scheduler.ts';
import type { LockName, LockRecord } from '../../../src/core/types.ts';

const LOCK = 'db' as LockName;
const FREE: LockRecord = { kind: 'lock', token: 3, holder: null };

it.each([
  ['catches a record that takes a lock from who relies on it', 'c1', true, 1],
  ['lets a lock go that is relied on no longer', 'c1', false, 0],
  ['lets a lock go that another session held', 'c2', true, 0],
])('owned %s', (_what, holder, believes, violations) => {
  const found = new Verdict(new Scheduler());
  const believer = { name: 'n1 for c1', session: 'c1', believes: () => believes } as Believer;
  new Owned(found, () => [believer]).chosen(LOCK, holder, FREE);
  expect(found.violations).toHaveLength(violations);
});
