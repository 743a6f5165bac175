/**
 * The attacks on leases, validity and expiry: R9, R10, R11, R17, R18, R22 and R25 of the list in
 * the issue. Attacks on changing the voters (R5, R19, R20: rules 17 and 18) are out of scope here.
 */
import { describe, expect, test } from 'vitest';
import type { Accept } from '../../src/core/message.ts';
import type { LockName, PeerId, SessionRecord } from '../../src/core/types.ts';
import { HomeAlone, LEASE_MS } from './home-alone.ts';
import { ballot, holder, lockRecord, Solo, said, sessionNamed, sessionRecord } from './solo.ts';

const guest = sessionNamed('p-1-secret');

function accept(round: number, from: string, record: SessionRecord): Accept {
  return {
    kind: 'accept',
    request: round,
    register: guest.register,
    ballot: ballot(round, from),
    record,
    heir: from as PeerId,
    heirIncarnation: 1,
    chosen: false,
  };
}

/** A voter that has been up for long, and the peers that it knows. */
function voter(): Solo {
  const solo = new Solo({ self: 'v', voters: ['v', 'w', 'x'], meets: ['w', 'x', 'p', 'q', 'e'] });
  solo.wait(60_000);
  return solo;
}

function expire(solo: Solo, from: string, record: SessionRecord, round = 9) {
  return solo.hear(from, accept(round, from, { ...record, state: 'expired' }));
}

describe('R8', () => {
  test('R8: expired that is chosen is taken at once, however well its home is heard', () => {
    const solo = voter();
    solo.hear('p', accept(0, 'p', sessionRecord('p')));
    solo.hear('p', { kind: 'heartbeat', sequence: 1 });
    const over = sessionRecord('p', { state: 'expired' });
    expect(said(solo.hear('e', accept(9, 'e', over)), 'refused')).toHaveLength(1);
    const told = solo.hear('e', { ...accept(9, 'e', over), chosen: true });
    expect(said(told, 'accepted')).toHaveLength(1);
    expect(said(told, 'moved')).toMatchObject([{ to: 'p', record: over }]);
  });
});

describe('R9', () => {
  test('R9: expired is refused while the home that the voter itself knows is heard', () => {
    const solo = voter();
    solo.hear('p', accept(0, 'p', sessionRecord('p')));
    solo.hear('p', { kind: 'heartbeat', sequence: 1 });
    solo.wait(1_000);
    const taken = sessionRecord('q', { attachment: 2 });
    expect(said(expire(solo, 'e', taken), 'refused')).toMatchObject([
      { leaseLeftMs: LEASE_MS - 1_000 },
    ]);
    solo.wait(LEASE_MS - 1_000);
    expect(said(expire(solo, 'e', taken), 'accepted')).toHaveLength(1);
  });

  test('R9: expired is refused while the home that the writer read is heard', () => {
    const solo = voter();
    solo.hear('p', accept(0, 'p', sessionRecord('p')));
    solo.hear('q', { kind: 'heartbeat', sequence: 1 });
    expect(said(expire(solo, 'e', sessionRecord('q', { attachment: 2 })), 'refused')).toMatchObject(
      [{ leaseLeftMs: LEASE_MS }],
    );
  });
});

describe('R10', () => {
  test('R10: taking a record with another home begins the lease anew', () => {
    const solo = voter();
    solo.hear('p', accept(0, 'p', sessionRecord('p')));
    solo.wait(60_000);
    const taken = sessionRecord('q', { attachment: 2 });
    solo.hear('q', accept(5, 'q', taken));
    solo.wait(1_000);
    expect(said(expire(solo, 'e', taken), 'refused')).toMatchObject([
      { leaseLeftMs: LEASE_MS - 1_000 },
    ]);
  });

  test('R10: a restart counts as having taken one, and as having heard every home', () => {
    const state = {
      promised: ballot(6, 'q'),
      accepted: { ballot: ballot(5, 'q'), record: sessionRecord('q', { attachment: 2 }) },
    };
    const solo = new Solo({
      self: 'v',
      voters: ['v', 'w', 'x'],
      meets: ['w', 'x', 'q'],
      durable: { registers: [[guest.register, state]] },
    });
    const taken = sessionRecord('q', { attachment: 2 });
    expect(said(expire(solo, 'w', taken), 'refused')).toMatchObject([{ leaseLeftMs: LEASE_MS }]);
    expect(said(expire(solo, 'q', taken), 'refused')).toMatchObject([{ leaseLeftMs: LEASE_MS }]);
  });
});

describe('R11', () => {
  test("R11: on a new channel a voter's alive extends nothing until it has confirmed", () => {
    const home = new HomeAlone();
    for (const voter of ['x', 'y']) home.solo.meet(voter);
    home.solo.wait(1_000, ['x', 'y', 'z']);
    expect(home.validityMs).toBeLessThan(LEASE_MS - 1_000);
    home.confirm('x');
    expect(home.validityMs).toBeGreaterThan(LEASE_MS - 400);
  });

  test('R11: a session that no quorum confirms is lost when what was said before is over', () => {
    const home = new HomeAlone();
    for (const voter of ['x', 'y']) home.solo.meet(voter);
    home.solo.wait(LEASE_MS - 500, ['x', 'y', 'z']);
    expect(home.isLost).toBe(false);
    home.solo.wait(500, ['x', 'y', 'z']);
    expect(home.isLost).toBe(true);
  });

  test('R11: it asks each voter on its new channel to confirm, before anything else counts', () => {
    const home = new HomeAlone();
    const { session } = home;
    const asked = said(home.solo.meet('x'), 'confirm');
    expect(asked).toMatchObject([{ to: 'x', sessions: [{ session, attachment: 1 }] }]);
  });

  test('R11: so it is for a record whose being chosen is still awaited', () => {
    const solo = new Solo({ self: 'h', voters: ['x', 'y', 'z'] });
    solo.wait(400, ['x', 'y', 'z']);
    solo.command(1, { kind: 'lock', name: 'door' as LockName, waitMs: 50_000 });
    const { request = 0 } = solo.said('accept')[0] ?? {};
    solo.hear('x', { kind: 'accepted', request });
    const before = solo.now;
    solo.meet('x');
    solo.hear('y', { kind: 'accepted', request });
    solo.wait(2_000, ['x', 'y', 'z']);
    solo.command(2, { kind: 'ping' });
    solo.command(1, { kind: 'ping' });
    const pong = solo.responses.at(-1);
    const validUntil = solo.now + (pong?.kind === 'pong' ? pong.validityMs : 0);
    expect(validUntil).toBeLessThanOrEqual(before + 30_000);
  });
});

describe('R17', () => {
  test('R17: a voter that took a lone expired is answered by writing the record again', () => {
    const home = new HomeAlone();
    const { solo, session, record } = home;
    const over: SessionRecord = { ...record, state: 'expired' };
    solo.hear('x', { kind: 'moved', session, ballot: ballot(3, 'e'), record: over });
    solo.wait(1);
    home.promiseFrom({ x: over, y: record, z: record });
    expect(solo.said('accept').at(-1)).toMatchObject({ register: home.register, record });
    home.acceptFrom('x', 'y');
    solo.wait(1_000, ['x', 'y']);
    expect(home.validityMs).toBeGreaterThan(LEASE_MS - 500);
  });

  test('R17: an expired that may have been chosen is taken for chosen', () => {
    const home = new HomeAlone();
    const { solo, session, record } = home;
    const over: SessionRecord = { ...record, state: 'expired' };
    solo.hear('x', { kind: 'moved', session, ballot: ballot(3, 'e'), record: over });
    solo.wait(1);
    home.promiseFrom({ x: over, y: record });
    const before = solo.said('accept').length;
    solo.wait(500, ['x', 'y', 'z']);
    expect(solo.said('accept')).toHaveLength(before);
    expect(home.isLost).toBe(true);
  });
});

describe('R18', () => {
  test.each([
    ['its own', 60_000, LEASE_MS],
    ["the writer's", LEASE_MS, 60_000],
  ])('R18: a voter goes by the larger lease, be it %s', (_, own, read) => {
    const solo = voter();
    solo.hear('p', accept(0, 'p', sessionRecord('p', { timeoutMs: own })));
    solo.hear('p', { kind: 'heartbeat', sequence: 1 });
    expect(
      said(expire(solo, 'e', sessionRecord('p', { timeoutMs: read })), 'refused'),
    ).toMatchObject([{ leaseLeftMs: 60_000 }]);
  });
});

describe('R22', () => {
  test('R22: only a home itself, in its very life, need not be silent to be expired', () => {
    const solo = voter();
    solo.hear('p', accept(0, 'p', sessionRecord('p')));
    solo.hear('p', { kind: 'heartbeat', sequence: 1 });
    expect(said(expire(solo, 'p', sessionRecord('p')), 'accepted')).toHaveLength(1);
    const other = voter();
    other.hear('p', accept(0, 'p', sessionRecord('p')));
    other.hear('p', { kind: 'heartbeat', sequence: 1 });
    other.meet('p', 2);
    const reborn = { ...accept(9, 'p', sessionRecord('p', { state: 'expired' })) };
    const asked = other.hear('p', { ...reborn, ballot: ballot(9, 'p', 2) });
    expect(said(asked, 'refused')).toMatchObject([{ leaseLeftMs: LEASE_MS }]);
  });

  test('R22: a home that ends a session and reads that it lives elsewhere does nothing', () => {
    const home = new HomeAlone();
    home.solo.wait(1_000, ['x', 'y', 'z']);
    home.solo.command(1, { kind: 'set-timeout', timeoutMs: 0 });
    home.acceptFrom('x', 'y', 'z');
    home.solo.hear('x', {
      kind: 'superseded',
      register: home.register,
      promised: ballot(2, 'q'),
    });
    home.solo.step({ kind: 'disconnected', connection: 1 as never, broken: false });
    const before = home.solo.said('accept').length;
    const elsewhere = sessionRecord('q', { attachment: 2 });
    home.promiseFrom({ x: elsewhere, y: elsewhere, z: elsewhere });
    home.solo.wait(2_000, ['x', 'y', 'z']);
    const after = home.solo.said('accept').slice(before);
    expect(after.filter(({ register }) => register === home.register)).toEqual([]);
  });
});

describe('R25', () => {
  /** A keeper that finds a lock held by a session of a silent home. */
  function expirer(): Solo {
    const solo = new Solo({ self: 'e', voters: ['x', 'y', 'z'] });
    solo.wait(400, ['x', 'y', 'z']);
    solo.command(1, { kind: 'lock', name: 'door' as LockName, waitMs: 100_000 });
    const created = solo.said('accept')[0]?.request ?? 0;
    for (const from of ['x', 'y', 'z']) solo.hear(from, { kind: 'accepted', request: created });
    solo.wait(2_000, ['x', 'y', 'z']);
    const asked = solo.said('prepare').findLast(({ register }) => register === 'Ldoor');
    const held = lockRecord(1, holder(guest.session, 'p'));
    for (const from of ['x', 'y', 'z']) {
      const accepted = { ballot: ballot(1, 'p'), record: held };
      const request = asked?.request ?? 0;
      solo.hear(from, { kind: 'promise', request, accepted, floorToken: 0, leaseLeftMs: 0 });
    }
    return solo;
  }

  function promise(solo: Solo, from: string, leaseLeftMs: number): void {
    const asked = solo.said('prepare').findLast(({ register }) => register === guest.register);
    const accepted = { ballot: ballot(0, 'p'), record: sessionRecord('p') };
    const request = asked?.request ?? 0;
    solo.hear(from, { kind: 'promise', request, accepted, floorToken: 0, leaseLeftMs });
  }

  const written = (solo: Solo) =>
    solo.said('accept').filter(({ register }) => register === guest.register);

  test('R25: expired is sent to nobody while a quorum of promises shows a lease that runs', () => {
    const solo = expirer();
    promise(solo, 'x', 0);
    promise(solo, 'y', 700);
    expect(written(solo)).toEqual([]);
    solo.wait(702, ['x', 'y', 'z']);
    promise(solo, 'x', 0);
    promise(solo, 'y', 0);
    expect(written(solo)[0]).toMatchObject({ record: { home: 'p', state: 'expired' } });
  });
});
