import { describe, expect, test } from 'vitest';
import type { Accept } from '../../src/core/message.ts';
import { sessionRegister } from '../../src/core/names.ts';
import type { SessionId, SessionRecord } from '../../src/core/types.ts';
import { Cluster } from './cluster.ts';

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
