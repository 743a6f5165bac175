import { describe, expect, test } from 'vitest';
import type { Accept } from '../../src/core/message.ts';
import { sessionRegister } from '../../src/core/names.ts';
import type { SessionId, SessionRecord } from '../../src/core/types.ts';
import { Cluster } from './cluster.ts';
import { ballot, holder, lockNamed, lockRecord, Solo } from './solo.ts';

const settings = { forgetMs: 1_000 };

/** Locks and frees the lock so often, from any peer. */
function use(cluster: Cluster, times: number): void {
  for (let round = 0; round < times; round++) {
    const client = cluster.client(round % 3);
    client.setTimeout(0);
    client.lock('door', 5_000);
    client.unlock('door');
    client.disconnect();
  }
}

describe('an idle free lock', () => {
  test('is forgotten by every voter, and its tokens go on', () => {
    const cluster = new Cluster({ settings });
    use(cluster, 4);
    cluster.run(15_000);
    for (const { registers, floor } of cluster.members) {
      expect(registers.size).toBe(0);
      expect(floor.token).toBe(4);
    }
    for (const index of [0, 1, 2]) {
      cluster.restart(index);
      cluster.run(50);
    }
    expect(cluster.client(1).lock('door', 5_000)).toMatchObject({ token: 5 });
  });

  test.each([[[0]], [[1]], [[2]], [[0, 1]], [[0, 2]], [[1, 2]]])(
    'gives rising tokens when only %j forgot it, whichever quorum is asked',
    (forgetful) => {
      for (const absent of [0, 1, 2]) {
        const cluster = new Cluster({ settings });
        use(cluster, 3);
        cluster.lose = ({ to, message }) => message.kind === 'forget' && !forgetful.includes(to);
        const forgotten = () =>
          forgetful.every((index) => cluster.storedLock(index, 'door') === null);
        expect(cluster.runUntil(forgotten, 20_000)).toBe(true);
        const mixed = [0, 1, 2].map((index) => cluster.storedLock(index, 'door') === null);
        expect(mixed).toEqual([0, 1, 2].map((index) => forgetful.includes(index)));
        cluster.isolate(absent);
        const client = cluster.client((absent + 1) % 3);
        expect(client.lock('door', 5_000)).toMatchObject({ token: 4 });
        client.unlock('door');
        cluster.rejoin(absent);
        cluster.isolate((absent + 2) % 3);
        expect(cluster.client(absent).lock('door', 5_000)).toMatchObject({ token: 5 });
      }
    },
  );

  test('that one voter did not forget is forgotten there later', () => {
    const cluster = new Cluster({ settings });
    use(cluster, 3);
    cluster.lose = ({ to, message }) => message.kind === 'forget' && to === 2;
    cluster.run(10_000);
    cluster.lose = () => false;
    cluster.run(20_000);
    for (const { registers } of cluster.members) expect([...registers.keys()]).toEqual([]);
  });

  test('that was only ever asked for is forgotten too', () => {
    const cluster = new Cluster({ settings });
    const client = cluster.client(0);
    client.setTimeout(3_000);
    client.wait('door', 60_000);
    const asked = () =>
      cluster.said('prepare').some(({ message }) => message.register.startsWith('L'));
    expect(cluster.runUntil(asked, 1_000)).toBe(true);
    cluster.run(1);
    cluster.restart(0);
    cluster.run(30_000);
    for (const { registers } of cluster.members) expect([...registers.keys()]).toEqual([]);
  });
});

describe('an expired session', () => {
  test('is forgotten though one voter missed its end, and hears the home that it knows of', () => {
    const cluster = new Cluster({ settings });
    const first = cluster.client(0);
    first.setTimeout(3_000);
    first.lock('door');
    const session = first.session();
    first.disconnect();
    cluster.lose = ({ from, to, message }) => {
      return from === 1 && to === 2 && message.kind === 'accept' && message.register[0] === 'S';
    };
    const second = cluster.client(1);
    expect(second.resume(session)).toMatchObject({ kind: 'resumed' });
    second.disconnect();
    cluster.run(5_000);
    cluster.lose = () => false;
    cluster.run(20_000);
    for (const { registers } of cluster.members) expect([...registers.keys()]).toEqual([]);
  });
});

describe('what a dead home left', () => {
  test('is expired, freed and forgotten, though nobody asks for it', () => {
    const cluster = new Cluster({ settings });
    const client = cluster.client(0);
    client.setTimeout(3_000);
    client.lock('door');
    client.lock('gate');
    cluster.crash(0);
    cluster.run(15_000);
    expect(cluster.storedLock(1, 'door')).toMatchObject({ holder: null });
    expect(cluster.storedLock(2, 'gate')).toMatchObject({ holder: null });
    cluster.start(0);
    cluster.run(30_000);
    for (const { registers } of cluster.members) expect([...registers.keys()]).toEqual([]);
    expect(cluster.client(0).lock('door')).toMatchObject({ token: 2 });
  });

  test('stays while its home lives, however idle', () => {
    const cluster = new Cluster({ settings });
    const client = cluster.client(0);
    client.lock('door');
    cluster.run(30_000);
    expect(cluster.storedLock(1, 'door')).toMatchObject({ token: 1, holder: {} });
    expect(client.lock('door')).toMatchObject({ token: 1 });
  });

  test('of a session that is over is freed, though the home that claimed it lives', () => {
    const cluster = new Cluster({ settings });
    const [from, home] = [cluster.id(0), cluster.id(1)];
    const session = 'peer-2-1-00000000000000000000000000000000' as SessionId;
    const over: SessionRecord = {
      ...{ kind: 'session', home, incarnation: 1, attachment: 1 },
      ...{ timeoutMs: 1_000, state: 'expired' },
    };
    const stamp = { counter: 50, home, incarnation: 1 };
    const door = lockRecord(7, { session, attachment: 1, stamp });
    for (const voter of [0, 1, 2]) {
      for (const [register, record] of [
        [sessionRegister(session), over],
        [lockNamed('door').register, door],
      ] as const) {
        const message: Accept = {
          ...{ kind: 'accept', request: 1, register, record, heir: from, heirIncarnation: 1 },
          ...{ ballot: { epoch: 1, round: 5, peer: from, incarnation: 1 }, chosen: true },
        };
        cluster.step(voter, { kind: 'message', from, epoch: 1, counter: 1, message });
      }
    }
    cluster.run(30_000);
    for (const { registers } of cluster.members) expect([...registers.keys()]).toEqual([]);
    expect(cluster.client(0).lock('door')).toMatchObject({ token: 8 });
  });

  test('is left alone without a quorum', () => {
    const cluster = new Cluster({ settings });
    cluster.client(0).lock('door');
    cluster.crash(0);
    cluster.crash(1);
    const before = cluster.said('prepare').length;
    cluster.run(5_000);
    expect(cluster.said('prepare')).toHaveLength(before);
  });
});

describe('a session that voters hold unlike one another', () => {
  const session = 'peer-5-1-00000000000000000000000000000000' as SessionId;
  const register = sessionRegister(session);

  /** Whether it is live, its home (a peer's number), attachment, and the ballot's round. */
  type Held = readonly [
    state: SessionRecord['state'],
    home: number,
    attachment: number,
    at: number,
  ];
  interface Case {
    /** By voter. */
    readonly held: readonly (Held | null)[];
    /** Who may write next, a peer's number. */
    readonly owner: number;
    readonly incarnation?: number;
  }

  function plant(cluster: Cluster, to: number, held: Held, { owner, incarnation = 1 }: Case): void {
    const [state, home, attachment, round] = held;
    const from = cluster.id(owner - 1);
    const record: SessionRecord = {
      ...{ kind: 'session', home: cluster.id(home - 1), incarnation, attachment },
      ...{ timeoutMs: 1_000, state },
    };
    const message: Accept = {
      ...{ kind: 'accept', request: 1, register, record, heir: from, heirIncarnation: 1 },
      ballot: { epoch: 1, round, peer: from, incarnation: 1 },
      chosen: state === 'expired',
    };
    cluster.step(to, { kind: 'message', from, epoch: 1, counter: 1, message });
  }

  const cases: Record<string, Case> = {
    'over at a home that lives, live at one that missed it': {
      held: [
        ['live', 2, 1, 0],
        ['expired', 3, 3, 9],
        ['expired', 3, 3, 9],
      ],
      owner: 1,
    },
    'over, but for one that missed it, and whose home does not know it': {
      held: [
        ['expired', 3, 3, 9],
        ['live', 1, 1, 1],
        ['expired', 3, 3, 9],
      ],
      owner: 1,
    },
    'live at a home that is gone, over in an older ballot': {
      held: [
        ['live', 2, 5, 9],
        ['expired', 2, 5, 3],
        ['live', 2, 5, 9],
      ],
      owner: 2,
      incarnation: 7,
    },
    'live at a home that does not know it, forgotten by one': {
      held: [['live', 2, 5, 9], null, ['live', 2, 5, 9]],
      owner: 2,
    },
    'live at one alone, whose home does not know it': {
      held: [null, null, ['live', 4, 1, 1]],
      owner: 3,
    },
    'over at one alone, live by the word of a home that is heard': {
      held: [
        ['live', 5, 1, 1],
        ['live', 5, 3, 5],
        ['expired', 4, 2, 7],
      ],
      owner: 3,
    },
  };

  test.each(Object.entries(cases))('is settled: %s', (_how, settled) => {
    const cluster = new Cluster({ peers: 5, voters: 3, settings });
    for (const [voter, held] of settled.held.entries()) {
      if (held !== null) plant(cluster, voter, held, settled);
    }
    cluster.run(25_000);
    for (const { registers } of cluster.members) expect([...registers.keys()]).toEqual([]);
  });
});

describe('a lock that is kept in vain', () => {
  /** How many locks that peer keeps in memory. */
  function kept(cluster: Cluster, index: number): number {
    const client = cluster.client(index);
    const response = client.ask({ kind: 'stats' });
    client.disconnect();
    return response.kind === 'stats' ? response.statistics.kept : -1;
  }

  test('is let go by a peer without a vote that did not hear who wrote it since', () => {
    const cluster = new Cluster({ peers: 4, voters: 3, settings });
    const client = cluster.client(3);
    client.setTimeout(0);
    client.lock('door');
    client.unlock('door');
    client.disconnect();
    expect(kept(cluster, 3)).toBe(1);
    cluster.isolate(3);
    cluster.client(1).lock('door', 5_000);
    cluster.rejoin(3);
    cluster.run(5_000);
    expect(kept(cluster, 3)).toBe(0);
  });

  test('stays with a peer without a vote as long as its client holds it', () => {
    const cluster = new Cluster({ peers: 4, voters: 3, settings });
    cluster.client(3).lock('door');
    cluster.run(20_000);
    expect(kept(cluster, 3)).toBe(1);
  });

  test('is let go by a voter that promised it to another since', () => {
    const door = lockNamed('door');
    const solo = new Solo({ settings });
    const { register } = door;
    const record = lockRecord(3, holder('s', 'b'));
    const inherit = { kind: 'inherit', register, ballot: ballot(5, 'b'), record } as const;
    for (const voter of ['b', 'c']) solo.hear(voter, inherit);
    const kept = () => {
      solo.command(1, { kind: 'stats' });
      const response = solo.responses.at(-1);
      return response?.kind === 'stats' ? response.statistics.kept : -1;
    };
    expect(kept()).toBe(1);
    solo.hear('b', { kind: 'prepare', request: 1, register, ballot: ballot(9, 'b') });
    solo.wait(500);
    expect(kept()).toBe(0);
  });
});

describe('a live session that nobody wrote for long', () => {
  test('is ended by its home, if that does not know it: its first record came too late', () => {
    const cluster = new Cluster({ peers: 4, voters: 3, settings });
    const id = 'peer-4-1-00000000000000000000000000000000' as SessionId;
    const [home, register] = [cluster.id(3), sessionRegister(id)];
    const ballot = { epoch: 1, round: 0, peer: home, incarnation: 1 };
    const record: SessionRecord = {
      kind: 'session',
      home,
      incarnation: 1,
      attachment: 1,
      timeoutMs: 1_000,
      state: 'live',
    };
    const heir = { heir: home, heirIncarnation: 1, chosen: false };
    const message: Accept = { kind: 'accept', request: 1, register, ballot, record, ...heir };
    cluster.step(1, { kind: 'message', from: home, epoch: 1, counter: 1, message });
    expect(cluster.member(1).record(register)).toMatchObject({ state: 'live' });
    cluster.run(15_000);
    for (const { registers } of cluster.members) expect(registers.size).toBe(0);
  });

  test('stays, if its home knows it', () => {
    const cluster = new Cluster({ settings });
    const client = cluster.client(1);
    client.lock('door');
    cluster.run(20_000);
    expect(client.unlock('door')).toMatchObject({ kind: 'released' });
  });
});
