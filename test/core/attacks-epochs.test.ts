/**
 * The attacks on changes of the voters: R5, R19 and R20 of the list in the issue, and R30 and R31,
 * which the simulator brought about (rules 13, 18 and 19).
 */
import { describe, expect, test } from 'vitest';
import { firstConfigurationOf } from '../../src/core/configuration.ts';
import type { EpochState, RegisterState } from '../../src/core/event.ts';
import type { Accept, Fetched, FetchedRegister } from '../../src/core/message.ts';
import { CONFIGURATION_REGISTER } from '../../src/core/names.ts';
import type { Read } from '../../src/core/read.ts';
import type { Ballot, ClusterId, Configuration, PeerId, Standing } from '../../src/core/types.ts';
import { NOBODY } from '../../src/core/types.ts';
import { Cluster } from './cluster.ts';
import { Parts, VOTERS } from './parts.ts';
import { holder, lockNamed, lockRecord, Solo, said } from './solo.ts';

const door = lockNamed('door');
const CLUSTER = 'c'.repeat(64) as ClusterId;

function inEpoch(epoch: number, round: number, peer: string): Ballot {
  return { epoch, round, peer: peer as PeerId, incarnation: 1 };
}

/** The second epoch, with the same voters as the first. */
function second(voters: readonly PeerId[]): Configuration {
  return { ...firstConfigurationOf(CLUSTER, voters, voters.length), epoch: 2, before: voters };
}

/** Voter `a` of the second epoch, with what its registers are worth there. */
function voterOf(standing: Standing, registers: Record<string, RegisterState> = {}): Solo {
  const configuration = second(['a', 'b', 'c'] as readonly string[] as readonly PeerId[]);
  const epoch: EpochState = { configuration, standing };
  const kept = Object.entries(registers) as [typeof door.register, RegisterState][];
  return new Solo({ durable: { epoch, registers: kept } });
}

/** All that a voter holds, in answer to what `solo` asked of it. */
function answer(
  solo: Solo,
  from: string,
  serving: boolean,
  registers: readonly FetchedRegister[],
): void {
  const asked = solo.said('fetch').findLast(({ to }) => to === from);
  if (asked === undefined) throw new Error(`${from} was not asked`);
  const fetched: Fetched = {
    kind: 'fetched',
    request: asked.request,
    page: 0,
    serving,
    registers,
    floorRound: 0,
    floorToken: 0,
    last: true,
  };
  solo.hear(from, fetched, 2);
}

function accept(ballot: Ballot): Accept {
  const record = lockRecord(1);
  const heir = { heir: ballot.peer, heirIncarnation: 1 };
  return {
    ...{ kind: 'accept', request: 7, register: door.register, ballot, record, chosen: false },
    ...heir,
  };
}

describe('R5', () => {
  test('R5: a promise of the epoch before is lifted: nothing is written unprepared over it', () => {
    const held = { ballot: inEpoch(1, 9, 'b'), record: lockRecord(4) };
    const solo = voterOf('sealed', {
      [door.register]: { promised: inEpoch(1, 10, 'b'), accepted: held },
    });
    answer(solo, 'b', false, []);
    expect(solo.said('serving')).not.toEqual([]);
    const effects = solo.hear('b', accept(inEpoch(2, 0, 'b')), 2);
    expect(said(effects, 'accepted')).toEqual([]);
    expect(said(effects, 'refused')).toMatchObject([
      { promised: { epoch: 2, round: 0, peer: NOBODY } },
    ]);
  });
});

describe('R19', () => {
  test('R19: a home that reaches voters of the old epoch alone counts on none of the new', () => {
    const cluster = new Cluster({ peers: 7, voters: 3, settings: { sessionTimeoutMs: 1_000 } });
    const holds = cluster.client(6);
    expect(holds.lock('door')).toMatchObject({ kind: 'acquired' });
    cluster.wish(0, { kind: 'set', voters: [3, 4, 5].map((index) => cluster.id(index)) });
    for (const index of [3, 4, 5]) cluster.cut(6, index);
    cluster.run(500);
    expect([cluster.epoch(6), cluster.epoch(3)]).toEqual([2, 2]);
    const waits = cluster.client(3);
    waits.wait('door', 20_000);
    const isLost = () => holds.heard.some(({ kind }) => kind === 'lost');
    expect(cluster.runUntil(isLost, 5_000)).toBe(true);
    expect(waits.heard).toEqual([]);
    cluster.runUntil(() => waits.heard.length > 0, 5_000);
    expect(waits.heard[0]).toMatchObject({ response: { kind: 'acquired', token: 2 } });
  });

  test('R19: what voters answered in the old epoch lasts until those of the new confirm', () => {
    const cluster = new Cluster({ peers: 7, voters: 3, settings: { sessionTimeoutMs: 1_000 } });
    const holds = cluster.client(6);
    holds.lock('door');
    cluster.wish(0, { kind: 'set', voters: [3, 4, 5].map((index) => cluster.id(index)) });
    cluster.run(8_000);
    expect(holds.heard.filter(({ kind }) => kind !== 'response')).toEqual([]);
    expect(holds.unlock('door')).toMatchObject({ kind: 'released' });
  });
});

describe('R20', () => {
  const stale = { [door.register]: { promised: inEpoch(1, 3, 'b'), accepted: null } };

  test('R20: a voter that took no part in the epoch before is not read', () => {
    const solo = voterOf('empty', stale);
    const effects = solo.hear('b', { kind: 'fetch', request: 1, page: 0 }, 2);
    expect(said(effects, 'fetched')).toEqual([]);
    answer(solo, 'b', false, []);
    expect(solo.said('serving')).toEqual([]);
    answer(solo, 'c', false, []);
    expect(solo.said('serving')).not.toEqual([]);
  });

  test('R20: a voter that missed the epoch before gives nothing of what it knew of others', () => {
    const held = { ballot: inEpoch(1, 3, 'b'), record: lockRecord(4) };
    const promised = inEpoch(1, 4, 'b');
    const solo = voterOf('absent', { [door.register]: { promised, accepted: held } });
    const effects = solo.hear('b', { kind: 'fetch', request: 1, page: 0 }, 2);
    expect(said(effects, 'fetched')).toMatchObject([{ registers: [], last: true, serving: false }]);
    expect(solo.said('serving')).toEqual([]);
    answer(solo, 'b', false, []);
    expect(solo.said('serving')).not.toEqual([]);
  });

  test('R20: a voter that has not merged takes no part, nor in agreeing on the next epoch', () => {
    const solo = voterOf('sealed', stale);
    for (const register of [door.register, CONFIGURATION_REGISTER]) {
      const prepare = {
        kind: 'prepare',
        request: 1,
        register,
        ballot: inEpoch(2, 5, 'b'),
      } as const;
      expect(said(solo.hear('b', prepare, 2), 'promise')).toEqual([]);
    }
    expect(said(solo.hear('b', { kind: 'heartbeat', sequence: 1 }, 2), 'alive')).toEqual([]);
  });
});

describe('R30', () => {
  /** What a writer of epoch 2 reads of two voters that hold the same ballot. */
  function readOf(ballot: Ballot): Read | null {
    const parts = new Parts();
    parts.context.enter(second(VOTERS));
    let read: Read | null = null;
    const owner = {
      onRead: (_write: unknown, found: Read) => {
        read = found;
      },
      onChosen: () => {},
      onRefused: () => {},
    };
    const { request } = parts.writer.prepare(door.register, owner);
    const accepted = { ballot, record: lockRecord(5, holder('s', 'x')) };
    const promise = { kind: 'promise', request, accepted, floorToken: 0, leaseLeftMs: 0 } as const;
    for (const voter of VOTERS.slice(0, 2)) parts.writer.onPromise(voter, promise);
    return read;
  }

  test('R30: what a quorum merely carried over was not chosen for that: it is written again', () => {
    expect(readOf(inEpoch(1, 5, 'x'))).toMatchObject({ certain: false, record: { token: 5 } });
    expect(readOf(inEpoch(2, 5, 'x'))).toMatchObject({ certain: true, record: { token: 5 } });
  });
});

describe('R31', () => {
  test('R31: a record that was carried over from this epoch is promised as where it was', () => {
    const solo = voterOf('empty');
    const ballot = inEpoch(2, 5, 'b');
    answer(solo, 'b', true, [{ register: door.register, ballot, record: lockRecord(4) }]);
    expect(solo.said('serving')).not.toEqual([]);
    const lower = { kind: 'prepare', request: 1, register: door.register } as const;
    const effects = solo.hear('c', { ...lower, ballot: inEpoch(2, 3, 'c') }, 2);
    expect(said(effects, 'promise')).toEqual([]);
    expect(said(effects, 'refused')).toMatchObject([{ promised: { epoch: 2, round: 5 } }]);
  });
});
