import { beforeEach, describe, expect, test } from 'vitest';
import { type EarlyClaim, Inheritance } from '../../src/core/inheritance.ts';
import type { Inherit } from '../../src/core/message.ts';
import type { PeerId } from '../../src/core/types.ts';
import { Parts } from './parts.ts';
import { ballot, holder, lockNamed, lockRecord, sessionNamed } from './solo.ts';

const { lock, register } = lockNamed('door');
const [x, y, z] = ['x', 'y', 'z'] as PeerId[] as [PeerId, PeerId, PeerId];
const record = lockRecord(3, holder('s', 'h'));
const waiting = holder('t', 'q', 1, 8);

let parts: Parts;
let inheritance: Inheritance;
let inherited: { round: number; queue: readonly EarlyClaim[] }[];
beforeEach(() => {
  parts = new Parts();
  inherited = [];
  inheritance = new Inheritance(parts.context, (_, { round }, __, queue) => {
    inherited.push({ round, queue });
  });
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
    inheritance.accepted(z, inherit());
    expect(inherited).toHaveLength(1);
  });

  test('learns of the queue later, if that came later', () => {
    inheritance.accepted(x, inherit());
    inheritance.accepted(y, inherit());
    expect(inherited).toEqual([{ round: 5, queue: [] }]);
    announce();
    expect(inherited[1]).toEqual({ round: 5, queue: [early] });
  });

  test('takes in claims that come too early, up to a bound', () => {
    parts = new Parts({ waitersPerLock: 1 });
    inheritance = new Inheritance(parts.context, (_, { round }, __, queue) => {
      inherited.push({ round, queue });
    });
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
    expect(inherited).toEqual([{ round: 6, queue: [] }]);
  });

  test('forgets what came to nothing after a while', () => {
    inheritance.accepted(x, inherit());
    parts.wait(1_500);
    inheritance.accepted(y, inherit());
    expect(inherited).toEqual([]);
  });

  test('inherits no sessions', () => {
    const other = { ...inherit(), register: sessionNamed('s').register };
    for (const from of [x, y]) inheritance.accepted(from, other);
    expect(inherited).toEqual([]);
  });
});
