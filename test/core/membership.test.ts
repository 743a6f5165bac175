/**
 * Changing the voters (rules 17 and 18), over a simulated network: what must be carried over, who
 * must not be read, and who finishes what others began.
 */
import { describe, expect, it } from 'vitest';
import { leaseFor } from '../../src/core/session.ts';
import type { PeerId, RegisterName } from '../../src/core/types.ts';
import { Cluster, type ClusterOptions } from './cluster.ts';
import { Parts } from './parts.ts';
import { ballot, said, sessionNamed, sessionRecord } from './solo.ts';

/** Peers of which the first `voters` vote. */
function clusterOf(peers: number, voters: number, options: ClusterOptions = {}): Cluster {
  const cluster = new Cluster({ peers, voters, ...options });
  cluster.run(1_000);
  return cluster;
}

function ids(cluster: Cluster, ...indices: number[]) {
  return indices.map((index) => cluster.id(index));
}

describe('a change of the voters', () => {
  it('makes spares voters, and is answered when a quorum of them takes part', () => {
    const cluster = clusterOf(3, 1);
    const outcome = cluster.reconfigure(0, { kind: 'add', peers: ids(cluster, 1, 2) }, 500);
    expect(outcome).toMatchObject({ kind: 'changed', configuration: { epoch: 2 } });
    cluster.run(500);
    for (const index of [0, 1, 2]) {
      expect(cluster.member(index).epoch).toMatchObject({
        configuration: { epoch: 2, voters: ids(cluster, 0, 1, 2), before: ids(cluster, 0) },
        standing: 'serving',
      });
    }
  });

  it('carries held locks over, with their tokens, to voters that never saw them', () => {
    const cluster = clusterOf(6, 3);
    const client = cluster.client(5);
    expect(client.lock('door')).toMatchObject({ kind: 'acquired', token: 1 });
    expect(client.lock('gate')).toMatchObject({ kind: 'acquired', token: 1 });
    cluster.reconfigure(0, { kind: 'set', voters: ids(cluster, 3, 4, 5) });
    cluster.run(2_000);
    for (const index of [3, 4, 5]) {
      expect(cluster.storedLock(index, 'door')).toMatchObject({ token: 1 });
    }
    // Those that vote no more have nothing left.
    for (const index of [0, 1, 2]) expect(cluster.member(index).registers.size).toBe(0);
    for (const index of [0, 1, 2]) cluster.crash(index);
    expect(cluster.client(4).lock('door')).toMatchObject({ kind: 'refused', reason: 'held' });
    expect(client.unlock('door')).toMatchObject({ kind: 'released' });
    expect(cluster.client(4).lock('door')).toMatchObject({ kind: 'acquired', token: 2 });
  });

  it('keeps a session valid that is held through many changes', () => {
    const cluster = clusterOf(5, 3);
    const client = cluster.client(0);
    client.lock('door');
    for (const voters of [[0, 1, 2, 3, 4], [1, 2, 3, 4], [2, 3, 4], [3], [0, 1, 3]]) {
      const change = { kind: 'set', voters: ids(cluster, ...voters) } as const;
      expect(cluster.reconfigure(0, change)).toMatchObject({ kind: 'changed' });
      cluster.run(4_000);
    }
    expect(client.heard.filter(({ kind }) => kind !== 'response')).toEqual([]);
    expect(client.unlock('door')).toMatchObject({ kind: 'released' });
  });

  it('answers whoever waits or tries meanwhile, with no more than a bounded wait', () => {
    const cluster = clusterOf(5, 3);
    const holder = cluster.client(0);
    holder.lock('door');
    const waiters = [1, 2, 3, 4].map((index) => cluster.client(index));
    for (const waiter of waiters) waiter.wait('door', 30_000);
    cluster.run(100);
    cluster.wish(1, { kind: 'set', voters: ids(cluster, 2, 3, 4) });
    const others = [0, 1, 2, 3, 4].map((index) => cluster.client(index));
    for (const [index, other] of others.entries()) {
      expect(other.lock(`lock-${index}`, null, 1_000)).toMatchObject({ kind: 'acquired' });
    }
    holder.unlock('door');
    // Made in the same instant: whose claim is the older is for the stamps to say.
    const waiting = new Set(waiters);
    while (waiting.size > 0) {
      cluster.runUntil(() => [...waiting].some(({ heard }) => heard.length > 0), 1_000);
      const next = [...waiting].find(({ heard }) => heard.length > 0);
      expect(next?.heard[0]).toMatchObject({ response: { kind: 'acquired' } });
      next?.unlock('door');
      waiting.delete(next!);
    }
    expect(cluster.storedLock(2, 'door')?.token).toBe(5);
  });

  it('frees the lock of a home that dies while the voters change, after a lease', () => {
    const cluster = clusterOf(6, 3, { settings: { sessionTimeoutMs: 1_000 } });
    cluster.client(5).lock('door');
    cluster.crash(5);
    const crashedAt = cluster.now;
    cluster.reconfigure(0, { kind: 'set', voters: ids(cluster, 2, 3, 4) });
    const response = cluster.client(0).lock('door', 20_000);
    expect(response).toMatchObject({ kind: 'acquired', token: 2 });
    expect(cluster.now - crashedAt).toBeGreaterThanOrEqual(3_000);
    expect(cluster.now - crashedAt).toBeLessThan(6_000);
  });

  it('is finished by a sealed voter when whoever began it dies', () => {
    const cluster = clusterOf(4, 3);
    // The proposer dies after all have accepted, before it hears of it.
    cluster.lose = ({ message, to }) => message.kind === 'accepted' && to === 3;
    cluster.wish(3, { kind: 'remove', peers: ids(cluster, 2) });
    cluster.run(60);
    cluster.crash(3);
    cluster.lose = () => false;
    expect(cluster.runUntil(() => cluster.epoch(0) === 2 && cluster.epoch(1) === 2, 3_000)).toBe(
      true,
    );
    expect(cluster.client(0).lock('door')).toMatchObject({ kind: 'acquired' });
  });

  it('is one of two that are wished for at once, and then the other', () => {
    const cluster = clusterOf(5, 3);
    cluster.wish(0, { kind: 'add', peers: ids(cluster, 3) });
    cluster.wish(1, { kind: 'add', peers: ids(cluster, 4) });
    cluster.runUntil(() => cluster.outcomes.length === 2, 5_000);
    expect(cluster.outcomes).toMatchObject([{ kind: 'changed' }, { kind: 'changed' }]);
    cluster.run(1_000);
    expect(cluster.member(2).epoch?.configuration).toMatchObject({
      epoch: 3,
      voters: ids(cluster, 0, 1, 2, 3, 4),
    });
  });

  it('goes on where a voter was restarted while it merged', () => {
    const cluster = clusterOf(5, 3);
    for (let name = 0; name < 50; name++) cluster.client(0).lock(`lock-${name}`);
    cluster.lose = ({ message, to }) => message.kind === 'fetched' && to === 4;
    cluster.wish(0, { kind: 'set', voters: ids(cluster, 2, 3, 4) });
    cluster.run(300);
    expect(cluster.member(4).epoch).toMatchObject({ standing: 'empty' });
    cluster.lose = () => false;
    cluster.restart(4);
    cluster.run(500);
    expect(cluster.member(4).epoch).toMatchObject({ standing: 'serving' });
    expect(cluster.storedLock(4, 'lock-49')).toMatchObject({ token: 1 });
  });

  it('is merged though questions for the first pages of registers and for later ones are lost', () => {
    const cluster = clusterOf(5, 3, { settings: { pageSize: 20 } });
    for (let name = 0; name < 50; name++) cluster.client(0).lock(`lock-${name}`);
    const asked = new Map<string, number>();
    cluster.lose = ({ message, from, to }) => {
      if (message.kind !== 'fetch') return false;
      const count = (asked.get(`${from} ${to}`) ?? 0) + 1;
      asked.set(`${from} ${to}`, count);
      return count <= 3 || (message.page === 1 && count < 6);
    };
    cluster.wish(0, { kind: 'set', voters: ids(cluster, 2, 3, 4) });
    const merged = (index: number) => cluster.member(index).epoch?.standing === 'serving';
    expect(cluster.runUntil(() => [2, 3, 4].every(merged), 20_000)).toBe(true);
    expect(Math.max(...asked.values())).toBeGreaterThan(3);
    expect(cluster.storedLock(4, 'lock-49')).toMatchObject({ token: 1 });
  });

  it('is merged of who takes part, where those who vote no more have nothing to give', () => {
    const cluster = clusterOf(6, 6);
    cluster.client(0).lock('door');
    cluster.crash(5);
    cluster.lose = ({ message, from, to }) =>
      message.kind === 'fetched' && to === 2 && (from === 3 || from === 4);
    cluster.wish(0, { kind: 'set', voters: ids(cluster, 0, 1, 2) });
    cluster.run(5_000);
    const standing = (index: number) => cluster.member(index).epoch?.standing;
    expect([3, 4].map(standing)).toEqual(['empty', 'empty']);
    expect([0, 1, 2].map(standing)).toEqual(['serving', 'serving', 'serving']);
    expect(cluster.storedLock(2, 'door')).toMatchObject({ token: 1 });
  });

  it('is refused without a quorum of those who would vote, and of strangers', () => {
    const cluster = clusterOf(5, 3);
    cluster.crash(3);
    cluster.run(1_500);
    const add = cluster.reconfigure(0, { kind: 'add', peers: ids(cluster, 3) });
    expect(add).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('not connected'),
    });
    cluster.crash(2);
    cluster.run(1_500);
    const keep = cluster.reconfigure(0, { kind: 'set', voters: ids(cluster, 1, 2) });
    expect(keep).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('2 are needed'),
    });
    const none = cluster.reconfigure(0, { kind: 'remove', peers: ids(cluster, 0, 1, 2) });
    expect(none).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('at least one'),
    });
  });

  it('is not agreed on by a minority, and says so', () => {
    const cluster = clusterOf(4, 3);
    cluster.crash(1);
    cluster.crash(2);
    const outcome = cluster.reconfigure(0, { kind: 'want', voters: 5 });
    expect(outcome).toMatchObject({ kind: 'indeterminate', reached: 1, needed: 2 });
  });
});

describe('a session that moves as an epoch begins', () => {
  it('is not lost because no voter has answered a heartbeat of its new home yet', () => {
    const cluster = clusterOf(4, 3);
    const client = cluster.client(0);
    const session = client.session();
    client.setTimeout(10_000);
    client.lock('door');
    cluster.crash(0);
    cluster.run(50);
    cluster.lose = ({ message, to }) => message.kind === 'alive' && to === 3;
    cluster.reconfigure(1, { kind: 'want', voters: 1 });
    const next = cluster.client(3);
    next.send({ kind: 'resume', session });
    cluster.run(400);
    expect(next.heard).toEqual([]);
    cluster.lose = () => false;
    cluster.run(400);
    expect(next.heard).toMatchObject([{ response: { kind: 'resumed', locks: 1 } }]);
    expect(next.unlock('door')).toMatchObject({ kind: 'released' });
  });
});

describe('a voter that took no part in the epoch before', () => {
  it('throws away what it knew: a name forgotten meanwhile must not come back', () => {
    const cluster = clusterOf(4, 3, { settings: { forgetMs: 1_000 } });
    const client = cluster.client(0);
    for (let round = 0; round < 5; round++) {
      client.lock('door');
      client.unlock('door');
      if (round === 1) cluster.crash(2);
    }
    cluster.reconfigure(0, {
      kind: 'replace',
      peer: cluster.id(2),
      by: cluster.id(3),
      rests: true,
    });
    cluster.runUntil(() => cluster.storedLock(0, 'door') === null, 20_000);
    expect(cluster.member(2).registers.has('Ldoor' as never)).toBe(true);
    cluster.start(2);
    cluster.run(2_000);
    cluster.reconfigure(0, { kind: 'set', voters: ids(cluster, 1, 2, 3) });
    cluster.run(500);
    cluster.crash(1);
    expect(cluster.client(2).lock('door')).toMatchObject({ kind: 'acquired', token: 6 });
  });

  it('throws nothing away of what it merges, though it was told twice to begin anew', () => {
    const { voter, context } = new Parts({ pageSize: 1 });
    const record = { kind: 'lock', token: 1, holder: null } as const;
    const registers = ['La', 'Lb', 'Lc', 'Ld'].map((name) => {
      return { register: name as RegisterName, ballot: ballot(1, context.self), record };
    });
    const page = { registers, floorRound: 0, floorToken: 0, last: true };
    voter.merge(page);
    voter.enter('empty', () => {});
    voter.enter('empty', () => voter.merge(page));
    for (let ms = 1; ms <= 10; ms++) context.agenda.runDue(context.instant + ms);
    expect(voter.size).toBe(registers.length);
  });

  it('waits for a lease before a session ends that it merged, also if its home asks', () => {
    const parts = new Parts();
    const { voter, links } = parts;
    const { register } = sessionNamed('p-1-secret');
    const q = 'q' as PeerId;
    links.opened(q, 1);
    parts.wait(60_000);
    const record = sessionRecord(q, { attachment: 2 });
    const registers = [{ register, ballot: ballot(2, q), record }];
    voter.merge({ registers, floorRound: 0, floorToken: 0, last: true });
    voter.serve();
    /** How long *expired* would be refused to that home: another may have had the session. */
    const leftMs = (round: number) => {
      parts.take();
      const asked = {
        kind: 'prepare',
        request: round,
        register,
        ballot: ballot(round, q),
      } as const;
      voter.prepare(q, asked);
      return said(parts.take(), 'promise')[0]?.leaseLeftMs;
    };
    expect(leftMs(9)).toBe(leaseFor(record.timeoutMs, parts.context.settings));
    parts.wait(60_000);
    expect(leftMs(10)).toBe(0);
  });

  it('learns of the epoch wherever it comes back, and serves again', () => {
    const cluster = clusterOf(3, 3);
    cluster.crash(2);
    cluster.reconfigure(0, { kind: 'want', voters: 5 });
    cluster.reconfigure(0, { kind: 'want', voters: 3 });
    cluster.start(2);
    cluster.run(1_000);
    expect(cluster.member(2).epoch).toMatchObject({
      configuration: { epoch: 3 },
      standing: 'serving',
    });
    cluster.crash(0);
    expect(cluster.client(2).lock('door')).toMatchObject({ kind: 'acquired' });
  });
});

describe('spares', () => {
  it('become voters while there are fewer than wanted, the longest connected first', () => {
    const cluster = new Cluster({ peers: 5, voters: 1 });
    cluster.reconfigure(0, { kind: 'want', voters: 3 });
    cluster.run(5_000);
    expect(cluster.member(0).epoch?.configuration.voters).toHaveLength(3);
  });

  it('do not, when they were taken out by hand', () => {
    const cluster = clusterOf(3, 3);
    cluster.reconfigure(0, { kind: 'remove', peers: ids(cluster, 2) });
    cluster.run(10_000);
    expect(cluster.member(0).epoch?.configuration).toMatchObject({
      voters: ids(cluster, 0, 1),
      wanted: 3,
      resting: ids(cluster, 2),
    });
  });

  it('do not replace a voter that is silent for one other voter only', () => {
    const cluster = clusterOf(4, 3, { settings: { replaceAfterMs: 5_000 } });
    cluster.cut(0, 1);
    cluster.run(20_000);
    expect(cluster.epoch(0)).toBe(1);
  });

  it('replace a voter that was silent for long, and never without a quorum', () => {
    const cluster = clusterOf(4, 3, { settings: { replaceAfterMs: 5_000 } });
    cluster.crash(1);
    cluster.run(4_000);
    expect(cluster.epoch(0)).toBe(1);
    cluster.run(3_000);
    expect(cluster.member(0).epoch?.configuration.voters).toEqual(ids(cluster, 0, 2, 3));
    cluster.crash(2);
    cluster.crash(3);
    cluster.start(1);
    cluster.run(10_000);
    expect(cluster.epoch(0)).toBe(2);
  });
});

describe('a peer that was shut out', () => {
  it('is heard no more, though it keeps talking', () => {
    const cluster = clusterOf(4, 3);
    const outcome = cluster.reconfigure(0, { kind: 'expel', peer: cluster.id(3) });
    expect(outcome).toMatchObject({ kind: 'changed' });
    cluster.run(1_000);
    cluster.breakChannel(0, 3);
    cluster.run(1_000);
    expect(cluster.observed).toContainEqual(
      expect.objectContaining({
        peer: 0,
        observation: expect.objectContaining({ kind: 'refused-peer', peer: cluster.id(3) }),
      }),
    );
    expect(cluster.client(0).lock('door')).toMatchObject({ kind: 'acquired' });
  });

  it('is still asked for its registers by a voter that needs them', () => {
    const cluster = clusterOf(2, 2);
    cluster.client(1).lock('door');
    const outcome = cluster.reconfigure(0, { kind: 'expel', peer: cluster.id(1) });
    expect(outcome).toMatchObject({ kind: 'changed', configuration: { voters: ids(cluster, 0) } });
    expect(cluster.client(0).lock('door', 60_000)).toMatchObject({ kind: 'acquired', token: 2 });
  });
});

describe('a peer that knows an older epoch', () => {
  it('learns of the present one from any peer that it meets, voter or not', () => {
    const cluster = clusterOf(5, 3);
    cluster.isolate(4);
    cluster.reconfigure(0, { kind: 'want', voters: 1 });
    cluster.heal(3, 4);
    cluster.run(300);
    expect(cluster.epoch(4)).toBe(2);
  });
});
