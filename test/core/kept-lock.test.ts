import { beforeEach, describe, expect, test } from 'vitest';
import type { Effect } from '../../src/core/event.ts';
import type { QueuedClaim } from '../../src/core/message.ts';
import type { LockRecord, PeerId } from '../../src/core/types.ts';
import { Cluster } from './cluster.ts';
import { Parts } from './parts.ts';
import { ballot, holder, lockNamed, lockRecord, type Said, said } from './solo.ts';

const door = lockNamed('door');
const [x, y, z] = ['x', 'y', 'z'] as PeerId[] as [PeerId, PeerId, PeerId];

let parts: Parts;
beforeEach(() => {
  parts = new Parts();
  parts.context.now = { home: 10_400, voter: 10_400 };
  for (const voter of [x, y, z]) parts.links.alive(voter, 1);
});

/** A promise of that voter to what was prepared last. */
function promise(
  asked: Said<'prepare'> | undefined,
  from: PeerId,
  record: LockRecord | null,
  round = 1,
): void {
  const accepted = record === null ? null : { ballot: ballot(round, 'p'), record };
  const { request = 0 } = asked ?? {};
  const answer = { kind: 'promise', request, accepted, floorToken: 0, leaseLeftMs: 0 } as const;
  parts.writer.onPromise(from, answer);
}

function accepted(sent: Said<'accept'> | undefined, ...from: PeerId[]): void {
  for (const voter of from) {
    parts.writer.onAccepted(voter, { kind: 'accepted', request: sent?.request ?? 0 });
  }
}

function queued(session: string, home: string, attachment: number, counter: number): QueuedClaim {
  return holder(session, home, attachment, counter);
}

/** Keeps the lock with what two voters promised; the effects of the answers. */
function keepWith(first: LockRecord | null, second: LockRecord | null): readonly Effect[] {
  parts.keeper.takeOn(door.lock);
  const asked = said(parts.take(), 'prepare')[0];
  promise(asked, x, first);
  promise(asked, y, second);
  return parts.take();
}

describe('a session that takes its lock along', () => {
  const mine = queued('s', 'h', 2, 9);
  const outcome: { tokens: (number | null)[]; again: number } = { tokens: [], again: 0 };
  const handlers = {
    done: (token: number | null) => outcome.tokens.push(token),
    again: () => {
      outcome.again += 1;
    },
  };
  beforeEach(() => {
    outcome.tokens = [];
    outcome.again = 0;
  });

  test('has it written under its new claim, with the same token', () => {
    const held = lockRecord(5, holder('s', 'p'));
    keepWith(held, held);
    parts.keeper.reclaim(door.lock, mine, handlers);
    const [sent] = said(parts.take(), 'accept');
    expect(sent).toMatchObject({ record: { token: 5, holder: mine }, heir: 'h' });
    expect(outcome.tokens).toEqual([]);
    accepted(sent, x, y);
    expect(outcome.tokens).toEqual([5]);
  });

  test('R23: waits for a write under way that still names its former claim', () => {
    const held = lockRecord(5, holder('s', 'p'));
    const [uncertain] = said(keepWith(held, null), 'accept');
    expect(uncertain).toMatchObject({ record: held });
    parts.keeper.reclaim(door.lock, mine, handlers);
    accepted(uncertain, x, y);
    expect(outcome.tokens).toEqual([]);
    const [again] = said(parts.take(), 'accept');
    expect(again).toMatchObject({ record: { token: 5, holder: mine } });
    accepted(again, x, z);
    expect(outcome.tokens).toEqual([5]);
  });

  test('R24: leaves alone what carries its own attachment, or a higher one', () => {
    for (const attachment of [2, 3]) {
      parts = new Parts();
      const held = lockRecord(5, holder('s', 'q', attachment));
      keepWith(held, held);
      parts.keeper.reclaim(door.lock, mine, handlers);
      expect(said(parts.take(), 'accept')).toEqual([]);
    }
    expect(outcome.tokens).toEqual([null, null]);
  });

  test('does not stop what is read for another, which was said to hold the lock, too', () => {
    const others = { tokens: [] as (number | null)[], again: 0 };
    const theirs = queued('t', 'h', 2, 8);
    const again = () => {
      others.again += 1;
    };
    parts.keeper.reclaim(door.lock, mine, handlers);
    parts.keeper.reclaim(door.lock, theirs, { done: (one) => others.tokens.push(one), again });
    const asked = said(parts.take(), 'prepare');
    expect(new Set(asked.map(({ request }) => request)).size).toBe(1);
    const held = lockRecord(5, holder('s', 'p'));
    for (const from of [x, y]) promise(asked[0], from, held);
    accepted(said(parts.take(), 'accept')[0], x, y);
    expect(outcome).toEqual({ tokens: [5], again: 0 });
    // What was read may have been told before they were said to hold it: they read again.
    expect(others).toEqual({ tokens: [], again: 1 });
  });

  test("does not get another session's lock, nor a free one", () => {
    for (const record of [lockRecord(5, holder('t', 'p')), lockRecord(5)]) {
      parts = new Parts();
      parts.keeper.reclaim(door.lock, mine, handlers);
      keepWith(record, record);
    }
    expect(outcome.tokens).toEqual([null, null]);
  });

  test('is told that it is not its own before a busy lock is handed on', () => {
    const held = lockRecord(5, holder('t', 'p'));
    const [uncertain] = said(keepWith(held, null), 'accept');
    parts.keeper.takeOn(door.lock).reclaim({ claim: mine, isFresh: true, ...handlers });
    const claim = queued('u', 'y', 1, 7);
    parts.keeper.onClaim(y, { kind: 'claim', lock: door.lock, claim, waits: true });
    parts.keeper.onRelease(x, { kind: 'release', lock: door.lock, stamp: holder('t', 'p').stamp });
    accepted(uncertain, x, y);
    expect(said(parts.take(), 'accept')[0]).toMatchObject({ record: { holder: claim }, heir: 'y' });
    expect(outcome).toEqual({ tokens: [null], again: 0 });
  });

  test('is not denied it by a keeper that was superseded and has not heard of it', () => {
    const stale = lockRecord(4, holder('t', 'p'));
    const held = lockRecord(5, holder('s', 'p'));
    keepWith(stale, stale);
    parts.keeper.reclaim(door.lock, mine, handlers);
    expect(outcome).toEqual({ tokens: [], again: 0 });
    const [asked] = said(parts.take(), 'prepare');
    promise(asked, x, held);
    promise(asked, y, held);
    const [sent] = said(parts.take(), 'accept');
    expect(sent).toMatchObject({ record: { token: 5, holder: mine } });
  });

  test('tries again when the keeping is lost', () => {
    parts.keeper.reclaim(door.lock, mine, handlers);
    parts.keeper.onSuperseded({
      kind: 'superseded',
      register: door.register,
      promised: ballot(99, 'q'),
    });
    expect(outcome).toEqual({ tokens: [], again: 1 });
    expect(parts.keeper.size).toBe(0);
  });

  test('is not told of it as of a grant, when it is chosen after the keeping was lost', () => {
    const held = lockRecord(5, holder('s', 'p'));
    keepWith(held, held);
    parts.keeper.reclaim(door.lock, mine, handlers);
    const [sent] = said(parts.take(), 'accept');
    const { request = 0 } = sent ?? {};
    const refusal = { request, promised: ballot(99, 'q'), leaseLeftMs: 0 };
    parts.writer.onRefused(x, { kind: 'refused', ...refusal });
    expect(outcome).toEqual({ tokens: [], again: 1 });
    accepted(sent, y, z);
    expect(said(parts.take(), 'granted')).toEqual([]);
    keepWith(sent?.record as LockRecord, sent?.record as LockRecord);
    parts.keeper.reclaim(door.lock, mine, handlers);
    expect(outcome.tokens).toEqual([5]);
  });

  test('comes before a release under its former claim (R12)', () => {
    const held = lockRecord(5, holder('s', 'p'));
    const [uncertain] = said(keepWith(held, null), 'accept');
    parts.keeper.onRelease(x, { kind: 'release', lock: door.lock, stamp: holder('s', 'p').stamp });
    parts.keeper.reclaim(door.lock, mine, handlers);
    accepted(uncertain, x, y);
    const [again] = said(parts.take(), 'accept');
    expect(again).toMatchObject({ record: { token: 5, holder: mine } });
  });
});

describe('a holder that is waited for', () => {
  const held = lockRecord(5, holder('s', 'x'));
  const asked = (): readonly PeerId[] => said(parts.take(), 'inquire').map(({ to }) => to);

  test('is asked about over a new channel to its home, once', () => {
    parts.links.heard(x);
    parts.keeper.takeOn(door.lock).claim(queued('w', 'y', 1, 20), true);
    const prepared = said(parts.take(), 'prepare')[0];
    promise(prepared, x, held);
    promise(prepared, y, held);
    expect(asked()).toEqual([x]);
    parts.keeper.channelOpened(y);
    expect(asked()).toEqual([]);
    // The first question, or its answer, may have been lost with the channel.
    parts.keeper.channelOpened(x);
    expect(asked()).toEqual([x]);
  });

  test('is not asked about over a new channel while nobody waits', () => {
    parts.links.heard(x);
    keepWith(held, held);
    parts.wait(5_000);
    parts.take();
    parts.keeper.channelOpened(x);
    expect(asked()).toEqual([]);
  });
});

describe('a keeper', () => {
  const held = lockRecord(5, holder('s', 'x'));

  test('asks a voter that is back which locks it keeps no more, and lets go of those', () => {
    keepWith(held, held);
    parts.keeper.channelOpened(y);
    expect(said(parts.take(), 'keeps')).toMatchObject([{ to: y, registers: [door.register] }]);
    parts.keeper.onSuperseded({
      kind: 'superseded',
      register: door.register,
      promised: ballot(9, 'p'),
    });
    expect(parts.keeper.kept(door.lock)).toBe(null);
  });

  test('does not ask about what it reads just now, nor anybody without a vote', () => {
    keepWith(held, held);
    parts.keeper.takeOn(lockNamed('gate').lock);
    parts.take();
    parts.keeper.channelOpened('p' as PeerId);
    expect(said(parts.take(), 'keeps')).toEqual([]);
    parts.keeper.channelOpened(z);
    expect(said(parts.take(), 'keeps')).toMatchObject([{ to: z, registers: [door.register] }]);
  });
});

describe('a keeper that hears a quorum, but not of those that promised it the lock', () => {
  const held = lockRecord(5, holder('s', 'x'));
  const trying = queued('t', 'x', 1, 20);

  /** After long, only those have answered. */
  function hear(...voters: PeerId[]): void {
    parts.wait(1_100);
    const { sequence = 0 } = said(parts.take(), 'heartbeat').at(-1) ?? {};
    for (const voter of voters) parts.links.alive(voter, sequence);
  }

  /** x and y promised; x has said nothing for long when a claim comes. */
  function comesLate(waits: boolean): Said<'accept'> | undefined {
    keepWith(held, held);
    hear(y, z);
    parts.keeper.takeOn(door.lock).claim(trying, waits);
    const effects = parts.take();
    expect([...said(effects, 'held'), ...said(effects, 'queued')]).toEqual([]);
    return said(effects, 'accept')[0];
  }

  test('refuses a try once the same record is chosen again', () => {
    const sent = comesLate(false);
    expect(sent).toMatchObject({ record: held, heir: 'h' });
    accepted(sent, y, z);
    expect(said(parts.take(), 'held')).toMatchObject([{ to: x, stamp: trying.stamp }]);
    // Known to be kept: the next one need not wait for that.
    parts.keeper.takeOn(door.lock).claim(queued('u', 'x', 1, 21), false);
    expect(said(parts.take(), 'held')).toHaveLength(1);
  });

  test.each([false, true])('sends a claim on if another writes it: waits %s', (waits) => {
    const { request = 0 } = comesLate(waits) ?? {};
    const promised = ballot(99, 'q');
    parts.writer.onRefused(z, { kind: 'refused', request, promised, leaseLeftMs: 0 });
    expect(said(parts.take(), 'ask')).toMatchObject([{ to: x, stamp: trying.stamp, owner: 'q' }]);
    expect(parts.keeper.kept(door.lock)).toBe(null);
  });

  test('does not say that a claim is released before the same record is chosen again', () => {
    keepWith(held, held);
    hear(y, z);
    parts.keeper.onRelease(x, { kind: 'release', lock: door.lock, stamp: trying.stamp });
    const effects = parts.take();
    expect(said(effects, 'released')).toEqual([]);
    const [sent] = said(effects, 'accept');
    expect(sent).toMatchObject({ record: held, heir: 'h' });
    accepted(sent, y, z);
    expect(said(parts.take(), 'released')).toMatchObject([{ to: x, stamp: trying.stamp }]);
  });

  test('says it of a holder that its own write has ended, however long that took', () => {
    keepWith(held, held);
    const { stamp } = holder('s', 'x');
    parts.keeper.onRelease(x, { kind: 'release', lock: door.lock, stamp });
    parts.keeper.onRelease(x, { kind: 'release', lock: door.lock, stamp: trying.stamp });
    const [sent] = said(parts.take(), 'accept');
    hear(y, z);
    accepted(sent, x, y);
    const effects = parts.take();
    expect(said(effects, 'released')).toMatchObject([{ stamp }]);
    // Of any other, only once nobody can have granted it meanwhile.
    accepted(said(effects, 'accept')[0], y, z);
    expect(said(parts.take(), 'released')).toMatchObject([{ stamp: trying.stamp }]);
  });

  test('counts nobody who refused what was prepared', () => {
    parts.keeper.takeOn(door.lock);
    const asked = said(parts.take(), 'prepare')[0];
    promise(asked, x, held);
    promise(asked, y, held);
    const { request = 0 } = asked ?? {};
    const promised = ballot(99, 'q');
    parts.writer.onRefused(z, { kind: 'refused', request, promised, leaseLeftMs: 0 });
    hear(y, z);
    parts.keeper.takeOn(door.lock).claim(trying, false);
    expect(said(parts.take(), 'held')).toEqual([]);
  });

  test('counts nobody who forgets a promise with its restart, for it holds no record', () => {
    parts.keeper.takeOn(door.lock);
    const asked = said(parts.take(), 'prepare')[0];
    promise(asked, x, held);
    promise(asked, y, held);
    promise(asked, z, null);
    hear(y, z);
    parts.keeper.takeOn(door.lock).claim(trying, false);
    expect(said(parts.take(), 'held')).toEqual([]);
  });
});

describe('a keeper that reaches no quorum', () => {
  const held = lockRecord(5, holder('s', 'x'));
  const release = (session: string, counter?: number) => {
    const { stamp } = holder(session, 'x', 1, counter);
    parts.keeper.onRelease(x, { kind: 'release', lock: door.lock, stamp });
  };
  beforeEach(() => {
    keepWith(held, held);
    parts.wait(1_100);
    parts.take();
  });

  test('sends whoever lets go of what it does not know away: its home may reach one', () => {
    release('t', 20);
    const { stamp } = holder('t', 'x', 1, 20);
    expect(said(parts.take(), 'ask')).toMatchObject([{ to: x, stamp, owner: null }]);
  });

  test('writes what it knows of as soon as can be', () => {
    release('s');
    const effects = parts.take();
    expect(said(effects, 'ask')).toEqual([]);
    expect(said(effects, 'accept')[0]).toMatchObject({ record: { token: 5, holder: null } });
  });

  test('says to its own home, too, of no claim that it is released', () => {
    const { stamp } = holder('t', 'h', 1, 20);
    parts.keeper.onRelease(parts.context.self, { kind: 'release', lock: door.lock, stamp });
    expect(said(parts.take(), 'released')).toEqual([]);
  });
});

describe('a keeper that votes itself', () => {
  test('asks over a new channel, too: its own vote may not have heard either', () => {
    const cluster = new Cluster();
    expect(cluster.client(0).lock('door')).toMatchObject({ kind: 'acquired' });
    const asked: unknown[] = [];
    cluster.lose = ({ to, message }) => {
      if (message.kind === 'keeps') asked.push([to, message.registers]);
      return false;
    };
    cluster.breakChannel(0, 1);
    cluster.run(500);
    expect(asked).toEqual([[1, [door.register]]]);
  });
});

describe('a grant that voters refuse, for the session has left its home', () => {
  const free = lockRecord(5);

  /** Voters y and z refuse what x, this keeper, has accepted; what is prepared next. */
  function passedOver(): Said<'prepare'> | undefined {
    parts.links.heard(x);
    keepWith(free, free);
    parts.keeper.takeOn(door.lock).claim(queued('s', 'x', 1, 20), true);
    const sent = said(parts.take(), 'accept')[0];
    expect(sent?.record).toMatchObject({ token: 6, holder: { session: 's' } });
    const { request = 0, ballot: promised = ballot(0, 'h') } = sent ?? {};
    parts.writer.onRefused(y, { kind: 'refused', request, promised, leaseLeftMs: 0 });
    expect(parts.keeper.kept(door.lock)?.queue.length).toBe(0);
    parts.keeper.takeOn(door.lock).claim(queued('w', 'x', 1, 21), true);
    parts.wait(200);
    return said(parts.take(), 'prepare')[0];
  }

  test('is not written again once the promises prove that it is not chosen', () => {
    const asked = passedOver();
    const minority = lockRecord(6, holder('s', 'x', 1, 20));
    promise(asked, x, minority);
    promise(asked, y, free, 0);
    expect(said(parts.take(), 'accept')).toEqual([]);
    promise(asked, z, free, 0);
    const next = { token: 6, holder: { session: 'w' } };
    expect(said(parts.take(), 'accept')[0]).toMatchObject({ record: next });
    // The time for more promises ends: the ballot is used.
    parts.wait(1_000);
    expect(said(parts.take(), 'accept')).toEqual([]);
  });

  test('leaves nobody to an heir that will be none: who lets go is answered here', () => {
    const [before, last] = [holder('v', 'x', 1, 19), queued('w', 'y', 1, 21)];
    const held = lockRecord(5, before);
    parts.links.heard(x);
    keepWith(held, held);
    const lock = parts.keeper.takeOn(door.lock);
    lock.claim(queued('s', 'x', 1, 20), true);
    lock.claim(last, true);
    lock.release(before.stamp);
    const effects = parts.take();
    expect(said(effects, 'handover')).toMatchObject([{ to: x, queue: [last] }]);
    const { request = 0, ballot: promised = ballot(0, 'h') } = said(effects, 'accept')[0] ?? {};
    parts.writer.onRefused(y, { kind: 'refused', request, promised, leaseLeftMs: 0 });
    lock.release(last.stamp);
    parts.wait(200);
    const asked = said(parts.take(), 'prepare')[0];
    promise(asked, y, held);
    promise(asked, z, held);
    accepted(said(parts.take(), 'accept')[0], y, z);
    const released = said(parts.take(), 'released').map(({ stamp }) => stamp);
    expect(released).toEqual([before.stamp, last.stamp]);
  });

  test('has whoever asks wait until it is decided, be it a try or a release', () => {
    const asked = passedOver();
    const told = () => said(parts.take(), 'queued').map(({ to, stamp }) => [to, stamp.counter]);
    expect(told()).toEqual([]);
    promise(asked, x, lockRecord(6, holder('s', 'x', 1, 20)));
    promise(asked, y, free, 0);
    expect(told()).toEqual([[x, 21]]);
    const lock = parts.keeper.takeOn(door.lock);
    lock.claim(queued('t', 'y', 1, 22), false);
    const gone = queued('u', 'z', 1, 19).stamp;
    lock.release(gone);
    expect(told()).toEqual([
      [y, 22],
      [z, 19],
    ]);
    parts.wait(1_000);
    // It has been taken for the record, and is left for a while.
    expect(told()).toEqual([]);
    lock.release(gone);
    lock.claim(queued('v', 'y', 1, 23), true);
    expect(told()).toEqual([
      [z, 19],
      [y, 23],
    ]);
  });

  test('is left for a while if no further promise comes, then written again: it may be chosen', () => {
    const asked = passedOver();
    promise(asked, x, lockRecord(6, holder('s', 'x', 1, 20)));
    promise(asked, y, free, 0);
    parts.take();
    parts.wait(1_000);
    expect(said(parts.take(), 'accept')).toEqual([]);
    parts.wait(1_500);
    const again = { token: 6, holder: { session: 's' } };
    expect(said(parts.take(), 'accept')[0]).toMatchObject({ record: again });
  });
});

describe('a claim that is let go of', () => {
  const former = holder('s', 'x');
  const next = queued('t', 'y', 1, 20);
  const last = queued('u', 'x', 1, 21);
  const letGo = ({ stamp }: QueuedClaim) =>
    parts.keeper.onRelease(x, { kind: 'release', lock: door.lock, stamp });
  beforeEach(() => {
    const held = lockRecord(5, former);
    keepWith(held, held);
    const kept = parts.keeper.takeOn(door.lock);
    for (const claim of [next, last]) {
      parts.links.heard(claim.stamp.home);
      kept.claim(claim, true);
    }
  });

  test('while its lock is handed over with the queue is to ask the heir, who may grant it', () => {
    letGo(former);
    const done = parts.take();
    expect(said(done, 'handover')).toMatchObject([{ to: y, queue: [last] }]);
    letGo(last);
    accepted(said(done, 'accept')[0], x, y);
    const told = parts.take();
    expect(said(told, 'released')).toMatchObject([{ to: x, stamp: former.stamp }]);
    expect(said(told, 'ask')).toMatchObject([{ to: x, stamp: last.stamp, owner: y }]);
  });

  test('before its lock is handed over is out of the queue', () => {
    letGo(last);
    expect(said(parts.take(), 'released')).toMatchObject([{ to: x, stamp: last.stamp }]);
    letGo(former);
    expect(said(parts.take(), 'handover')).toMatchObject([{ to: y, queue: [] }]);
  });
});
