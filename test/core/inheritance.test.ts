import { beforeEach, describe, expect, test } from 'vitest';
import { type EarlyClaim, type Heir, Inheritance } from '../../src/core/inheritance.ts';
import type { Inherit } from '../../src/core/message.ts';
import type { Ballot, LockRecord, PeerId } from '../../src/core/types.ts';
import { Parts } from './parts.ts';
import { ballot, holder, lockNamed, lockRecord, Solo, said, sessionNamed } from './solo.ts';

const { lock, register } = lockNamed('door');
const [x, y, z] = ['x', 'y', 'z'] as PeerId[] as [PeerId, PeerId, PeerId];
const record = lockRecord(3, holder('s', 'h'));
const waiting = holder('t', 'q', 1, 8);

let parts: Parts;
let inheritance: Inheritance;
let inherited: { round: number; queue: readonly EarlyClaim[] }[];
let acceptedBy: () => number;
let late: (readonly EarlyClaim[])[];
let failed: { owner: PeerId | null; queue: readonly EarlyClaim[] }[];
const heir: Heir = {
  inherited: (_, chosen, queue) => {
    inherited.push({ round: chosen.ballot.round, queue });
    acceptedBy = () => chosen.acceptedBy;
  },
  queueCame: (_, __, queue) => void late.push(queue),
  failed: (_, owner, queue) => void failed.push({ owner, queue }),
};
beforeEach(() => {
  parts = new Parts();
  inherited = [];
  late = [];
  failed = [];
  inheritance = new Inheritance(parts.context, heir);
});

const inherit = (round = 5): Inherit => ({
  kind: 'inherit',
  register,
  ballot: ballot(round, 'k'),
  record,
});
const announce = (round = 5) =>
  inheritance.announced({
    kind: 'handover',
    lock,
    ballot: ballot(round, 'k'),
    record,
    queue: [waiting],
  });
const early = { claim: waiting, waits: true, told: true };

describe('an heir', () => {
  test('inherits on the word of a quorum of voters, with the queue that was sent ahead', () => {
    announce();
    inheritance.accepted(x, inherit());
    inheritance.accepted(x, inherit());
    inheritance.accepted('s' as PeerId, inherit());
    expect(inherited).toEqual([]);
    inheritance.accepted(y, inherit());
    expect(inherited).toEqual([{ round: 5, queue: [early] }]);
    expect(acceptedBy()).toBe(0b011);
    inheritance.accepted(z, inherit());
    expect(inherited).toHaveLength(1);
    expect(acceptedBy()).toBe(0b111);
  });

  test('learns of the queue later, if that came later, and does not inherit twice', () => {
    inheritance.accepted(x, inherit());
    inheritance.accepted(y, inherit());
    expect(inherited).toEqual([{ round: 5, queue: [] }]);
    announce();
    expect(inherited).toHaveLength(1);
    expect(late).toEqual([[early]]);
  });

  test('learns of the queue even after every voter has spoken', () => {
    for (const voter of [x, y, z]) inheritance.accepted(voter, inherit());
    announce();
    expect(late).toEqual([[early]]);
    announce();
    expect(late).toHaveLength(1);
  });

  test('keeps nobody waiting for a lock that a voter promised to another', () => {
    inheritance.accepted(x, inherit());
    expect(inheritance.claim(lock, waiting, true)).toBe(true);
    inheritance.superseded(lock, ballot(5, 'k'));
    expect(failed).toEqual([]);
    inheritance.superseded(lock, ballot(7, 'y'));
    expect(failed).toEqual([{ owner: y, queue: [{ ...early, told: false }] }]);
    expect(inheritance.claim(lock, waiting, true)).toBe(false);
    announce();
    expect(failed.at(-1)).toEqual({ owner: null, queue: [early] });
    // It may be chosen all the same: then this peer is the heir, without a queue.
    inheritance.accepted(y, inherit());
    expect(inherited).toEqual([{ round: 5, queue: [] }]);
  });

  test('keeps who waits for one ballot until the next, if that comes first', () => {
    announce(5);
    announce(6);
    for (const voter of [x, y]) inheritance.accepted(voter, inherit(6));
    expect(inherited).toEqual([{ round: 6, queue: [early, early] }]);
    expect(failed).toEqual([]);
  });

  test('takes in claims that come too early, up to a bound', () => {
    parts = new Parts({ waitersPerLock: 1 });
    inheritance = new Inheritance(parts.context, heir);
    expect(inheritance.claim(lock, waiting, true)).toBe(false);
    inheritance.accepted(x, inherit());
    expect(inheritance.claim(lock, waiting, false)).toBe(true);
    expect(inheritance.claim(lock, waiting, false)).toBe(false);
    inheritance.accepted(y, inherit());
    expect(inherited).toEqual([
      { round: 5, queue: [{ claim: waiting, waits: false, told: false }] },
    ]);
    expect(inheritance.claim(lock, waiting, true)).toBe(false);
  });

  test('does not mix the words of two ballots, and goes by the higher', () => {
    inheritance.accepted(x, inherit(5));
    inheritance.accepted(y, inherit(6));
    inheritance.accepted(z, inherit(5));
    announce(5);
    expect(inherited).toEqual([]);
    inheritance.accepted(z, inherit(6));
    expect(inherited).toEqual([{ round: 6, queue: [early] }]);
  });

  test('learns of a queue that comes when the lock has gone, and come again', () => {
    for (const round of [5, 6]) {
      for (const voter of [x, y, z]) inheritance.accepted(voter, inherit(round));
    }
    announce(5);
    expect(late).toEqual([[early]]);
    announce(6);
    expect(late).toEqual([[early], [early]]);
    expect(inherited.map(({ round }) => round)).toEqual([5, 6]);
  });

  test('forgets what came to nothing after a while, and sends on who waited for it', () => {
    announce();
    inheritance.accepted(x, inherit());
    parts.wait(1_500);
    expect(failed).toEqual([{ owner: null, queue: [early] }]);
    inheritance.accepted(y, inherit());
    expect(inherited).toEqual([]);
  });

  test('inherits no sessions', () => {
    const other = { ...inherit(), register: sessionNamed('s').register };
    for (const from of [x, y]) inheritance.accepted(from, other);
    expect(inherited).toEqual([]);
  });
});

describe('a lock that was handed on', () => {
  const next = holder('n', 'x', 1, 90);
  let solo: Solo;
  let won: { ballot: Ballot; record: LockRecord };
  const accepts = () => solo.said('accept').filter(({ register: of }) => of === register);
  const accepted = (request = 0) => {
    for (const from of ['x', 'y', 'z']) solo.hear(from, { kind: 'accepted', request });
  };
  beforeEach(() => {
    solo = new Solo({ self: 'h', voters: ['x', 'y', 'z'] });
    solo.wait(400, ['x', 'y', 'z']);
    solo.command(1, { kind: 'lock', name: lock, waitMs: 60_000 });
    accepted(solo.said('accept')[0]?.request);
    const claim = solo.said('claim')[0]?.claim;
    if (claim === undefined) throw new Error('nobody was asked');
    won = { ballot: ballot(5, 'z'), record: lockRecord(3, claim) };
    for (const from of ['x', 'y']) solo.hear(from, { kind: 'inherit', register, ...won });
    solo.hear('x', { kind: 'claim', lock, claim: next, waits: true });
    solo.command(1, { kind: 'unlock', name: lock });
    expect(accepts()).toMatchObject([
      { to: 'x', ballot: ballot(6, 'h'), record: lockRecord(4, next) },
      { to: 'y' },
      { to: 'z' },
    ]);
    accepted(accepts()[0]?.request);
  });

  test('is not inherited again when its queue comes late: the ballot is used up', () => {
    const late = solo.hear('z', { kind: 'handover', lock, ...won, queue: [waiting] });
    expect(accepts()).toHaveLength(3);
    expect(said(late, 'ask')).toMatchObject([{ to: 'q', owner: 'x', stamp: waiting.stamp }]);
  });

  test('is not waited for by a claim that was sent on: its home is told whom to ask', () => {
    const answer = solo.hear('z', { kind: 'claim', lock, claim: waiting, waits: true });
    expect(said(answer, 'ask')).toMatchObject([{ to: 'q', stamp: waiting.stamp }]);
    solo.wait(5_000);
    const cutOff = solo.hear('z', { kind: 'claim', lock, claim: waiting, waits: true });
    expect(said(cutOff, 'ask')).toMatchObject([{ to: 'q', stamp: waiting.stamp, owner: null }]);
  });
});
