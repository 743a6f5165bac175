import { beforeEach, describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/core/expiry.ts';
import { sessionRegister } from '../../src/core/names.ts';
import type { PeerId, SessionRecord } from '../../src/core/types.ts';
import { Parts, VOTERS } from './parts.ts';
import { ballot, type Said, said, sessionNamed, sessionRecord } from './solo.ts';

const { session } = sessionNamed('p-1-secret');
const [x, y, z] = ['x', 'y', 'z'] as PeerId[] as [PeerId, PeerId, PeerId];

let parts: Parts;
let outcomes: Outcome[];
beforeEach(() => {
  parts = new Parts();
  outcomes = [];
});

const expire = () => parts.expiry.expire(session, (outcome) => void outcomes.push(outcome));
const asked = () => said(parts.take(), 'prepare').at(-1);

function promise(
  to: Said<'prepare'> | undefined,
  from: PeerId,
  record: SessionRecord | null,
  leaseLeftMs = 0,
  round = 1,
): void {
  const { request = 0 } = to ?? {};
  const accepted = record === null ? null : { ballot: ballot(round, 'p'), record };
  const answer = { kind: 'promise', request, accepted, floorToken: 0, leaseLeftMs } as const;
  parts.writer.onPromise(from, answer);
}

describe('an attempt to expire a session', () => {
  test('writes expired when no lease is left, and tells all that asked, once', () => {
    expire();
    expire();
    const prepared = asked();
    promise(prepared, x, sessionRecord('p'));
    promise(prepared, y, sessionRecord('p'));
    const [sent] = said(parts.take(), 'accept');
    expect(sent).toMatchObject({ record: sessionRecord('p', { state: 'expired' }) });
    expect(parts.expiry.size).toBe(1);
    for (const from of [x, y]) {
      parts.writer.onAccepted(from, { kind: 'accepted', request: sent?.request ?? 0 });
    }
    expect(outcomes).toEqual(['expired', 'expired']);
    expect(parts.expiry.size).toBe(0);
  });

  test('waits for the lease that is left, and reads again', () => {
    expire();
    const first = asked();
    promise(first, x, sessionRecord('p'), 0);
    promise(first, y, sessionRecord('p'), 300);
    expect(said(parts.take(), 'accept')).toEqual([]);
    parts.wait(300);
    expect(asked()).toBeUndefined();
    parts.wait(1);
    expect(asked()?.ballot.round).toBeGreaterThan(first?.ballot.round ?? 0);
  });

  test('asks a home that gave the session up, and is heard, when voters wait for it still', () => {
    parts.links.heard(x);
    parts.expiry.expire(session, (outcome) => void outcomes.push(outcome), x);
    const prepared = asked();
    const record = sessionRecord('x');
    promise(prepared, x, record, 5_000);
    promise(prepared, y, record, 5_000);
    expect(said(parts.take(), 'doubt')).toMatchObject([{ to: x, session }]);
    expect(outcomes).toEqual([]);
  });

  test('waits no longer than until it asks again for what another writes meanwhile', () => {
    expire();
    const prepared = asked();
    for (const from of VOTERS) promise(prepared, from, sessionRecord('p'), 60_000);
    const promised = ballot(1_000, 'q');
    const register = sessionRegister(session);
    for (const _ of VOTERS) parts.expiry.onSuperseded({ kind: 'superseded', register, promised });
    parts.wait(parts.context.settings.reaskMs);
    expect(said(parts.take(), 'prepare')).toHaveLength(VOTERS.length);
  });

  test('reads no more once it is over', () => {
    expire();
    const prepared = asked();
    for (const from of VOTERS) promise(prepared, from, sessionRecord('p'), 60_000);
    const promised = ballot(1_000, 'q');
    parts.expiry.onSuperseded({ kind: 'superseded', register: sessionRegister(session), promised });
    parts.wait(parts.context.settings.reaskMs);
    const again = asked();
    parts.links.opened('q' as PeerId, 1);
    for (const from of [x, y]) promise(again, from, sessionRecord('q'), 60_000, 1_000);
    expect(outcomes).toEqual(['q']);
    parts.wait(60_001);
    expect(asked()).toBeUndefined();
    expect(outcomes).toEqual(['q']);
  });

  test.each([
    ['its home is heard over a new channel', () => parts.expiry.channelOpened()],
    ['somebody asks again when its home is heard', expire],
  ])('waits no longer than until %s, then reads anew', (_what, happen) => {
    expire();
    const prepared = asked();
    for (const from of VOTERS) promise(prepared, from, sessionRecord('p'), 60_000);
    happen();
    parts.wait(0);
    expect(asked()).toBeUndefined();
    parts.links.opened('p' as PeerId, 1);
    happen();
    parts.wait(0);
    expect(outcomes).toEqual([]);
    expect(asked()).toBeDefined();
  });

  test('ends it once enough others show that no lease is left, though one voter always will', () => {
    expire();
    const prepared = asked();
    promise(prepared, x, sessionRecord('p'), 300);
    promise(prepared, y, sessionRecord('p'), 0);
    expect(said(parts.take(), 'accept')).toEqual([]);
    parts.wait(1);
    promise(prepared, z, sessionRecord('p'), 0);
    expect(said(parts.take(), 'accept')[0]).toMatchObject({ record: { state: 'expired' } });
    parts.wait(400);
    expect(asked()).toBeUndefined();
  });

  test('waits as long when a voter refuses for its lease', () => {
    expire();
    const prepared = asked();
    promise(prepared, x, sessionRecord('p'));
    promise(prepared, y, sessionRecord('p'));
    const { request = 0 } = said(parts.take(), 'accept')[0] ?? {};
    const promised = ballot(9, 'q');
    parts.writer.onRefused(z, { kind: 'refused', request, promised, leaseLeftMs: 700 });
    parts.wait(700);
    expect(asked()).toBeUndefined();
    parts.wait(1);
    expect(asked()).toBeDefined();
  });

  test('asks the home for which a voter refuses whether it still has the session', () => {
    parts.links.opened('p' as PeerId, 1);
    expire();
    const prepared = asked();
    promise(prepared, x, sessionRecord('q', { state: 'expired' }), 0, 2);
    promise(prepared, y, sessionRecord('p'), 300);
    const { request = 0 } = said(parts.take(), 'accept')[0] ?? {};
    const promised = prepared?.ballot ?? ballot(1, 'h');
    parts.writer.onRefused(y, { kind: 'refused', request, promised, leaseLeftMs: 300 });
    expect(said(parts.take(), 'doubt')).toMatchObject([{ to: 'p', session }]);
  });

  test('finds it alive at a home that is heard', () => {
    parts.links.opened('p' as PeerId, 1);
    expire();
    const prepared = asked();
    promise(prepared, x, sessionRecord('p'));
    promise(prepared, y, sessionRecord('p'));
    expect(outcomes).toEqual(['p']);
    expect(said(parts.take(), 'accept')).toEqual([]);
  });

  test('is not held off by another life of its home', () => {
    parts.links.opened('p' as PeerId, 2);
    expire();
    const prepared = asked();
    promise(prepared, x, sessionRecord('p'));
    promise(prepared, y, sessionRecord('p'));
    expect(said(parts.take(), 'accept')).toHaveLength(3);
  });

  test('of a session of its own peer goes by whether that still has it', () => {
    for (const [has, expected] of [
      [true, ['h']],
      [false, []],
    ] as const) {
      outcomes = [];
      parts = new Parts();
      if (has) parts.sessions.add(session);
      expire();
      const prepared = asked();
      for (const from of [x, y]) promise(prepared, from, sessionRecord('h'));
      expect(outcomes).toEqual(expected);
    }
  });

  test('takes a session that a quorum does not know for expired', () => {
    expire();
    const prepared = asked();
    promise(prepared, x, null);
    promise(prepared, y, null);
    expect(outcomes).toEqual(['expired']);
  });

  test.each([
    ['a live record again, where another still names a former home', sessionRecord('q'), 'live'],
    ['no live record again that others may have forgotten', null, 'expired'],
  ] as const)('writes %s', (_what, other, state) => {
    expire();
    const prepared = asked();
    promise(prepared, x, sessionRecord('p', { attachment: 2 }), 0, 2);
    promise(prepared, y, other);
    const record = sessionRecord('p', { attachment: 2, state });
    // More promises may come that prove it unchosen.
    if (state === 'live') parts.wait(400);
    expect(said(parts.take(), 'accept')).toMatchObject([{ record }, { record }, { record }]);
  });

  test('writes what a move was to follow that more promises prove unchosen', () => {
    expire();
    const prepared = asked();
    const before = sessionRecord('q');
    promise(prepared, x, sessionRecord('p', { attachment: 2 }), 0, 2);
    promise(prepared, y, before);
    expect(said(parts.take(), 'accept')).toEqual([]);
    promise(prepared, z, before);
    expect(said(parts.take(), 'accept').map(({ record }) => record)).toEqual(
      VOTERS.map(() => before),
    );
  });

  test('makes a lone expired certain before it goes by it', () => {
    expire();
    const over = sessionRecord('p', { state: 'expired' });
    const prepared = asked();
    promise(prepared, x, over, 0, 5);
    promise(prepared, y, sessionRecord('p'), 0, 1);
    expect(outcomes).toEqual([]);
    const [sent] = said(parts.take(), 'accept');
    expect(sent).toMatchObject({ record: over });
    expire();
    for (const from of [y, z]) {
      parts.writer.onAccepted(from, { kind: 'accepted', request: sent?.request ?? 0 });
    }
    expect(outcomes).toEqual(['expired', 'expired']);
  });

  test('is not stopped by a voter that refuses for a lease, when a quorum accepts', () => {
    expire();
    const over = sessionRecord('p', { state: 'expired' });
    const prepared = asked();
    promise(prepared, x, sessionRecord('p'), 3_000);
    promise(prepared, y, over, 0, 5);
    const { request = 0 } = said(parts.take(), 'accept')[0] ?? {};
    const promised = ballot(9, 'h');
    parts.writer.onRefused(x, { kind: 'refused', request, promised, leaseLeftMs: 3_000 });
    for (const from of [y, z]) parts.writer.onAccepted(from, { kind: 'accepted', request });
    expect(outcomes).toEqual(['expired']);
    parts.wait(10_000);
    expect(asked()).toBeUndefined();
  });

  test('goes by a certain expired at once', () => {
    expire();
    const prepared = asked();
    for (const from of [x, y]) promise(prepared, from, sessionRecord('p', { state: 'expired' }));
    expect(outcomes).toEqual(['expired']);
  });

  test('that was outrun pauses and reads again, and is given up at last', () => {
    expire();
    let reads = 0;
    for (let prepared = asked(); prepared !== undefined; prepared = asked()) {
      reads += 1;
      const { request } = prepared;
      const promised = ballot(prepared.ballot.round + 5, reads % 2 === 0 ? 'q' : 'h');
      parts.writer.onRefused(x, { kind: 'refused', request, promised, leaseLeftMs: 0 });
      parts.wait(1_000);
    }
    expect(reads).toBeGreaterThan(10);
    expect(parts.expiry.size).toBe(0);
    expect(outcomes).toEqual([]);
  });

  test('that nobody answers reads again, for a bounded time', () => {
    expire();
    parts.wait(60_000);
    expect(said(parts.take(), 'prepare').length).toBeGreaterThan(3);
    expect(parts.expiry.size).toBe(0);
  });
});
