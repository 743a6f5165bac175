import { describe, expect, test } from 'vitest';
import { firstConfigurationOf } from '../../src/core/configuration.ts';
import type { Accept } from '../../src/core/message.ts';
import { sessionOf, sessionRegister } from '../../src/core/names.ts';
import type {
  ClusterId,
  ConnectionId,
  LockName,
  PeerId,
  RegisterName,
  SessionId,
  SessionRecord,
  Stamp,
} from '../../src/core/types.ts';
import { Cluster } from './cluster.ts';
import { HomeAlone, LEASE_MS } from './home-alone.ts';
import { ballot, Solo, sessionRecord } from './solo.ts';
import type { TestClient } from './test-client.ts';

const UNKNOWN = { kind: 'refused', reason: 'unknown-session' };
const ATTACHED = { kind: 'refused', reason: 'attached' };

/** A session of that peer, left by its client, with so many locks. */
function left(cluster: Cluster, index: number, locks: number): SessionId {
  const client = cluster.client(index);
  const session = client.session();
  for (let lock = 0; lock < locks; lock++) client.lock(`door-${lock}`);
  client.disconnect();
  return session;
}

/** Waits until it has heard something more. */
function hears(cluster: Cluster, client: TestClient): unknown {
  const before = client.heard.length;
  cluster.runUntil(() => client.heard.length > before, 10_000);
  return client.last;
}

describe('a voter whose channel to the taker broke', () => {
  /** n2 takes a session over while n1 is dead; what n3 hears or says of that is lost at first. */
  function taken(lost: 'accept' | 'accepted') {
    const cluster = new Cluster();
    const session = left(cluster, 0, 1);
    cluster.crash(0);
    cluster.lose = ({ from, to, message }) => message.kind === lost && [from, to].includes(2);
    const client = cluster.client(1);
    client.send({ kind: 'resume', session });
    cluster.run(20);
    cluster.lose = () => false;
    cluster.breakChannel(1, 2);
    expect(hears(cluster, client)).toMatchObject({ response: { kind: 'resumed', locks: 1 } });
    cluster.run(5_000);
    return client;
  }

  test.each(['accept', 'accepted'] as const)('counts once it has said %s anew', (lost) => {
    expect(taken(lost).unlock('door-0')).toMatchObject({ kind: 'released' });
  });
});

describe('a session without a record', () => {
  test('is handed over by its maker, with its time-out', () => {
    const cluster = new Cluster();
    const a = cluster.client(0);
    a.setTimeout(7_000);
    const session = a.session();
    a.disconnect();
    const b = cluster.client(1);
    expect(b.resume(session)).toEqual({ kind: 'resumed', locks: 0 });
    expect(b.lock('door')).toMatchObject({ token: 1 });
    expect(b.validityMs()).toBeLessThanOrEqual(7_000);
    expect(cluster.client(2).resume(session)).toEqual(ATTACHED);
    expect(cluster.client(0).resume(session)).toEqual(ATTACHED);
  });

  test('is none that was expired and forgotten while its home slept', () => {
    const cluster = new Cluster({ peers: 4, voters: 3, settings: { forgetMs: 1_000 } });
    const session = left(cluster, 3, 1);
    const forgotten = () => cluster.members.every(({ registers }) => registers.size === 0);
    cluster.pause(3);
    expect(cluster.runUntil(forgotten, 60_000)).toBe(true);
    // Its home, back again, is asked before it has heard what became of the session.
    cluster.lose = ({ from, message }) => from === 3 && message.kind === 'prepare';
    cluster.resume(3);
    cluster.run(500);
    expect(cluster.client(1).resume(session)).toEqual(UNKNOWN);
  });

  test('is refused while it is attached, also elsewhere', () => {
    const cluster = new Cluster();
    const session = cluster.client(0).session();
    expect(cluster.client(0).resume(session)).toEqual(ATTACHED);
    expect(cluster.client(1).resume(session)).toEqual(ATTACHED);
  });

  test('comes back at its maker without asking anybody', () => {
    const cluster = new Cluster();
    const session = left(cluster, 0, 0);
    cluster.isolate(0);
    expect(cluster.client(0).resume(session)).toEqual({ kind: 'resumed', locks: 0 });
  });

  test('is unknown once its maker has ended it, and when its maker began another life', () => {
    const cluster = new Cluster();
    const a = cluster.client(0);
    a.setTimeout(0);
    const session = a.session();
    a.disconnect();
    cluster.run(10);
    expect(cluster.client(1).resume(session)).toEqual(UNKNOWN);
    expect(cluster.client(0).resume(session)).toEqual(UNKNOWN);
    const second = left(cluster, 0, 0);
    cluster.restart(0);
    cluster.run(50);
    expect(cluster.client(1).resume(second)).toEqual(UNKNOWN);
  });

  test('is neither known nor unknown while its maker is silent', () => {
    const cluster = new Cluster();
    const session = left(cluster, 0, 0);
    cluster.hold(0, 1);
    expect(cluster.client(1).resume(session)).toMatchObject({ kind: 'indeterminate' });
  });

  test('of a maker that nobody has met is unknown', () => {
    const cluster = new Cluster();
    expect(cluster.client(1).resume('stranger-1-00' as SessionId)).toEqual(UNKNOWN);
    expect(cluster.client(1).resume('peer-2-1-00' as SessionId)).toEqual(UNKNOWN);
  });
});

describe('a first record that came late', () => {
  const session = 'peer-4-1-00000000000000000000000000000000' as SessionId;

  /** Only the third voter knows the session; the fourth peer made it, and has no vote. */
  function late(): Cluster {
    const cluster = new Cluster({ peers: 4, voters: 3 });
    const [from, register] = [cluster.id(3), sessionRegister(session)];
    const record: SessionRecord = {
      ...{ kind: 'session', home: from, incarnation: 1, attachment: 1 },
      ...{ timeoutMs: 5_000, state: 'live' },
    };
    const message: Accept = {
      ...{ kind: 'accept', request: 1, register, record, heir: from, heirIncarnation: 1 },
      ...{ ballot: { epoch: 1, round: 0, peer: from, incarnation: 1 }, chosen: false },
    };
    cluster.step(2, { kind: 'message', from, epoch: 1, counter: 1, message });
    return cluster;
  }

  test.each([0, 1, 2])('is no session: its home does not know it, asked by peer %i', (index) => {
    const cluster = late();
    expect(cluster.client(index).resume(session)).toEqual(UNKNOWN);
    expect(cluster.said('accept').map(({ message }) => message.record)).toEqual([]);
  });

  test('is no session: a quorum does not know it, and its home is silent', () => {
    const cluster = late();
    cluster.crash(3);
    cluster.run(2_000);
    expect(cluster.client(2).resume(session)).toEqual(UNKNOWN);
  });

  test('is one still, if no quorum says otherwise', () => {
    const cluster = late();
    cluster.crash(3);
    cluster.crash(1);
    cluster.run(2_000);
    expect(cluster.client(2).resume(session)).toMatchObject({ kind: 'resumed', locks: 0 });
  });
});

describe('a first record that few know', () => {
  test('is no sign of a session that is over, where another was written after it', () => {
    const voters = ['v', 'w', 'x', 'y', 'z'];
    const solo = new Solo({ self: 'h', voters, meets: [...voters, 'm', 'n'] });
    const session = 'm-1-00000000000000000000000000000000' as SessionId;
    const [first, later] = [sessionRecord('m'), { ...sessionRecord('n'), attachment: 2 }];
    solo.command(1, { kind: 'resume', session });
    const { request = 0 } = solo.said('prepare')[0] ?? {};
    const held = { v: [0, 'm', first], w: null, x: [0, 'm', first], y: [9, 'n', later] } as const;
    for (const [voter, one] of Object.entries(held)) {
      const accepted = one === null ? null : { ballot: ballot(one[0], one[1]), record: one[2] };
      solo.hear(voter, { kind: 'promise', request, accepted, floorToken: 0, leaseLeftMs: 0 });
    }
    const [asked] = solo.said('resume');
    expect(asked?.to).toBe('n');
    const answer = { kind: 'resumed', request: asked?.request ?? 0, timeoutMs: 0 } as const;
    solo.hear('n', { ...answer, outcome: 'unknown' });
    expect(solo.said('accept')[0]).toMatchObject({ record: { home: 'h', attachment: 3 } });
  });
});

describe('a session with a record', () => {
  test('is asked of its home, which lets go of it', () => {
    const cluster = new Cluster();
    const session = left(cluster, 0, 2);
    const b = cluster.client(1);
    expect(b.resume(session)).toEqual({ kind: 'resumed', locks: 2 });
    expect(cluster.said('resume').map(({ from, to }) => [from, to])).toEqual([[1, 0]]);
    cluster.run(60_000);
    expect(b.lock('door-1')).toMatchObject({ token: 1 });
    expect(cluster.client(0).ask({ kind: 'stats' })).toMatchObject({
      statistics: { sessions: 0, locks: 0 },
    });
  });

  test('is taken from a home that is heard and does not answer', () => {
    const cluster = new Cluster();
    const session = left(cluster, 0, 1);
    cluster.lose = ({ message }) => message.kind === 'resumed';
    expect(cluster.client(1).resume(session)).toEqual({ kind: 'resumed', locks: 1 });
  });

  test('is taken from an attached client whose home is cut off, and that client is told', () => {
    const cluster = new Cluster();
    const a = cluster.client(0);
    const session = a.session();
    a.lock('door');
    cluster.isolate(0);
    cluster.run(1_200);
    expect(cluster.client(1).resume(session)).toEqual({ kind: 'resumed', locks: 1 });
    expect(a.last).toMatchObject({ kind: 'response' });
    cluster.rejoin(0);
    expect(hears(cluster, a)).toEqual({ kind: 'lost', locks: [{ name: 'door', token: 1 }] });
    cluster.run(60_000);
    expect(cluster.storedLock(2, 'door')).toMatchObject({ token: 1, holder: { session } });
  });

  test('that expired is unknown everywhere', () => {
    const cluster = new Cluster();
    const a = cluster.client(0);
    a.setTimeout(3_000);
    const session = a.session();
    a.lock('door');
    cluster.crash(0);
    cluster.client(1).lock('door', 60_000);
    expect(cluster.client(1).resume(session)).toEqual(UNKNOWN);
    expect(cluster.client(2).resume(session)).toEqual(UNKNOWN);
  });

  test('is neither had nor refused without a quorum', () => {
    const cluster = new Cluster();
    const session = left(cluster, 0, 1);
    cluster.isolate(1);
    cluster.run(1_200);
    const before = cluster.now;
    expect(cluster.client(1).resume(session)).toMatchObject({ kind: 'indeterminate' });
    expect(cluster.now - before).toBeLessThan(1_300);
    cluster.rejoin(1);
    cluster.run(500);
    expect(cluster.client(1).resume(session)).toEqual({ kind: 'resumed', locks: 1 });
  });

  test('is taken by one of two peers that want it at once', () => {
    const cluster = new Cluster();
    const session = left(cluster, 0, 3);
    cluster.crash(0);
    cluster.run(1_200);
    const [b, c, d] = [cluster.client(1), cluster.client(2), cluster.client(1)];
    for (const client of [b, c, d]) client.send({ kind: 'resume', session });
    cluster.run(10_000);
    const resumed = [b, c, d].filter(
      ({ last }) => last?.kind === 'response' && last.response.kind === 'resumed',
    );
    expect(resumed).toHaveLength(1);
    expect(resumed[0]?.lock('door-2')).toMatchObject({ token: 1 });
  });

  test('brings all its locks, however many pages they are', () => {
    const cluster = new Cluster({ settings: { pageSize: 3 } });
    const session = left(cluster, 0, 10);
    cluster.crash(0);
    cluster.run(1_200);
    const b = cluster.client(1);
    expect(b.resume(session)).toEqual({ kind: 'resumed', locks: 10 });
    for (let lock = 0; lock < 10; lock++) {
      expect(cluster.storedLock(2, `door-${lock}`)?.holder?.stamp.home).toBe(cluster.id(1));
    }
  });

  test('asks again for the list that was lost with a channel', () => {
    const cluster = new Cluster({ peers: 4, voters: 3 });
    const session = left(cluster, 0, 2);
    cluster.crash(0);
    cluster.run(1_200);
    const b = cluster.client(3);
    cluster.lose = ({ message }) => message.kind === 'holding';
    b.send({ kind: 'resume', session });
    expect(cluster.runUntil(() => cluster.said('holding').length > 0, 2_000)).toBe(true);
    cluster.run(50);
    cluster.lose = () => false;
    for (const voter of [1, 2]) cluster.breakChannel(voter, 3);
    expect(hears(cluster, b)).toMatchObject({ response: { kind: 'resumed', locks: 2 } });
  });

  test('is lost to whoever takes it when its validity ends before all is written', () => {
    const cluster = new Cluster({ peers: 4, voters: 3 });
    const a = cluster.client(0);
    a.setTimeout(3_000);
    const session = a.session();
    a.lock('door');
    cluster.crash(0);
    cluster.run(1_200);
    const b = cluster.client(3);
    b.send({ kind: 'resume', session });
    expect(cluster.runUntil(() => cluster.said('holdings').length > 0, 2_000)).toBe(true);
    cluster.isolate(3);
    expect(hears(cluster, b)).toEqual({ kind: 'lost', locks: [] });
    expect(cluster.client(1).lock('door', 20_000)).toMatchObject({ token: 2 });
  });

  test('lives on for a lease where its home let it go to a peer that could not take it', () => {
    const cluster = new Cluster();
    const session = left(cluster, 0, 1);
    cluster.lose = ({ from, message }) => from === 1 && message.kind === 'accept';
    expect(cluster.client(1).resume(session)).toMatchObject({ kind: 'indeterminate' });
    cluster.run(3_000);
    cluster.lose = () => false;
    const waiters = [0, 1].map((index) => cluster.client(index));
    for (const waiter of waiters) waiter.wait('door-0', 60_000);
    cluster.run(20_000);
    expect(waiters.map(({ token }) => token)).toEqual([null, null]);
    const back = cluster.client(2);
    expect(back.resume(session)).toEqual({ kind: 'resumed', locks: 1 });
    expect(back.lock('door-0')).toMatchObject({ token: 1 });
  });

  test('whose client leaves again while it moves waits for its time-out', () => {
    const cluster = new Cluster();
    const session = left(cluster, 0, 2);
    cluster.crash(0);
    cluster.run(1_200);
    const b = cluster.client(1);
    b.send({ kind: 'resume', session });
    b.disconnect();
    cluster.run(2_000);
    expect(cluster.client(2).resume(session)).toEqual({ kind: 'resumed', locks: 2 });
  });
});

describe('a home that let a session go', () => {
  test('tells keepers of its claims which were over before, and that the others live', () => {
    const solo = new Solo({ voters: ['a'], meets: ['b', 'c'] });
    const names = ['door', 'gate'] as LockName[];
    solo.command(1, { kind: 'set-timeout', timeoutMs: 8_000 });
    for (const name of names) solo.command(1, { kind: 'lock', name, waitMs: null });
    const stamps = solo.said('granted').map(({ stamp }) => stamp);
    expect(stamps).toHaveLength(2);
    solo.command(1, { kind: 'unlock', name: 'door' as LockName });
    const session = sessionOf(solo.said('accept')[0]?.register as RegisterName) as SessionId;
    solo.step({ kind: 'disconnected', connection: 1 as ConnectionId, broken: true });
    solo.hear('b', { kind: 'resume', request: 1, session });
    expect(solo.said('resumed')).toMatchObject([{ outcome: 'detached' }]);
    for (const [index, lock] of names.entries()) {
      const claim = { session, attachment: 1, stamp: stamps[index] as Stamp };
      solo.hear('c', { kind: 'inquire', lock, holder: claim });
    }
    const to = 'c';
    expect(solo.said('release').filter((said) => said.to === to)).toMatchObject([{ lock: 'door' }]);
    expect(solo.said('lives')).toMatchObject([{ to, lock: 'gate' }]);
  });
});

describe('a home that is asked about a claim that it did not make', () => {
  test.each([
    ['releases what is not above its own attachment', 1, ['door']],
    ['says nothing of a later one: its session is elsewhere by now', 2, []],
    ['nor of one that it is itself about to reach, perhaps in vain', 2, [], 'reattaches'],
  ])('%s', (_what, attachment, released, before = '') => {
    const home = new HomeAlone();
    const { session, solo } = home;
    if (before === 'reattaches') {
      solo.step({ kind: 'disconnected', connection: 1 as ConnectionId, broken: false });
      solo.command(2, { kind: 'resume', session });
    }
    const stamp = { counter: 70, home: 'q' as PeerId, incarnation: 1 };
    const lock = 'door' as LockName;
    solo.hear('x', { kind: 'inquire', lock, holder: { session, attachment, stamp } });
    const about = solo.said('release').filter((said) => said.stamp.counter === 70);
    expect(about.map((said) => said.lock)).toEqual(released);
    expect(solo.said('lives')).toEqual([]);
  });
});

describe('a home whose validity is cut short because its session is being taken over', () => {
  /** One voter was silent for a second when another says that it holds the session as `q`'s. */
  function cutShort(): HomeAlone {
    const home = new HomeAlone();
    const { session, solo } = home;
    solo.wait(LEASE_MS - 1_000, ['x', 'y']);
    solo.wait(1_500, ['x']);
    expect(home.isLost).toBe(false);
    const record = sessionRecord('q', { attachment: 2, timeoutMs: LEASE_MS });
    solo.hear('x', { kind: 'moved', session, ballot: ballot(3, 'q'), record });
    solo.wait(1, ['x', 'y', 'z']);
    return home;
  }

  test('tells the client, and does nothing that ends it while what was told before stands', () => {
    const home = cutShort();
    expect(home.isLost).toBe(true);
    home.solo.wait(1_000, ['x', 'y', 'z']);
    expect(home.solo.said('waive')).toEqual([]);
    const asked = home.solo.said('prepare').map(({ register }) => register);
    expect(asked).not.toContain(home.register);
  });

  test('lets the other home have it', () => {
    const { session, solo } = cutShort();
    solo.meet('q');
    solo.hear('q', { kind: 'resume', request: 5, session });
    expect(solo.said('resumed')).toMatchObject([{ outcome: 'detached' }]);
  });
});

describe('a session that is on its way to a home', () => {
  test('is not waived there, though it was lost before: it may be written as that home knows', () => {
    const home = new HomeAlone();
    const { session, solo } = home;
    solo.wait(LEASE_MS);
    expect(home.isLost).toBe(true);
    const waivedOnNewChannel = () => {
      const before = solo.said('waive').length;
      solo.part('x');
      solo.meet('x');
      return solo.said('waive').length - before;
    };
    expect(waivedOnNewChannel()).toBe(1);
    solo.command(2, { kind: 'resume', session });
    expect(waivedOnNewChannel()).toBe(0);
  });

  test('is let go of, if its client has left before its locks were written again', () => {
    const home = new HomeAlone();
    const { session, solo } = home;
    home.bringBack('x', 'y');
    solo.hear('q', { kind: 'resume', request: 6, session });
    solo.step({ kind: 'disconnected', connection: 2 as ConnectionId, broken: false });
    solo.hear('q', { kind: 'resume', request: 7, session });
    const outcomes = solo.said('resumed').map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['detached', 'attached', 'detached']);
  });
});

describe('a voter that does not hold the record of a return when it is asked for its locks', () => {
  test('is asked once more in a while, and the first answer counts', () => {
    const home = new HomeAlone();
    const { solo } = home;
    home.bringBack('x', 'y');
    const first = solo.said('holdings');
    solo.wait(500, ['x', 'y', 'z']);
    const again = solo.said('holdings').slice(first.length);
    expect(again.map(({ to }) => to).sort()).toEqual(['x', 'y', 'z']);
    for (const { to, request } of again.filter(({ to }) => to !== 'x')) {
      solo.hear(to, { kind: 'holding', request, locks: [], last: true });
    }
    expect(solo.responses.at(-1)).toEqual({ kind: 'resumed', locks: 0 });
    const all = solo.said('holdings').length;
    solo.wait(2_000, ['x', 'y', 'z']);
    expect(solo.said('holdings')).toHaveLength(all);
  });
});

describe('an attempt for which nobody waits any more', () => {
  /** Being read at a home, where somebody waits for it, or has left. */
  function read(somebodyWaits: boolean) {
    const home = new HomeAlone();
    const { solo } = home;
    home.askBack();
    if (!somebodyWaits) {
      solo.step({ kind: 'disconnected', connection: 2 as ConnectionId, broken: false });
    }
    const before = solo.said('prepare').length;
    const begunAnew = () => {
      solo.wait(300);
      const asked = solo.said('prepare').slice(before);
      return asked.some(({ register }) => register === home.register);
    };
    return { solo, begunAnew };
  }

  test.each([true, false])(
    'is begun anew over a new channel only if somebody does: %s',
    (waits) => {
      const { solo, begunAnew } = read(waits);
      solo.part('x');
      solo.meet('x');
      expect(begunAnew()).toBe(waits);
    },
  );

  /** At `q`, which is not heard, as its voters say late; nothing of it was written here before. */
  const readLate = (home: HomeAlone) => {
    home.promiseFrom(Object.fromEntries(['x', 'y'].map((voter) => [voter, AT_Q])));
    const moves = home.solo.said('accept').map(({ record }) => record);
    return moves.some((record) => record.kind === 'session' && record.attachment === 3);
  };
  const AT_Q = sessionRecord('q', { attachment: 2, timeoutMs: LEASE_MS });

  /** Its client asks, `q` falls silent, and time passes. */
  function asked(settings = {}): HomeAlone {
    const home = new HomeAlone(settings);
    home.askBack();
    home.solo.part('q');
    home.solo.wait(home.askMs + 100, ['x', 'y', 'z']);
    return home;
  }

  test('takes nothing by what is read then, and all of it once somebody joins', () => {
    const home = asked();
    const { session, solo } = home;
    solo.step({ kind: 'disconnected', connection: 2 as ConnectionId, broken: false });
    expect(readLate(home)).toBe(false);
    solo.command(3, { kind: 'resume', session });
    expect(readLate(home)).toBe(true);
  });

  test.each([true, false])(
    'is one whose client can say nothing more since long, too: %s',
    (mayBeGone) => {
      const home = asked();
      if (mayBeGone) home.solo.step({ kind: 'input-ended', connection: 2 as ConnectionId });
      expect(readLate(home)).toBe(!mayBeGone);
    },
  );

  test('is not one that was begun just now, though its client can say nothing more', () => {
    const home = new HomeAlone();
    home.askBack();
    home.solo.part('q');
    home.solo.step({ kind: 'input-ended', connection: 2 as ConnectionId });
    home.solo.wait(1_200, ['x', 'y', 'z']);
    home.solo.command(3, { kind: 'resume', session: home.session });
    home.solo.step({ kind: 'input-ended', connection: 3 as ConnectionId });
    expect(readLate(home)).toBe(true);
  });

  test.each([true, false])('is begun anew in a new epoch only if somebody does: %s', (waits) => {
    const { solo, begunAnew } = read(waits);
    const voters = ['x', 'y', 'z'] as PeerId[];
    const first = firstConfigurationOf('c'.repeat(64) as ClusterId, voters, 3);
    const configuration = { ...first, epoch: 2, before: voters };
    solo.hear('x', { kind: 'configured', configuration });
    expect(begunAnew()).toBe(waits);
  });
});

describe('a session whose home is not heard yet', () => {
  /** Attached to a healthy home, with one lock; the second peer is cut off from that, and begins. */
  function attached() {
    const cluster = new Cluster();
    const owner = cluster.client(0);
    const session = owner.session();
    owner.lock('door');
    cluster.cut(0, 1);
    cluster.restart(1);
    cluster.run(50);
    const taker = cluster.client(1);
    taker.send({ kind: 'resume', session });
    return { cluster, owner, session, taker };
  }

  test('is asked for once it is, by a peer that has just begun', () => {
    const { cluster, owner, taker } = attached();
    cluster.run(250);
    cluster.heal(0, 1);
    expect(hears(cluster, taker)).toEqual({ kind: 'response', response: ATTACHED });
    expect(owner.lock('gate')).toMatchObject({ kind: 'acquired' });
  });

  test('is asked for once it is, by a peer that has met only a former life of it', () => {
    const cluster = new Cluster({ peers: 5, voters: 3 });
    cluster.run(2_000);
    cluster.cut(3, 4);
    cluster.restart(3);
    cluster.run(50);
    const owner = cluster.client(3);
    const session = owner.session();
    owner.lock('door');
    const taker = cluster.client(4);
    taker.send({ kind: 'resume', session });
    cluster.run(250);
    cluster.heal(3, 4);
    expect(hears(cluster, taker)).toEqual({ kind: 'response', response: ATTACHED });
    expect(owner.lock('gate')).toMatchObject({ kind: 'acquired' });
  });

  test('is taken if no channel comes to a peer that has just begun', () => {
    const { cluster, taker } = attached();
    const before = cluster.now;
    expect(hears(cluster, taker)).toMatchObject({ response: { kind: 'resumed', locks: 1 } });
    expect(cluster.now - before).toBeLessThan(cluster.settings.askMs + 50);
  });

  test('is taken for a client that can say nothing more, too, where its home is just silent', () => {
    const cluster = new Cluster();
    const session = left(cluster, 0, 1);
    cluster.pause(0);
    const taker = cluster.client(1);
    taker.send({ kind: 'resume', session });
    taker.endInput();
    expect(hears(cluster, taker)).toMatchObject({ response: { kind: 'resumed', locks: 1 } });
  });

  test('is taken at once where the home was killed, or began another life', () => {
    const cluster = new Cluster();
    const session = left(cluster, 0, 1);
    const at = (index: number) => {
      const before = cluster.now;
      const client = cluster.client(index);
      expect(client.resume(session)).toEqual({ kind: 'resumed', locks: 1 });
      client.disconnect();
      return cluster.now - before;
    };
    cluster.crash(0);
    cluster.run(2);
    expect(at(1)).toBeLessThan(50);
    cluster.restart(1);
    cluster.run(50);
    expect(at(2)).toBeLessThan(50);
  });

  test('is asked for anew over a channel that broke before the answer came', () => {
    const cluster = new Cluster({ peers: 4, voters: 3 });
    const owner = cluster.client(3);
    const session = owner.session();
    owner.lock('door');
    cluster.lose = ({ message }) => message.kind === 'resumed';
    const taker = cluster.client(1);
    taker.send({ kind: 'resume', session });
    expect(cluster.runUntil(() => cluster.said('resumed').length > 0, 1_000)).toBe(true);
    cluster.lose = () => false;
    cluster.breakChannel(1, 3);
    expect(hears(cluster, taker)).toEqual({ kind: 'response', response: ATTACHED });
  });
});

describe('a session that left its home, came back, and was lost there', () => {
  /** To those voters it comes back. */
  const comeBack = (home: HomeAlone, ...voters: string[]) => {
    const { solo } = home;
    home.bringBack(...voters);
    for (const { to, request } of solo.said('holdings')) {
      solo.hear(to, { kind: 'holding', request, locks: [], last: true });
    }
    expect(solo.responses.at(-1)).toEqual({ kind: 'resumed', locks: 0 });
  };

  test('is ended by nothing while what was told before it left stands', () => {
    const home = new HomeAlone();
    const { solo } = home;
    solo.wait(LEASE_MS - 1_000, ['x', 'y']);
    comeBack(home, 'x', 'z');
    solo.wait(1_000, ['x', 'y']);
    expect(home.isLost).toBe(true);
    const before = solo.said('prepare').length;
    solo.wait(LEASE_MS - 1_500, ['x', 'y', 'z']);
    expect(solo.said('waive')).toEqual([]);
    expect(solo.said('prepare')).toHaveLength(before);
  });

  test('is waited for by no voter once that is over, and nobody has taken it', () => {
    const home = new HomeAlone();
    const { session, solo } = home;
    solo.wait(LEASE_MS - 1_000, ['x', 'y']);
    comeBack(home, 'x', 'z');
    solo.wait(1_000, ['x', 'y']);
    expect(home.isLost).toBe(true);
    solo.wait(2 * LEASE_MS, ['x', 'y', 'z']);
    const waived = solo.said('waive').map(({ to, session: of }) => [to, of]);
    expect(waived).toEqual(['x', 'y', 'z'].map((voter) => [voter, session]));
  });

  test('lives by a voter that took its record when it was back already', () => {
    const home = new HomeAlone();
    comeBack(home, 'x', 'y');
    home.acceptFrom('z');
    home.solo.wait(2 * LEASE_MS, ['y', 'z']);
    expect(home.isLost).toBe(false);
  });

  test('is not on its way any more, for that home or for those who ask it', () => {
    const home = new HomeAlone();
    const { session, solo } = home;
    comeBack(home, 'x', 'y', 'z');
    solo.wait(LEASE_MS);
    expect(home.isLost).toBe(true);
    const before = solo.said('waive').length;
    solo.hear('q', { kind: 'doubt', session });
    expect(solo.said('waive').slice(before)).toHaveLength(3);
    const stamp = { counter: 70, home: 'h' as PeerId, incarnation: 1 };
    const holder = { session, attachment: 2, stamp };
    solo.hear('q', { kind: 'inquire', lock: 'door' as LockName, holder });
    expect(solo.said('abandoned')).toHaveLength(1);
  });
});

describe('a session whose voters are slow', () => {
  /** Two rounds of the voters take longer than a client is left unanswered. */
  const slow = () => new Cluster({ latencyMs: 330 });

  /** A session of a peer that has died since, with one lock. */
  const orphaned = (cluster: Cluster): SessionId => {
    const client = cluster.client(0);
    const session = client.session();
    while (client.lock('door').kind !== 'acquired');
    cluster.crash(0);
    cluster.run(2_000);
    return session;
  };

  /** What that peer answers at last, if it is asked some times. */
  const insist = (cluster: Cluster, index: number, session: SessionId) => {
    const client = cluster.client(index);
    let answer = client.resume(session);
    for (let more = 8; more > 0 && answer.kind === 'indeterminate'; more--) {
      answer = client.resume(session);
    }
    return answer;
  };

  test('comes back, for an attempt goes on while its client asks again', () => {
    const cluster = slow();
    const session = orphaned(cluster);
    const client = cluster.client(1);
    expect(client.resume(session)).toMatchObject({ kind: 'indeterminate' });
    expect(client.resume(session)).toEqual({ kind: 'resumed', locks: 1 });
    expect(client.lock('door')).toMatchObject({ kind: 'acquired', token: 1 });
  });

  test('is detached where nobody waits for it any more, and taken from there', () => {
    const cluster = slow();
    const session = orphaned(cluster);
    const client = cluster.client(1);
    client.send({ kind: 'resume', session });
    cluster.run(700);
    client.disconnect();
    cluster.run(4_000);
    expect(cluster.client(1).ask({ kind: 'stats' })).toMatchObject({
      statistics: { clients: 0, sessions: 1, locks: 1 },
    });
    expect(insist(cluster, 2, session)).toEqual({ kind: 'resumed', locks: 1 });
  });

  test('is given to a second connection if the first can say nothing more', () => {
    const cluster = slow();
    const session = orphaned(cluster);
    const [first, second, third] = [cluster.client(1), cluster.client(1), cluster.client(1)];
    first.send({ kind: 'resume', session });
    expect(second.resume(session)).toEqual(ATTACHED);
    first.endInput();
    third.send({ kind: 'resume', session });
    expect(hears(cluster, first)).toEqual({ kind: 'response', response: ATTACHED });
    hears(cluster, third);
    expect(insist(cluster, 1, session)).toEqual({ kind: 'resumed', locks: 1 });
  });

  test('ends at once if its time-out is 0 and its client has gone meanwhile', () => {
    const cluster = slow();
    const other = cluster.client(0);
    other.setTimeout(0);
    const session = other.session();
    while (other.lock('door').kind !== 'acquired');
    cluster.isolate(0);
    cluster.run(1_500);
    const client = cluster.client(1);
    client.send({ kind: 'resume', session });
    cluster.run(700);
    client.disconnect();
    expect(cluster.client(2).lock('door', 20_000)).toMatchObject({ kind: 'acquired', token: 2 });
  });
});

describe('a session that is being ended here', () => {
  const end = (cluster: Cluster): SessionId => {
    const client = cluster.client(0);
    client.setTimeout(3_000);
    client.lock('door');
    const session = client.session();
    client.disconnect();
    return session;
  };

  test('is not said to be unknown by a home that is cut off: it may have moved', () => {
    const cluster = new Cluster();
    const session = end(cluster);
    cluster.isolate(0);
    cluster.run(1_500);
    const there = cluster.client(1);
    expect(there.resume(session)).toEqual({ kind: 'resumed', locks: 1 });
    cluster.run(1_600);
    expect(cluster.client(0).resume(session)).toMatchObject({ kind: 'indeterminate' });
    cluster.rejoin(0);
    cluster.run(1_000);
    expect(cluster.client(0).resume(session)).toEqual(ATTACHED);
    expect(there.lock('door')).toMatchObject({ token: 1 });
  });

  test('is unknown once that is chosen', () => {
    const cluster = new Cluster();
    const session = end(cluster);
    cluster.isolate(0);
    cluster.run(2_990);
    cluster.rejoin(0);
    cluster.run(20);
    expect(cluster.client(0).resume(session)).toEqual(UNKNOWN);
  });

  test('is unknown as soon where its voters have just begun, if it has never moved', () => {
    const cluster = new Cluster();
    const session = end(cluster);
    cluster.run(2_500);
    for (const voter of [1, 2]) cluster.restart(voter);
    cluster.run(600);
    expect(cluster.client(0).resume(session)).toEqual(UNKNOWN);
    expect(cluster.client(1).resume(session)).toEqual(UNKNOWN);
  });
});
