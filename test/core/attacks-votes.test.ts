/**
 * The attacks on voters and on what they forget: R1, R3, R4, R6, R7 and R8 of the list in the
 * issue. Those on changes of the voters are in `attacks-epochs.test.ts`.
 */
import { describe, expect, test } from 'vitest';
import type { Accept } from '../../src/core/message.ts';
import type { Ballot, PeerId, SessionId } from '../../src/core/types.ts';
import { NOBODY } from '../../src/core/types.ts';
import { Cluster } from './cluster.ts';
import {
  ballot,
  lockNamed,
  lockRecord,
  persisted,
  Solo,
  said,
  sessionNamed,
  sessionRecord,
} from './solo.ts';

const door = lockNamed('door');

function accept(at: Ballot, changes: Partial<Accept> = {}): Accept {
  return {
    kind: 'accept',
    request: 1,
    register: door.register,
    ballot: at,
    record: lockRecord(1),
    heir: at.peer,
    heirIncarnation: at.incarnation,
    chosen: false,
    ...changes,
  };
}

describe('R1', () => {
  test('R1: an accept that is sent again is answered as before, though its ballot is used up', () => {
    const solo = new Solo();
    solo.hear('b', accept(ballot(4, 'b')));
    const again = solo.hear('b', accept(ballot(4, 'b'), { request: 2 }));
    expect(said(again, 'accepted')).toMatchObject([{ request: 2 }]);
    expect(said(again, 'refused')).toEqual([]);
    expect(persisted(again)).toEqual([]);
  });

  test('R1: a write whose answers were lost is chosen once its channels stand again', () => {
    const cluster = new Cluster();
    const a = cluster.client(0);
    a.lock('door');
    cluster.lose = ({ to, message }) => to === 0 && message.kind === 'accepted';
    a.send({ kind: 'unlock', name: door.lock });
    cluster.run(20);
    cluster.lose = () => false;
    for (const other of [1, 2]) cluster.breakChannel(0, other);
    cluster.run(20);
    expect(a.last).toEqual({ kind: 'response', response: { kind: 'released' } });
  });
});

describe('R3', () => {
  test("R3: the promise after an accept names the heir's incarnation", () => {
    const solo = new Solo();
    solo.meet('c', 3);
    const changes = { heir: 'c' as PeerId, heirIncarnation: 3 };
    expect(persisted(solo.hear('b', accept(ballot(4, 'b'), changes)))).toMatchObject([
      { state: { promised: ballot(5, 'c', 3) } },
    ]);
  });

  test("R3: a peer cannot use its former life's ballot", () => {
    const solo = new Solo();
    solo.hear('b', accept(ballot(4, 'b'), { heir: 'c' as PeerId }));
    solo.meet('c', 2);
    expect(solo.hear('c', accept(ballot(5, 'c', 1)))).toEqual([]);
  });

  test('R3: an heir that began another life asks before it writes', () => {
    const cluster = new Cluster();
    const [a, b] = [cluster.client(0), cluster.client(1)];
    a.lock('door');
    b.wait('door', 10_000);
    cluster.run(20);
    cluster.hold(0, 1);
    a.unlock('door');
    cluster.restart(1);
    cluster.run(5_000);
    const before = cluster.sent.length;
    expect(cluster.client(1).lock('door', 60_000)).toMatchObject({ kind: 'acquired' });
    const first = cluster.sent
      .slice(before)
      .find(
        ({ from, message: m }) =>
          from === 1 &&
          (m.kind === 'prepare' || m.kind === 'accept') &&
          m.register === door.register,
      );
    expect(first?.message.kind).not.toBe('accept');
  });
});

describe('R4', () => {
  const { register } = sessionNamed('b-1-secret');
  const record = sessionRecord('b');

  test('R4: a first record is taken unprepared only of the life that made the id', () => {
    const taken = new Solo().hear('b', accept(ballot(0, 'b'), { register, record }));
    expect(said(taken, 'accepted')).toHaveLength(1);
    const reborn = new Solo();
    reborn.meet('b', 2);
    const second = { register, record: { ...record, incarnation: 2 } };
    expect(said(reborn.hear('b', accept(ballot(0, 'b', 2), second)), 'accepted')).toEqual([]);
  });

  test('R4: another peer than the maker cannot write a first record unprepared', () => {
    const solo = new Solo();
    const foreign = { register, record: sessionRecord('c') };
    expect(said(solo.hear('c', accept(ballot(0, 'c'), foreign)), 'refused')).toHaveLength(1);
  });

  test('R4: a first record is not taken for an id that is known', () => {
    const solo = new Solo();
    const ask = { kind: 'prepare', request: 1, register, ballot: ballot(1, 'c') } as const;
    solo.hear('c', ask);
    expect(
      said(solo.hear('b', accept(ballot(0, 'b'), { register, record })), 'refused'),
    ).toMatchObject([{ promised: ballot(1, 'c') }]);
  });

  test('R4: a lock is never written unprepared, not even for the first time', () => {
    const solo = new Solo();
    expect(said(solo.hear('b', accept(ballot(0, 'b'))), 'refused')).toHaveLength(1);
    const cluster = new Cluster();
    cluster.client(0).lock('door');
    const written = cluster.said('accept').filter(({ message: m }) => m.register === door.register);
    const asked = cluster.said('prepare').map(({ message: m }) => JSON.stringify(m.ballot));
    for (const { message } of written) expect(asked).toContain(JSON.stringify(message.ballot));
  });

  test('R4: session ids do not repeat from life to life', () => {
    const cluster = new Cluster();
    const before = cluster.client(0).session();
    cluster.restart(0);
    cluster.run(20);
    const after: SessionId = cluster.client(0).session();
    expect(before.startsWith('peer-1-1-')).toBe(true);
    expect(after.startsWith('peer-1-2-')).toBe(true);
  });
});

describe('R6', () => {
  test('R6: a lock that one voter never heard of is not forgotten by the others', () => {
    const cluster = new Cluster({ settings: { forgetMs: 1_000 } });
    cluster.isolate(2);
    const a = cluster.client(0);
    for (let round = 0; round < 3; round++) {
      a.lock('door');
      a.unlock('door');
    }
    cluster.run(10_000);
    expect(cluster.storedLock(0, 'door')).toEqual(lockRecord(3));
    expect(cluster.storedLock(1, 'door')).toEqual(lockRecord(3));
    cluster.rejoin(2);
    cluster.isolate(0);
    expect(cluster.client(2).lock('door', 30_000)).toMatchObject({ token: 4 });
  });
});

describe('R7', () => {
  test.each(['a', 'c', 'zzzz'])('R7: no ballot of peer %s breaks a forgotten promise', (peer) => {
    const solo = new Solo({ self: 'v', voters: ['v', 'b', peer] });
    solo.hear('b', accept(ballot(8, 'b')));
    solo.hear('b', { kind: 'forget', register: door.register, ballot: ballot(8, 'b') });
    const { register } = door;
    const asked = solo.hear(peer, {
      kind: 'prepare',
      request: 1,
      register,
      ballot: ballot(9, peer),
    });
    expect(said(asked, 'refused')).toMatchObject([{ promised: { round: 9, peer: NOBODY } }]);
    expect(said(solo.hear(peer, accept(ballot(9, peer))), 'refused')).toHaveLength(1);
  });
});

describe('R8', () => {
  test('R8: nothing is left of clients that came, locked and went', () => {
    const cluster = new Cluster({ settings: { forgetMs: 1_000 } });
    for (let round = 0; round < 12; round++) {
      const client = cluster.client(round % 3);
      client.setTimeout(0);
      client.lock(`door-${round}`);
      client.disconnect();
    }
    cluster.run(20_000);
    for (const { registers } of cluster.members) expect(registers.size).toBe(0);
  });

  test('R8: nothing is left of ids that were only asked for', () => {
    const cluster = new Cluster({ settings: { forgetMs: 1_000 } });
    for (let round = 0; round < 5; round++) {
      cluster.client(round % 3).resume(`peer-1-1-${round}` as SessionId);
    }
    cluster.run(20_000);
    for (const { registers } of cluster.members) expect([...registers.keys()]).toEqual([]);
  });
});
