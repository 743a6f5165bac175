import { describe, expect, it } from 'vitest';
import { Majority } from '../../../sim/checkers/majority.ts';
import { Verdict } from '../../../sim/checkers/verdict.ts';
import type { Machine } from '../../../sim/machine.ts';
import { Scheduler } from '../../../sim/scheduler.ts';
import type { LockName, LockRecord, PeerId, SessionId } from '../../../src/core/types.ts';
import { firstVoters, peer } from './first-voters.ts';

const LOCK = 'db' as LockName;
const S = 's' as SessionId;
const held: LockRecord = {
  kind: 'lock',
  token: 4,
  holder: {
    session: S,
    attachment: 1,
    stamp: { counter: 1, home: 'n1' as PeerId, incarnation: 1 },
  },
};
const n1 = { name: 'n1' } as Machine;

describe('majority', () => {
  it('catches a grant of which nothing was chosen, or of another session', () => {
    const found = new Verdict(new Scheduler());
    const majority = new Majority(found, firstVoters(3), 1_000);
    majority.chosen(LOCK, held);
    majority.granted('n1', LOCK, 4, (session) => session === S);
    expect(found.failed).toBe(false);
    majority.granted('n1', LOCK, 5, () => true);
    majority.granted('n1', LOCK, 4, () => false);
    expect(found.violations.map(({ detail }) => detail)).toEqual([
      'n1 granted db with token 5, nothing of it was chosen',
      'n1 granted db with token 4, it was chosen for another',
    ]);
  });

  it('takes a grant that its home slept over, while the lock was given on and on', () => {
    const found = new Verdict(new Scheduler());
    const majority = new Majority(found, firstVoters(3), 1_000);
    for (let token = 4; token <= 2_000; token++) majority.chosen(LOCK, { ...held, token });
    majority.granted('n1', LOCK, 4, (session) => session === S);
    expect(found.failed).toBe(false);
  });

  it('catches a definite no of a peer that hears no quorum', () => {
    const scheduler = new Scheduler();
    const found = new Verdict(scheduler);
    const majority = new Majority(found, firstVoters(3), 1_000);
    majority.enters(n1, 1, true);
    majority.heard(n1, 1, peer(0));
    majority.heard(n1, 1, peer(1));
    scheduler.run(1_000_000, () => false);
    majority.refuses(n1, 'says that db is held');
    expect(found.failed).toBe(false);
    scheduler.run(1_100_000, () => false);
    majority.heard(n1, 1, peer(0));
    majority.refuses(n1, 'says that db is held');
    expect(found.violations[0]?.detail).toBe('n1 says that db is held, and hears no quorum');
  });

  it('lets who heard a quorum when an epoch began say no for as long once more, and no other', () => {
    const scheduler = new Scheduler();
    const found = new Verdict(scheduler);
    const voters = firstVoters(3);
    const majority = new Majority(found, voters, 1_000);
    const n2 = { name: 'n2' } as Machine;
    for (const machine of [n1, n2]) majority.enters(machine, 1, true);
    for (const voter of [0, 1]) majority.heard(n1, 1, peer(voter));
    voters.chosen({ ...voters.latest, epoch: 2 });
    for (const machine of [n1, n2]) majority.enters(machine, 2, false);
    majority.refuses(n1, 'says that db is held');
    expect(found.failed).toBe(false);
    majority.refuses(n2, 'says that db is held');
    scheduler.run(1_100_000, () => false);
    majority.refuses(n1, 'says that db is held');
    expect(found.violations).toHaveLength(2);
  });
});
