import { describe, expect, test } from 'vitest';
import { compareBallots } from '../../src/core/ballot.ts';
import type { Accept } from '../../src/core/message.ts';
import { type Ballot, NOBODY, type PeerId, type RegisterRecord } from '../../src/core/types.ts';
import {
  ballot,
  holder,
  lockNamed,
  lockRecord,
  persisted,
  Solo,
  said,
  sessionNamed,
  sessionRecord,
} from './solo.ts';

const door = lockNamed('door');
const guest = sessionNamed('b-1-secret');
const b = 'b' as PeerId;
const c = 'c' as PeerId;

function accept(round: number, record: RegisterRecord, changes: Partial<Accept> = {}): Accept {
  return {
    kind: 'accept',
    request: 1,
    register: door.register,
    ballot: ballot(round, 'b'),
    record,
    heir: b,
    heirIncarnation: 1,
    chosen: false,
    ...changes,
  };
}

function prepare(round: number, peer: string, register = door.register) {
  return { kind: 'prepare', request: 7, register, ballot: ballot(round, peer) } as const;
}

describe('a voter', () => {
  test('promises a higher ballot, durably, and tells what it accepted', () => {
    const solo = new Solo();
    solo.hear('b', accept(3, lockRecord(2)));
    const effects = solo.hear('c', prepare(4, 'c'));
    expect(effects.map(({ kind }) => kind)).toEqual(['persist', 'send', 'send']);
    expect(persisted(effects)).toEqual([
      {
        kind: 'register',
        name: door.register,
        state: {
          promised: ballot(4, 'c'),
          accepted: { ballot: ballot(3, 'b'), record: lockRecord(2) },
        },
      },
    ]);
    expect(said(effects, 'promise')).toEqual([
      {
        to: c,
        durable: true,
        kind: 'promise',
        request: 7,
        accepted: { ballot: ballot(3, 'b'), record: lockRecord(2) },
        floorToken: 0,
        leaseLeftMs: 0,
      },
    ]);
    expect(said(effects, 'superseded')).toMatchObject([{ to: b, promised: ballot(4, 'c') }]);
  });

  test('promises a lock that nobody has written by the rounds that it has reserved', () => {
    const solo = new Solo();
    const effects = solo.hear('b', prepare(4, 'b'));
    expect(effects.map(({ kind }) => kind)).toEqual(['persist', 'send']);
    expect(persisted(effects)).toEqual([{ kind: 'floor', floor: { round: 1_000, token: 0 } }]);
    expect(said(effects, 'promise')).toMatchObject([{ to: b, durable: true, accepted: null }]);
    expect(persisted(solo.hear('c', prepare(1_000, 'c')))).toEqual([]);
    expect(persisted(solo.hear('b', prepare(1_001, 'b', lockNamed('gate').register)))).toEqual([
      { kind: 'floor', floor: { round: 2_000, token: 0 } },
    ]);
  });

  test('goes by what it promised until it ends, and by what it had reserved when it is back', () => {
    const solo = new Solo();
    solo.hear('b', prepare(4, 'b'));
    expect(said(solo.hear('b', accept(4, lockRecord(1))), 'accepted')).toHaveLength(1);
    const back = new Solo({ durable: { floor: { round: 1_000, token: 0 } } });
    const reserved = { promised: { round: 1_000, peer: NOBODY } };
    expect(said(back.hear('b', accept(4, lockRecord(1))), 'refused')).toMatchObject([reserved]);
    expect(said(back.hear('c', prepare(1_000, 'c')), 'refused')).toMatchObject([reserved]);
    expect(said(back.hear('c', prepare(1_001, 'c')), 'promise')).toHaveLength(1);
  });

  test('counts a lock whose promise it had written among those that it had reserved', () => {
    const promised = { promised: ballot(4, 'b'), accepted: null };
    const floor = { round: 1_000, token: 0 };
    const solo = new Solo({ durable: { floor, registers: [[door.register, promised]] } });
    expect(said(solo.hear('b', accept(5, lockRecord(1))), 'refused')).toMatchObject([
      { promised: { round: 1_000, peer: NOBODY } },
    ]);
  });

  test('writes the promise of a session that it does not know: rounds are of locks', () => {
    const effects = new Solo().hear('c', prepare(4, 'c', guest.register));
    expect(persisted(effects)).toMatchObject([{ kind: 'register', name: guest.register }]);
  });

  test.each([
    ['below', 3, 'c'],
    ['equal to', 4, 'b'],
    ['of the same round, by a lower peer, than', 4, 'b'],
  ])('refuses a prepare %s its promise', (_, round, peer) => {
    const solo = new Solo();
    solo.hear('c', prepare(4, 'c'));
    solo.hear('b', prepare(5, 'b'));
    const effects = solo.hear(peer, prepare(round, peer));
    expect(persisted(effects)).toEqual([]);
    expect(said(effects, 'refused')).toMatchObject([{ promised: ballot(5, 'b'), leaseLeftMs: 0 }]);
  });

  test('accepts what it promised, and promises the next ballot to the heir', () => {
    const solo = new Solo();
    solo.hear('b', prepare(4, 'b'));
    const effects = solo.hear('b', accept(4, lockRecord(1), { heir: c }));
    expect(persisted(effects)).toMatchObject([{ state: { promised: ballot(5, 'c') } }]);
    expect(said(effects, 'accepted')).toMatchObject([{ to: b, durable: true, request: 1 }]);
    expect(said(effects, 'inherit')).toMatchObject([{ to: c, ballot: ballot(4, 'b') }]);
  });

  test('refuses an accept below its promise', () => {
    const solo = new Solo();
    solo.hear('c', prepare(5, 'c'));
    const effects = solo.hear('b', accept(4, lockRecord(1)));
    expect(persisted(effects)).toEqual([]);
    expect(said(effects, 'refused')).toMatchObject([{ promised: ballot(5, 'c') }]);
  });

  test('accepts a ballot above its promise that it never promised', () => {
    const solo = new Solo();
    solo.hear('c', prepare(5, 'c'));
    const effects = solo.hear('b', accept(6, lockRecord(1)));
    expect(said(effects, 'accepted')).toHaveLength(1);
    expect(said(effects, 'superseded')).toMatchObject([{ to: c, promised: ballot(6, 'b') }]);
  });

  test('heeds no ballot of another peer, incarnation or epoch than the one that sends it', () => {
    const solo = new Solo();
    for (const [from, wrong] of [
      ['c', ballot(4, 'b')],
      ['b', ballot(4, 'b', 2)],
      ['b', { ...ballot(4, 'b'), epoch: 2 }],
    ] as const) {
      const request = { kind: 'prepare', request: 7, register: door.register, ballot: wrong };
      expect(solo.hear(from, { ...request, kind: 'prepare' })).toEqual([]);
      expect(solo.hear(from, accept(4, lockRecord(1), { ballot: wrong }))).toEqual([]);
    }
  });

  test('does not tell an heir that has begun another life', () => {
    const solo = new Solo();
    solo.meet('c', 2);
    expect(said(solo.hear('b', accept(4, lockRecord(1), { heir: c })), 'inherit')).toEqual([]);
  });

  test('goes on from what was durable', () => {
    const state = {
      promised: ballot(9, 'c'),
      accepted: { ballot: ballot(8, 'b'), record: lockRecord(4, holder('s', 'b')) },
    };
    const solo = new Solo({ durable: { registers: [[door.register, state]] } });
    expect(said(solo.hear('b', prepare(9, 'b')), 'refused')).toMatchObject([
      { promised: ballot(9, 'c') },
    ]);
    expect(said(solo.hear('b', prepare(10, 'b')), 'promise')).toMatchObject([
      { accepted: state.accepted },
    ]);
  });
});

describe("a session's register", () => {
  test('tells a home of another record, before any later word', () => {
    const solo = new Solo();
    const { register } = guest;
    solo.hear('b', accept(0, sessionRecord('b'), { register, ballot: ballot(0, 'b') }));
    solo.hear('c', prepare(2, 'c', register));
    const moved = sessionRecord('c', { attachment: 2 });
    const take = accept(2, moved, { register, ballot: ballot(2, 'c'), heir: c });
    expect(said(solo.hear('c', take), 'moved')).toMatchObject([
      { to: b, durable: true, session: guest.session, record: moved },
    ]);
  });

  test('is confirmed to a home only as it believes', () => {
    const solo = new Solo();
    const { register, session } = guest;
    solo.hear('b', accept(0, sessionRecord('b'), { register, ballot: ballot(0, 'b') }));
    const ask = (from: string, attachment: number) =>
      said(
        solo.hear(from, { kind: 'confirm', sessions: [{ session, attachment }] }),
        'confirmed',
      )[0];
    expect(ask('b', 1)).toMatchObject({ sessions: [{ session, attachment: 1 }], missing: [] });
    expect(ask('b', 2)).toMatchObject({ sessions: [], missing: [session] });
    expect(ask('c', 1)).toMatchObject({ sessions: [], missing: [session] });
    solo.meet('b', 2);
    expect(ask('b', 1)).toMatchObject({ sessions: [], missing: [session] });
  });
});

describe('a keeper that asks which locks it keeps no more', () => {
  test('is told of those that others were promised', () => {
    const solo = new Solo();
    const [gate, free] = [lockNamed('gate'), lockNamed('free')];
    solo.hear('b', accept(1, lockRecord(1, holder('s', 'b'))));
    solo.hear('b', accept(1, lockRecord(1, holder('s', 'b')), { register: gate.register }));
    solo.hear('c', prepare(5, 'c', gate.register));
    const registers = [door.register, gate.register, free.register];
    const effects = solo.hear('b', { kind: 'keeps', registers });
    expect(said(effects, 'superseded')).toMatchObject([
      { to: b, register: gate.register, promised: ballot(5, 'c') },
    ]);
  });
});

describe('the locks of a session', () => {
  const guests = sessionNamed('s');
  /** The voter holds the session as that peer's. */
  const livesAt = (solo: Solo, home: string, attachment: number): void => {
    const record = sessionRecord(home, { attachment });
    const at = { ballot: ballot(attachment, home), heir: home as PeerId };
    solo.hear(home, accept(attachment, record, { register: guests.register, ...at }));
  };

  test('are listed a page at a time, sorted', () => {
    const solo = new Solo({ settings: { pageSize: 2 } });
    livesAt(solo, 'c', 1);
    for (const name of ['d', 'a', 'c']) {
      const { register } = lockNamed(name);
      solo.hear('b', accept(1, lockRecord(1, holder('s', 'c')), { register }));
    }
    const { session } = sessionNamed('s');
    const ask = (after: string) =>
      said(
        solo.hear('c', {
          kind: 'holdings',
          request: 3,
          session,
          attachment: 1,
          after: lockNamed(after).lock,
        }),
        'holding',
      )[0];
    expect(ask('')).toMatchObject({ locks: ['a', 'c'], last: false });
    expect(ask('c')).toMatchObject({ locks: ['d'], last: true });
    solo.hear('b', accept(2, lockRecord(1), { register: lockNamed('d').register }));
    expect(ask('c')).toMatchObject({ locks: [], last: true });
    expect(ask('')).toMatchObject({ locks: ['a', 'c'], last: true });
  });

  test('are listed to the home alone whose session it is as the voter holds it', () => {
    const solo = new Solo();
    livesAt(solo, 'b', 1);
    const { session } = guests;
    const { lock: after } = lockNamed('');
    const listed = (home: string, attachment: number) =>
      said(solo.hear(home, { kind: 'holdings', request: 3, session, attachment, after }), 'holding')
        .length;
    expect(listed('c', 2)).toBe(0);
    livesAt(solo, 'c', 2);
    expect([listed('c', 2), listed('b', 1)]).toEqual([1, 0]);
    // It was there before: that it has come back is not known here yet.
    expect(listed('c', 4)).toBe(0);
    livesAt(solo, 'c', 5);
    expect(listed('c', 4)).toBe(1);
  });

  test('are not granted to a claim of a home that it has left, unless they were before', () => {
    const solo = new Solo();
    const grant = (name: string, round: number, attachment: number, home: string, chosen = false) =>
      solo.hear('b', {
        ...accept(round, lockRecord(round, holder('s', home, attachment))),
        ...{ register: lockNamed(name).register, chosen },
      });
    livesAt(solo, 'b', 1);
    expect(said(grant('door', 1, 1, 'b'), 'accepted')).toHaveLength(1);
    livesAt(solo, 'c', 2);
    const refused = said(grant('gate', 1, 1, 'b'), 'refused');
    expect(refused).toMatchObject([{ leaseLeftMs: 0 }]);
    expect(compareBallots(refused[0]?.promised as Ballot, ballot(1, 'b'))).toBeLessThanOrEqual(0);
    expect(said(grant('gate', 2, 2, 'c'), 'accepted')).toHaveLength(1);
    expect(said(grant('door', 2, 1, 'b'), 'accepted')).toHaveLength(1);
    expect(said(grant('yard', 1, 1, 'c'), 'accepted')).toHaveLength(1);
    expect(said(grant('barn', 1, 1, 'b', true), 'accepted')).toHaveLength(1);
    solo.wait(60_000);
    const over = sessionRecord('c', { attachment: 2, state: 'expired' });
    const end = { register: guests.register, ballot: ballot(3, 'c') };
    solo.hear('c', accept(3, over, { ...end, heir: c }));
    expect(said(grant('gate', 3, 1, 'b'), 'accepted')).toHaveLength(1);
  });

  test('are one, more, one again, and none', () => {
    const solo = new Solo();
    livesAt(solo, 'c', 1);
    const { session } = sessionNamed('s');
    const rounds = { a: 0, b: 0 };
    const listed = (name: 'a' | 'b', held: 'held' | 'free') => {
      const record = lockRecord(1, held === 'held' ? holder('s', 'c') : null);
      rounds[name] += 1;
      solo.hear('b', accept(rounds[name], record, { register: lockNamed(name).register }));
      const { lock: after } = lockNamed('');
      const asked = { kind: 'holdings', request: 3, session, attachment: 1, after } as const;
      return said(solo.hear('c', asked), 'holding')[0]?.locks;
    };
    expect(listed('a', 'held')).toEqual(['a']);
    expect(listed('a', 'free')).toEqual([]);
    expect(listed('a', 'held')).toEqual(['a']);
    expect(listed('b', 'free')).toEqual(['a']);
    expect(listed('b', 'held')).toEqual(['a', 'b']);
    expect(listed('a', 'free')).toEqual(['b']);
    expect(listed('a', 'held')).toEqual(['a', 'b']);
    expect(listed('a', 'free')).toEqual(['b']);
    expect(listed('b', 'free')).toEqual([]);
  });
});

describe('forgetting', () => {
  const forget = (round: number) =>
    ({ kind: 'forget', register: door.register, ballot: ballot(round, 'b') }) as const;

  test('leaves a floor above all that was promised, and nobody can use its round', () => {
    const solo = new Solo();
    solo.hear('b', accept(8, lockRecord(7)));
    const effects = solo.hear('b', forget(8));
    expect(persisted(effects)).toEqual([
      { kind: 'floor', floor: { round: 9, token: 7 } },
      { kind: 'register', name: door.register, state: null },
    ]);
    expect(said(solo.hear('c', prepare(9, 'c')), 'refused')).toMatchObject([
      { promised: { round: 9, peer: NOBODY } },
    ]);
    expect(said(solo.hear('c', prepare(10, 'c')), 'promise')).toMatchObject([
      { accepted: null, floorToken: 7 },
    ]);
  });

  test('takes back none of the rounds that are reserved', () => {
    const solo = new Solo();
    solo.hear('b', prepare(4, 'b'));
    solo.hear('b', accept(8, lockRecord(7)));
    expect(persisted(solo.hear('b', forget(8)))[0]).toEqual({
      kind: 'floor',
      floor: { round: 1_000, token: 7 },
    });
    expect(said(solo.hear('c', prepare(10, 'c')), 'promise')).toHaveLength(1);
  });

  test('keeps the floor at the highest of all that was forgotten', () => {
    const solo = new Solo({ durable: { floor: { round: 20, token: 3 } } });
    solo.hear('b', accept(21, lockRecord(7)));
    solo.hear('b', forget(21));
    solo.hear('b', accept(30, lockRecord(2)));
    expect(persisted(solo.hear('b', forget(30)))[0]).toEqual({
      kind: 'floor',
      floor: { round: 31, token: 7 },
    });
  });

  test.each([
    ['a held lock', accept(8, lockRecord(7, holder('s', 'b'))), 8],
    ['what was promised to another', accept(8, lockRecord(7), { heir: c }), 8],
    ['another ballot than it holds', accept(8, lockRecord(7)), 7],
  ])('is refused for %s', (_, taken, round) => {
    const solo = new Solo();
    solo.hear('b', taken);
    expect(solo.hear('b', forget(round))).toEqual([]);
  });

  test('is refused for what was promised since, and for what was never accepted', () => {
    const solo = new Solo();
    expect(solo.hear('b', forget(8))).toEqual([]);
    solo.hear('b', accept(8, lockRecord(7)));
    solo.hear('b', prepare(12, 'b'));
    expect(solo.hear('b', forget(8))).toEqual([]);
  });

  test('of a session is remembered: its first record is not taken for new', () => {
    const { register } = guest;
    const solo = new Solo();
    const first = accept(0, sessionRecord('b'), { register });
    solo.wait(10_000);
    solo.hear('b', accept(6, sessionRecord('b', { state: 'expired' }), { register }));
    expect(solo.hear('b', { ...forget(6), register })).not.toEqual([]);
    const effects = solo.hear('b', first);
    expect(said(effects, 'accepted')).toEqual([]);
    expect(said(effects, 'refused')).toMatchObject([{ promised: { round: 7, peer: NOBODY } }]);
  });

  test('is refused for a live session, and for one that a lock still names', () => {
    const over = sessionRecord('c', { state: 'expired' });
    const { register } = guest;
    const solo = new Solo();
    solo.wait(10_000);
    solo.hear('b', accept(5, sessionRecord('b'), { register }));
    expect(solo.hear('b', { ...forget(5), register })).toEqual([]);
    solo.hear('b', accept(1, lockRecord(1, holder(guest.session, 'b'))));
    const expire = accept(6, { ...over, home: b }, { register });
    expect(said(solo.hear('b', expire), 'accepted')).toHaveLength(1);
    expect(solo.hear('b', { ...forget(6), register })).toEqual([]);
    solo.hear('b', accept(2, lockRecord(1)));
    expect(persisted(solo.hear('b', { ...forget(6), register }))).toHaveLength(2);
  });
});
