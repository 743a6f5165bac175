import { describe, expect, test } from 'vitest';
import { Agenda } from '../../src/core/agenda.ts';
import {
  compareBallots,
  compareStamps,
  nextBallot,
  nobodysBallot,
  sameBallot,
  sameStamp,
} from '../../src/core/ballot.ts';
import { ClaimQueue } from '../../src/core/claim-queue.ts';
import { assert, assertNever, InvariantError } from '../../src/core/invariant.ts';
import { acquiredBy, emptyLock, isHeldBy, reclaimedBy, released } from '../../src/core/lock.ts';
import {
  isMaker,
  lockOf,
  makerAmong,
  newSessionId,
  sessionOf,
  sessionRegister,
} from '../../src/core/names.ts';
import { nthLargest, nthSmallest, quorumOf } from '../../src/core/quorum.ts';
import { expired, isHome, leaseFor, leaseOf, movedTo, vouchedFor } from '../../src/core/session.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import type { LockName, PeerId, SessionId } from '../../src/core/types.ts';
import { ballot, holder, lockNamed, lockRecord, sessionRecord } from './solo.ts';

describe('an agenda', () => {
  test('runs what is due, by instant and then by order of scheduling', () => {
    const agenda = new Agenda();
    const ran: string[] = [];
    const note = (name: string) => () => void ran.push(name);
    agenda.schedule(30, note('c'));
    agenda.schedule(10, note('a'));
    agenda.schedule(30, note('d'));
    agenda.schedule(20, () => {
      ran.push('b');
      agenda.schedule(20, note('b2'));
    });
    expect([agenda.next, agenda.size]).toEqual([10, 4]);
    agenda.runDue(9);
    expect(ran).toEqual([]);
    agenda.runDue(30);
    expect(ran).toEqual(['a', 'b', 'b2', 'c', 'd']);
    expect([agenda.next, agenda.size]).toEqual([Number.POSITIVE_INFINITY, 0]);
  });

  test('forgets what was cancelled, wherever it stood, and keeps the rest in order', () => {
    for (let gone = 0; gone < 20; gone++) {
      const agenda = new Agenda();
      const ran: number[] = [];
      const timers = Array.from({ length: 20 }, (_, index) => {
        const at = (index * 7) % 20;
        return agenda.schedule(at, () => void ran.push(at));
      });
      const timer = timers[gone] ?? null;
      agenda.cancel(timer);
      agenda.cancel(timer);
      agenda.cancel(null);
      agenda.runDue(100);
      const rest = Array.from({ length: 20 }, (_, at) => at).filter((at) => at !== timer?.at);
      expect(ran).toEqual(rest);
    }
  });
});

describe('ballots', () => {
  test('are ordered by epoch, round, peer and incarnation', () => {
    const rising = [
      { ...ballot(9, 'z'), epoch: 0 },
      ballot(1, 'a'),
      ballot(1, 'a', 2),
      ballot(1, 'b'),
      nobodysBallot(1, 1),
      ballot(2, 'a'),
      { ...ballot(0, 'a'), epoch: 2 },
    ];
    for (const [i, one] of rising.entries()) {
      for (const [j, other] of rising.entries()) {
        expect(Math.sign(compareBallots(one, other))).toBe(Math.sign(i - j));
        expect(sameBallot(one, { ...other })).toBe(i === j);
      }
    }
  });

  test("are followed by the heir's, one round on", () => {
    expect(nextBallot(ballot(4, 'b'), 'c' as PeerId, 3)).toEqual(ballot(5, 'c', 3));
  });
});

test('stamps are ordered by counter, home and incarnation', () => {
  const stamp = (counter: number, home: string, incarnation: number) => ({
    counter,
    home: home as PeerId,
    incarnation,
  });
  const rising = [stamp(1, 'b', 2), stamp(2, 'a', 1), stamp(2, 'a', 2), stamp(2, 'b', 1)];
  for (const [i, one] of rising.entries()) {
    for (const [j, other] of rising.entries()) {
      expect(Math.sign(compareStamps(one, other))).toBe(Math.sign(i - j));
      expect(sameStamp(one, { ...other })).toBe(i === j);
    }
  }
});

describe('a queue of claims', () => {
  const claim = (counter: number, home = 'a') => holder('s', home, 1, counter);

  test('stands in order of age, and keeps the place of a claim that asks again', () => {
    const queue = new ClaimQueue();
    for (const counter of [3, 1, 2, 1]) queue.add(claim(counter), true, false);
    expect(queue.all.map(({ claim: { stamp } }) => stamp.counter)).toEqual([1, 2, 3]);
    expect(queue.has(claim(2).stamp)).toBe(true);
    expect(queue.remove(claim(2).stamp)).toBe(true);
    expect(queue.remove(claim(2).stamp)).toBe(false);
    expect(queue.length).toBe(2);
  });

  test('drops the claims of one home, and gives out the tries', () => {
    const queue = new ClaimQueue();
    queue.add(claim(1, 'a'), true, false);
    queue.add(claim(2, 'b'), true, false);
    queue.add(claim(3, 'b'), false, false);
    expect(queue.takeTries()).toHaveLength(1);
    expect(queue.takeTries()).toEqual([]);
    queue.removeHome('b' as PeerId);
    expect(queue.length).toBe(1);
    expect(queue.takeAll()).toHaveLength(1);
    expect(queue.length).toBe(0);
  });

  test('hands over all that wait but the one that is granted', () => {
    const queue = new ClaimQueue();
    for (const counter of [1, 2]) queue.add(claim(counter), true, false);
    queue.add(claim(3), false, false);
    expect(queue.handOver(claim(1).stamp)).toEqual([claim(2)]);
    queue.add(claim(4), true, false);
    queue.removeHanded();
    expect(queue.all.map(({ claim: { stamp } }) => stamp.counter)).toEqual([1, 3, 4]);
  });
});

describe('quorums', () => {
  test.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 3],
    [7, 4],
  ])('of %i voters are %i', (voters, quorum) => expect(quorumOf(voters)).toBe(quorum));

  test('are judged by the value of a rank', () => {
    expect(nthLargest([5, 1, 9], 2, -1)).toBe(5);
    expect(nthLargest([5], 2, -1)).toBe(-1);
    expect(nthSmallest([5, 1, 9], 2, -1)).toBe(5);
    expect(nthSmallest([], 1, -1)).toBe(-1);
  });
});

describe('names', () => {
  test('tell locks from sessions, whatever bytes they are', () => {
    const { lock, register } = lockNamed('Sé\u0000__proto__');
    expect([lockOf(register), sessionOf(register)]).toEqual([lock, null]);
    const session = 'L' as SessionId;
    expect(lockOf(sessionRegister(session))).toBe(null);
    expect(sessionOf(sessionRegister(session))).toBe(session);
  });

  test('of sessions say who made them, in which life, and carry 128 random bits', () => {
    let next = 0;
    const maker = '12D3KooWmakerpeer' as PeerId;
    const id = newSessionId(maker, 37, () => next++);
    expect(id).toBe('Wmakerpeer-11-00000000000000010000000200000003');
    expect(isMaker(id, maker, 37)).toBe(true);
    expect(isMaker(id, maker, 36)).toBe(false);
    expect(makerAmong(id, ['other' as PeerId, maker])).toBe(maker);
    expect(makerAmong(id, ['other' as PeerId])).toBe(null);
  });
});

describe('the lock record', () => {
  test('gets a higher token with each holder, and only then', () => {
    const one = holder('s', 'a');
    const two = holder('t', 'b');
    const held = acquiredBy(emptyLock(7), one);
    expect(held).toEqual(lockRecord(8, one));
    expect(released(held)).toEqual(lockRecord(8));
    expect(acquiredBy(held, two)).toEqual(lockRecord(9, two));
    expect(reclaimedBy(held, two)).toEqual(lockRecord(8, two));
    expect(isHeldBy(held, one.stamp)).toBe(true);
    expect(isHeldBy(held, two.stamp)).toBe(false);
    expect(isHeldBy(released(held), one.stamp)).toBe(false);
  });
});

describe('the session record', () => {
  test('moves, with a higher attachment, and expires', () => {
    const record = sessionRecord('a');
    const moved = movedTo(record, 'b' as PeerId, 4);
    expect(moved).toEqual(sessionRecord('b', { incarnation: 4, attachment: 2 }));
    expect(expired(moved)).toEqual({ ...moved, state: 'expired' });
    expect(isHome(moved, 'b' as PeerId, 4)).toBe(true);
    expect(isHome(moved, 'b' as PeerId, 3)).toBe(false);
    expect(isHome(moved, 'a' as PeerId, 4)).toBe(false);
  });

  test('has a lease of its time-out, never below the least, of which a home counts on less', () => {
    expect(leaseOf(sessionRecord('a', { timeoutMs: 0 }), DEFAULT_SETTINGS)).toBe(3_000);
    expect(leaseFor(3_001, DEFAULT_SETTINGS)).toBe(3_001);
    expect(vouchedFor(10_000, DEFAULT_SETTINGS)).toBe(9_798);
  });
});

test('broken invariants crash', () => {
  assert(true, 'fine');
  expect(() => assert(false, 'why')).toThrow(new InvariantError('why'));
  expect(() => assertNever('x' as never)).toThrow('unexpected value: "x"');
  expect(lockNamed('x').lock).toBe('x' as LockName);
});
