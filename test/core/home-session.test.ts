import { beforeEach, describe, expect, test } from 'vitest';
import { HomeSession } from '../../src/core/home-session.ts';
import { NOBODY, type PeerId, type SessionRecord } from '../../src/core/types.ts';
import { Parts, VOTERS } from './parts.ts';
import { ballot, said, sessionNamed, sessionRecord } from './solo.ts';

const { session, register } = sessionNamed('h-1-secret');
const [x, y, z] = ['x', 'y', 'z'] as PeerId[] as [PeerId, PeerId, PeerId];
const RECORD = sessionRecord('h', { timeoutMs: 10_000 });
/** Of 10 s, less the drift bound and two roundings. */
const VOUCHED_MS = 9_798;

let parts: Parts;
let told: string[];
let home: HomeSession;
beforeEach(() => {
  parts = new Parts();
  begin(RECORD);
});

function begin(record: SessionRecord, id = session): void {
  told = [];
  const owner = {
    recordChosen: () => void told.push('chosen'),
    sessionGone: () => void told.push('gone'),
    sessionEnded: () => void told.push('ended'),
  };
  const { context, links, writer } = parts;
  home = new HomeSession({ context, links, writer, owner }, id, record);
}

/** Those voters answer the heartbeat that was sent last: number so and so. */
function alive(sequence: number, ...voters: PeerId[]): void {
  for (const voter of voters) parts.links.alive(voter, sequence);
}

function accepted(...voters: PeerId[]): void {
  for (const voter of voters) parts.writer.onAccepted(voter, { kind: 'accepted', request });
}

let request = 0;
/** What it sent last, to be answered. */
function sent() {
  const effects = parts.take();
  const accept = said(effects, 'accept').at(-1);
  const prepare = said(effects, 'prepare').at(-1);
  request = (accept ?? prepare)?.request ?? request;
  return accept?.record ?? prepare?.kind;
}

function promise(...answers: [PeerId, SessionRecord | null, number?][]): void {
  for (const [from, record, round = 1] of answers) {
    const known = record === null ? null : { ballot: ballot(round, 'h'), record };
    const answer = { kind: 'promise', request, accepted: known, floorToken: 0 } as const;
    parts.writer.onPromise(from, { ...answer, leaseLeftMs: 0 });
  }
}

function live(): void {
  home.createRecord();
  sent();
  alive(1, ...VOTERS);
  accepted(...VOTERS);
}

describe('the record', () => {
  test('is blank until it is wanted, then written unprepared by the maker of the id', () => {
    expect([home.isBlank, home.isChosen, home.isValid]).toEqual([true, false, false]);
    home.setTimeoutMs(7_000);
    expect(sent()).toBeUndefined();
    home.createRecord();
    expect(sent()).toEqual({ ...RECORD, timeoutMs: 7_000 });
    home.createRecord();
    expect(sent()).toBeUndefined();
    alive(1, x, y);
    accepted(x, y);
    expect(told).toEqual(['chosen']);
    expect([home.isBlank, home.isChosen, home.isSettled]).toEqual([false, true, true]);
  });

  test('is prepared when a voter refuses it that was asked for the session, and forgot it', () => {
    home.createRecord();
    sent();
    const promised = { ...ballot(4, ''), peer: NOBODY };
    parts.writer.onRefused(x, { kind: 'refused', request, promised, leaseLeftMs: 0 });
    parts.wait(100);
    expect(sent()).toBe('prepare');
    promise([x, null], [y, null]);
    expect([sent(), told]).toEqual([RECORD, []]);
  });

  test('is taken for new by no voter after a lease, be it not known whether it was chosen', () => {
    home.createRecord();
    sent();
    accepted(x);
    parts.wait(VOUCHED_MS);
    expect(sent()).toBe('prepare');
    parts.links.opened(y, 2);
    parts.writer.channelOpened(y);
    expect(said(parts.take(), 'accept')).toEqual([]);
  });

  test('is told of as chosen once a quorum has answered in this epoch, or after a while', () => {
    for (const answers of [true, false]) {
      parts = new Parts();
      begin(RECORD);
      home.createRecord();
      sent();
      accepted(x, y);
      parts.wait(100);
      expect([told, home.isChosen]).toEqual([[], false]);
      if (answers) alive(1, x, y);
      parts.wait(answers ? 20 : 1_200);
      expect([told, home.isValid]).toEqual([['chosen'], answers]);
    }
  });

  test.each([
    ['is written for an id that nobody knows yet', 1_000, RECORD, []],
    ['may be forgotten after a lease, and is not written again', VOUCHED_MS, undefined, ['gone']],
  ] as const)('that was not chosen %s', (_what, waitMs, written, heard) => {
    home.createRecord();
    sent();
    parts.wait(waitMs);
    const promised = ballot(4, 'q');
    parts.writer.onRefused(x, { kind: 'refused', request, promised, leaseLeftMs: 0 });
    parts.wait(100);
    expect(sent()).toBe('prepare');
    promise([x, null], [y, null]);
    expect([sent(), told]).toEqual([written, heard]);
  });

  test('of an id that another peer made is prepared first', () => {
    begin(RECORD, sessionNamed('p-1-secret').session);
    home.createRecord();
    expect(sent()).toBe('prepare');
    promise([x, null], [y, null]);
    expect(sent()).toEqual(RECORD);
  });

  test.each([
    [1_000, RECORD, []],
    [VOUCHED_MS, undefined, ['gone']],
  ] as const)(
    'of such an id is not written again after a lease: %s ms',
    (waitMs, written, heard) => {
      begin(RECORD, sessionNamed('p-1-secret').session);
      home.createRecord();
      sent();
      promise([x, null], [y, null]);
      sent();
      parts.wait(waitMs);
      const promised = ballot(4, 'q');
      parts.writer.onRefused(x, { kind: 'refused', request, promised, leaseLeftMs: 0 });
      parts.wait(100);
      expect(sent()).toBe('prepare');
      promise([x, null], [y, null]);
      expect([sent(), told]).toEqual([written, heard]);
    },
  );

  test('is written unprepared while the promise is its own, prepared when it is not', () => {
    live();
    home.setTimeoutMs(20_000);
    expect(sent()).toMatchObject({ timeoutMs: 20_000 });
    accepted(x, y);
    home.superseded();
    home.reattach();
    expect(sent()).toBe('prepare');
    promise([x, RECORD], [y, RECORD]);
    expect(sent()).toMatchObject({ attachment: 2, timeoutMs: 20_000 });
  });

  test('that is changed while it is written is written once more', () => {
    live();
    home.setTimeoutMs(20_000);
    sent();
    home.setTimeoutMs(30_000);
    expect(sent()).toBeUndefined();
    accepted(x, y);
    expect(sent()).toMatchObject({ timeoutMs: 30_000 });
  });
});

describe('an end that another home has written', () => {
  const elsewhere = sessionRecord('q', { attachment: 2, timeoutMs: 10_000, state: 'expired' });

  /** A lone voter holds what another home left; one that hears that home refuses it. */
  function refused(): void {
    live();
    home.superseded();
    home.end();
    sent();
    promise([x, elsewhere, 3], [y, RECORD]);
    expect(sent()).toEqual(elsewhere);
    const promised = ballot(4, 'h');
    parts.writer.onRefused(y, { kind: 'refused', request, promised, leaseLeftMs: 5_000 });
  }

  test('is over once a quorum accepts it, though a voter refused it first for a lease', () => {
    refused();
    accepted(x, z);
    expect(told).toEqual(['chosen', 'ended']);
  });

  test('that is refused until the lease is over is asked for at the home that left it', () => {
    refused();
    parts.wait(5_001);
    const effects = parts.take();
    expect(said(effects, 'doubt')).toMatchObject([{ to: 'q', session }]);
    expect(said(effects, 'prepare')).toHaveLength(3);
  });
});

describe('a time-out', () => {
  test('counts at once when it is shorter, when it is chosen when it is longer', () => {
    live();
    const validUntil = () => home.validUntil - 10_000;
    expect(validUntil()).toBe(VOUCHED_MS);
    home.setTimeoutMs(20_000);
    expect([home.timeoutMs, validUntil()]).toEqual([10_000, VOUCHED_MS]);
    sent();
    accepted(x, y);
    expect([home.timeoutMs, validUntil()]).toEqual([20_000, 19_598]);
    home.setTimeoutMs(5_000);
    expect([home.timeoutMs, validUntil()]).toEqual([5_000, 4_898]);
  });
});

describe('validity', () => {
  test('ends as the quorum-th largest of what the voters answered', () => {
    live();
    parts.wait(400);
    alive(2, z);
    expect(home.validUntil).toBe(10_000 + VOUCHED_MS);
    alive(3, y);
    expect(home.validUntil).toBe(10_200 + VOUCHED_MS);
    parts.wait(VOUCHED_MS - 201);
    expect(home.isValid).toBe(true);
    parts.wait(1);
    expect(home.isValid).toBe(false);
  });

  test('counts only voters that hold the record, and each once it does', () => {
    home.createRecord();
    sent();
    alive(1, ...VOTERS);
    accepted(x, y);
    parts.wait(200);
    alive(2, y, z);
    expect(home.validUntil).toBe(10_000 + VOUCHED_MS);
    accepted(z);
    expect(home.validUntil).toBe(10_200 + VOUCHED_MS);
  });

  test('does not count a voter that holds another record now', () => {
    live();
    const record = sessionRecord('q', { attachment: 2 });
    const moved = { kind: 'moved', session, ballot: ballot(2, 'q'), record } as const;
    home.moved(0, moved);
    expect(home.validUntil).toBe(10_000 + VOUCHED_MS);
    home.moved(1, moved);
    expect(home.isValid).toBe(false);
    expect(told).toEqual(['chosen', 'gone']);
  });

  test('goes on counting a voter that only took the record of its own home anew', () => {
    live();
    const record = { ...RECORD, timeoutMs: 4_000 };
    const moved = { kind: 'moved', session, ballot: ballot(2, 'h'), record } as const;
    for (const voter of [-1, 0, 1]) home.moved(voter, moved);
    expect(home.validUntil).toBe(10_000 + VOUCHED_MS);
  });

  test('goes by the voters of the record before, too, while it is rewritten', () => {
    live();
    home.setTimeoutMs(20_000);
    sent();
    accepted(x);
    expect(home.validUntil).toBe(10_000 + VOUCHED_MS);
  });
});

describe('a new channel', () => {
  test('keeps what the voter said before, and counts again once it has confirmed', () => {
    live();
    for (const voter of [0, 1, 2]) home.channelOpened(voter);
    parts.wait(200);
    alive(2, ...VOTERS);
    expect(home.validUntil).toBe(10_000 + VOUCHED_MS);
    home.confirmed(0, 1);
    home.confirmed(1, 2);
    expect(home.validUntil).toBe(10_000 + VOUCHED_MS);
    home.confirmed(1, 1);
    expect(home.validUntil).toBe(10_200 + VOUCHED_MS);
  });

  test('has a record confirmed that is still being written, and counts it when it is chosen', () => {
    home.createRecord();
    sent();
    alive(1, ...VOTERS);
    accepted(x);
    home.channelOpened(0);
    accepted(y);
    parts.wait(200);
    alive(2, ...VOTERS);
    expect(home.validUntil).toBe(10_000 + VOUCHED_MS);
    home.confirmed(0, 1);
    expect(home.validUntil).toBe(10_200 + VOUCHED_MS);
    live();
    home.reattach();
    sent();
    accepted(x);
    home.channelOpened(0);
    home.confirmed(0, 2);
    accepted(y);
    parts.wait(200);
    alive(3, x, y);
    expect(home.validUntil).toBe(10_400 + VOUCHED_MS);
  });

  test('to a voter that holds another record by now ends what it said before', () => {
    live();
    for (const voter of [0, 1, 2]) home.channelOpened(voter);
    home.confirmed(0, 1);
    home.confirmed(1, 1);
    expect(home.validUntil).toBe(10_000 + VOUCHED_MS);
    home.channelOpened(0);
    home.unconfirmed(x);
    expect(home.validUntil).toBe(10_000 + VOUCHED_MS);
    home.unconfirmed(z);
    expect(home.validUntil).toBe(Number.NEGATIVE_INFINITY);
    expect(home.isReliedOn).toBe(true);
    parts.wait(VOUCHED_MS);
    expect(home.isReliedOn).toBe(false);
  });

  test('ends nothing of what is being written again: who lacks it may hold the one before', () => {
    live();
    home.reattach();
    sent();
    home.channelOpened(0);
    home.channelOpened(1);
    home.unconfirmed(x);
    home.unconfirmed(y);
    expect(home.validUntil).toBe(10_000 + VOUCHED_MS);
  });

  test('to a voter that does not hold the record has it written again, if it still lacks it', () => {
    live();
    for (const missing of [x, y]) {
      home.channelOpened(VOTERS.indexOf(missing));
      home.unconfirmed(missing);
    }
    home.confirmed(0, 1);
    parts.wait(500);
    expect(sent()).toBe('prepare');
  });
});

describe('a voter that was promised to another before the chosen record came', () => {
  const refuse = (from: PeerId) =>
    parts.writer.onRefused(from, {
      kind: 'refused',
      request,
      promised: ballot(7, 'q'),
      leaseLeftMs: 0,
    });

  beforeEach(() => {
    home.createRecord();
    sent();
    alive(1, ...VOTERS);
    accepted(x, y);
    refuse(z);
    expect(sent()).toBeUndefined();
  });

  test('is sent it once more, if nobody has brought it there after a while', () => {
    parts.wait(500);
    expect(sent()).toBe('prepare');
    promise([x, RECORD], [y, RECORD], [z, null]);
    expect(sent()).toEqual(RECORD);
  });

  test('is left alone once the session has ended', () => {
    home.letGo();
    parts.wait(500);
    expect(sent()).toBeUndefined();
  });
});

describe('an end', () => {
  test('is expired, chosen, and told once', () => {
    live();
    home.end();
    expect([home.isEnding, home.isValid]).toEqual([true, false]);
    expect(sent()).toEqual({ ...RECORD, state: 'expired' });
    accepted(x, y);
    expect(told).toEqual(['chosen', 'ended']);
  });

  test('that meets another home is no end: the session is gone', () => {
    live();
    home.superseded();
    home.end();
    expect(sent()).toBe('prepare');
    const other = sessionRecord('q', { attachment: 2 });
    promise([x, other, 5], [y, other, 5]);
    expect(told).toEqual(['chosen', 'gone']);
    expect(sent()).toBeUndefined();
  });

  test('that others wrote already is one all the same', () => {
    live();
    home.superseded();
    home.end();
    sent();
    const over: SessionRecord = { ...RECORD, state: 'expired' };
    promise([x, over, 5], [y, over, 5]);
    expect(told).toEqual(['chosen', 'ended']);
  });

  test.each<[string, () => void]>([
    ['ends', () => home.end()],
    ['is let go', () => home.letGo()],
  ])('of a session that %s: a voter that missed its life is not told of it late', (_, over) => {
    home.createRecord();
    sent();
    alive(1, ...VOTERS);
    accepted(x, y);
    over();
    parts.take();
    parts.writer.channelOpened(z);
    const late = said(parts.take(), 'accept').map(({ record }) => record);
    expect(late.filter((record) => record.kind === 'session' && record.state === 'live')).toEqual(
      [],
    );
  });

  test('that came before the life was chosen: a voter that missed both is told of the end', () => {
    home.createRecord();
    sent();
    home.end();
    accepted(x, y);
    parts.take();
    parts.writer.channelOpened(z);
    const late = said(parts.take(), 'accept').map(({ record }) => record);
    expect(late).toEqual([{ ...RECORD, state: 'expired' }]);
  });

  test('that is chosen is told late to a voter that missed it', () => {
    live();
    home.end();
    sent();
    accepted(x, y);
    parts.writer.channelOpened(z);
    expect(sent()).toEqual({ ...RECORD, state: 'expired' });
  });

  test('that was let go writes nothing more', () => {
    live();
    home.letGo();
    home.end();
    expect(sent()).toBeUndefined();
    expect(register).toBe(home.register);
  });
});

test('a writer that was outrun pauses, and asks anew', () => {
  live();
  home.setTimeoutMs(20_000);
  sent();
  const refusal = { kind: 'refused', request, leaseLeftMs: 0 } as const;
  parts.writer.onRefused(x, { ...refusal, promised: ballot(9, 'q') });
  expect(sent()).toBeUndefined();
  parts.wait(300);
  expect(sent()).toBe('prepare');
});
