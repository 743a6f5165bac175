import { describe, expect, test } from 'vitest';
import type { LockName, PeerId } from '../../src/core/types.ts';
import { ballot, lockNamed, persisted, Solo, said } from './solo.ts';

const { register, lock } = lockNamed('door');
const prepare = { kind: 'prepare', request: 1, register, ballot: ballot(1, 'b') } as const;

describe('a message', () => {
  test('of an older epoch is answered with the configuration, and does nothing', () => {
    const solo = new Solo();
    const effects = solo.hear('b', prepare, 0);
    expect(persisted(effects)).toEqual([]);
    expect(effects).toMatchObject([
      { kind: 'send', to: 'b', epoch: 1, message: { kind: 'configured' } },
    ]);
  });

  test('of a newer epoch is answered by asking for its configuration', () => {
    const effects = new Solo().hear('b', prepare, 2);
    expect(effects).toMatchObject([{ kind: 'send', message: { kind: 'ask-configuration' } }]);
  });

  test('that asks for the configuration gets it', () => {
    const [sent] = said(new Solo().hear('b', { kind: 'ask-configuration' }), 'configured');
    expect(sent).toMatchObject({ to: 'b', configuration: { epoch: 1, voters: ['a', 'b', 'c'] } });
  });

  test('that tells a configuration changes nothing: there is but one', () => {
    const solo = new Solo();
    const [sent] = said(solo.hear('b', { kind: 'ask-configuration' }), 'configured');
    if (sent === undefined) throw new Error('no configuration');
    const { configuration } = sent;
    expect(solo.hear('b', { kind: 'configured', configuration })).toEqual([]);
  });

  test('without a channel is not heard', () => {
    const solo = new Solo();
    solo.part('b');
    expect(solo.hear('b', prepare)).toEqual([]);
    expect(solo.hear('stranger', prepare)).toEqual([]);
  });

  test('lifts the Lamport counter above that of its sender', () => {
    const solo = new Solo();
    solo.wait(400, ['b', 'c']);
    solo.hear('b', { kind: 'alive', sequence: 1 }, 1, 41);
    solo.command(1, { kind: 'lock', name: lock, waitMs: 60_000 });
    const { request = 0 } = solo.said('accept')[0] ?? {};
    for (const from of ['b', 'c']) solo.hear(from, { kind: 'accepted', request });
    expect(solo.said('claim')[0]?.claim.stamp.counter).toBe(42);
  });

  test('that answers nothing asked does nothing', () => {
    const solo = new Solo();
    const stamp = { counter: 77, home: 'a' as PeerId, incarnation: 1 };
    const answers = [
      { kind: 'accepted', request: 99 },
      { kind: 'refused', request: 99, promised: ballot(1, 'c'), leaseLeftMs: 0 },
      { kind: 'promise', request: 99, accepted: null, floorToken: 0, leaseLeftMs: 0 },
      { kind: 'alive', sequence: 99 },
      { kind: 'lives', lock, stamp },
      { kind: 'held', lock, stamp },
      { kind: 'busy', lock, stamp },
      { kind: 'queued', lock, stamp },
      { kind: 'ask', lock, stamp, owner: null },
      { kind: 'released', lock, stamp },
      { kind: 'withdraw', lock, stamp },
      { kind: 'superseded', register, promised: ballot(1, 'c') },
      { kind: 'confirmed', sessions: [], missing: [] },
      { kind: 'resumed', request: 99, outcome: 'unknown', timeoutMs: 0 },
      { kind: 'holding', request: 99, locks: [], last: true },
      {
        kind: 'inspected',
        request: 99,
        keeper: false,
        record: { kind: 'lock', token: 0, holder: null },
        waiters: 0,
        heldMs: 0,
      },
    ] as const;
    for (const answer of answers) expect(solo.hear('b', answer)).toEqual([]);
  });

  test('that grants a claim nobody made is answered by letting it go', () => {
    const stamp = { counter: 77, home: 'a' as PeerId, incarnation: 1 };
    const solo = new Solo();
    expect(solo.hear('b', { kind: 'granted', lock, stamp, token: 3 })).toMatchObject([
      { kind: 'send', to: 'b', message: { kind: 'release', stamp } },
    ]);
    const foreign = { ...stamp, home: 'c' as PeerId };
    expect(solo.hear('b', { kind: 'granted', lock, stamp: foreign, token: 3 })).toEqual([]);
  });
});

describe('a channel', () => {
  test('to a lower incarnation than remembered is refused: a restored backup', () => {
    const solo = new Solo({ durable: { remembered: [['b' as PeerId, 4]] }, meets: ['c'] });
    expect(solo.meet('b', 3)).toMatchObject([
      { kind: 'observe', observation: { kind: 'refused-peer', peer: 'b' } },
      { kind: 'disconnect', peer: 'b' },
    ]);
    expect(solo.hear('b', prepare)).toEqual([]);
    expect(persisted(solo.meet('b', 4))).toEqual([]);
  });

  test('to a higher incarnation is remembered durably', () => {
    const solo = new Solo({ meets: [] });
    expect(persisted(solo.meet('b', 4))).toEqual([
      { kind: 'remember', peer: 'b', incarnation: 4, nonce: 0 },
    ]);
    solo.part('b');
    expect(solo.meet('b', 3).at(-1)).toMatchObject({ kind: 'disconnect' });
  });
});

test('a channel that is made once something is to be said counts, and gets no heartbeat', () => {
  const solo = new Solo({ self: 'd', meets: [] });
  const opened = { kind: 'channel-opened', peer: 'e' as PeerId, incarnation: 1 } as const;
  expect(said(solo.step({ ...opened, asleep: true }), 'heartbeat')).toEqual([]);
  solo.command(1, { kind: 'peers' });
  const peers = expect.arrayContaining([expect.objectContaining({ peer: 'e', reachable: true })]);
  expect(solo.responses.at(-1)).toMatchObject({ kind: 'peers', peers });
  expect(said(solo.step(opened), 'heartbeat')).toMatchObject([{ to: 'e' }]);
});

describe('another life of the same incarnation', () => {
  const meet = (solo: Solo, incarnation: number, nonce: number) =>
    solo.step({ kind: 'channel-opened', peer: 'b' as PeerId, incarnation, nonce });

  test('is refused: a backup that was put back after one later start', () => {
    const solo = new Solo({ durable: { remembered: [['b' as PeerId, 4, 77]] }, meets: ['c'] });
    expect(meet(solo, 4, 78).at(-1)).toMatchObject({
      kind: 'disconnect',
      cause: 'stale-incarnation',
      reason: 'incarnation 4 was another start before: a restored backup',
    });
    expect(solo.hear('b', prepare)).toEqual([]);
    expect(meet(solo, 4, 77).some(({ kind }) => kind === 'disconnect')).toBe(false);
  });

  test('is remembered durably by its nonce, and by that of a later one after it', () => {
    const solo = new Solo({ meets: [] });
    const life = { kind: 'remember', peer: 'b', incarnation: 4, nonce: 9 };
    expect(persisted(meet(solo, 4, 9))).toEqual([life]);
    expect(persisted(meet(solo, 4, 9))).toEqual([]);
    expect(persisted(meet(solo, 5, 8))).toEqual([{ ...life, incarnation: 5, nonce: 8 }]);
    expect(meet(solo, 5, 9).at(-1)).toMatchObject({ kind: 'disconnect' });
  });

  test('is taken where its nonce was not stored, as before there were any, and then learned', () => {
    const solo = new Solo({ durable: { remembered: [['b' as PeerId, 4]] }, meets: [] });
    expect(persisted(meet(solo, 4, 9))).toMatchObject([{ kind: 'remember', nonce: 9 }]);
    expect(meet(solo, 4, 8).at(-1)).toMatchObject({ kind: 'disconnect' });
  });
});

describe('a peer', () => {
  test('that is no voter answers no heartbeat', () => {
    const solo = new Solo({ self: 'h', voters: ['a', 'b', 'c'], meets: ['a', 'd'] });
    expect(solo.hear('d', { kind: 'heartbeat', sequence: 1 })).toEqual([]);
    expect(said(new Solo().hear('b', { kind: 'heartbeat', sequence: 1 }), 'alive')).toMatchObject([
      { to: 'b', sequence: 1, durable: true },
    ]);
  });

  test('asks whoever is said to be in a later epoch, once a channel', () => {
    const solo = new Solo({ meets: ['b'] });
    const hears = (peer: string, epoch: number) =>
      said(solo.step({ kind: 'epoch-heard', peer: peer as PeerId, epoch }), 'ask-configuration');
    expect(hears('b', 1)).toEqual([]);
    expect(hears('c', 2)).toEqual([]);
    expect(hears('b', 2)).toMatchObject([{ to: 'b' }]);
    expect(hears('b', 2)).toEqual([]);
    solo.part('b');
    solo.meet('b', 1);
    expect(hears('b', 2)).toMatchObject([{ to: 'b' }]);
  });

  test('names the voters that lately answered it', () => {
    const solo = new Solo({ meets: ['b', 'c'] });
    solo.wait(400, ['b']);
    expect(solo.peer.reached).toEqual(['a', 'b']);
  });

  test('alone is its own quorum', () => {
    const solo = new Solo({ voters: ['a'] });
    solo.wait(400, ['a']);
    solo.command(1, { kind: 'lock', name: 'door' as LockName, waitMs: null });
    expect(solo.responses).toMatchObject([{ kind: 'acquired', token: 1 }]);
  });

  test('says when it reaches a quorum, and when it does no more', () => {
    const solo = new Solo();
    solo.wait(400, ['b', 'c']);
    solo.wait(2_000);
    const told = solo.effects.flatMap((effect) =>
      effect.kind === 'observe' && effect.observation.kind === 'quorum'
        ? [[effect.observation.has, effect.observation.reached]]
        : [],
    );
    expect(told).toEqual([
      [true, 2],
      [false, 1],
    ]);
  });

  test('answers a heartbeat with its own next one, where that comes soon, and none is missed', () => {
    const patient = (solo: Solo, from: string) =>
      solo
        .hear(from, { kind: 'heartbeat', sequence: 1 })
        .flatMap((effect) => (effect.kind === 'send' ? [effect.patient ?? false] : []));
    const solo = new Solo({ meets: ['b', 'd'] });
    expect(patient(solo, 'b')).toEqual([false]);
    solo.wait(1_000);
    expect(patient(solo, 'b')).toEqual([true]);
    expect(patient(solo, 'd')).toEqual([false]);
    const slow = new Solo({ settings: { heartbeatMs: 300 } });
    slow.wait(1_000);
    expect(patient(slow, 'b')).toEqual([false]);
  });

  test('does not take an answer to a heartbeat that it has forgotten, or never sent', () => {
    const solo = new Solo({ settings: { heartbeatMs: 10 } });
    solo.wait(3_000);
    for (const sequence of [1, 9_999]) solo.hear('b', { kind: 'alive', sequence });
    solo.command(1, { kind: 'stats' });
    expect(solo.responses.at(-1)).toMatchObject({ statistics: { votersReached: 1 } });
  });
});
