import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { seal } from '../../src/adapters/announcement-seal.ts';
import { ClusterView } from '../../src/adapters/cluster-view.ts';
import type { ClusterId, PeerId } from '../../src/core/types.ts';
import { FORGOTTEN_MS, GONE_MS, PEERS_MAX } from '../../src/limits.ts';
import type { Announcement } from '../../src/wire/announcement-codec.ts';
import { announcementOf } from '../wire/announcements.ts';
import { CLUSTER } from '../wire/fixtures.ts';
import { type Key, keysInOrder } from './libp2p-peers.ts';

let keys: Key[];
let ada: Key;
let bob: Key;
let self: Key;

beforeAll(async () => {
  keys = await keysInOrder(PEERS_MAX + 3);
  [ada, bob, self] = keys as [Key, Key, Key];
});

describe('a view of the cluster', () => {
  let now: number;
  let news: Announcement[];
  let view: ClusterView;
  let removed: PeerId | null;

  beforeEach(() => {
    now = 1_000_000_000;
    news = [];
    removed = null;
    view = new ClusterView({
      self: self.self,
      cluster: CLUSTER,
      isRemoved: (peer) => removed === peer,
      now: () => now,
      news: (announcement) => news.push(announcement),
    });
  });

  async function says(key: Key, fields: Partial<Announcement> = {}, ageMs = 0) {
    const announcement = announcementOf({ peer: key.self, ...fields });
    return view.take({ sealed: await seal(announcement, key.privateKey), ageMs });
  }

  it('takes what is newer: by its counter, and by its incarnation before that', async () => {
    expect(await says(ada, { incarnation: 2, counter: 5 })).toBe('news');
    expect(await says(ada, { incarnation: 2, counter: 5 })).toBe('known');
    expect(await says(ada, { incarnation: 2, counter: 4 })).toBe('known');
    expect(await says(ada, { incarnation: 1, counter: 9 })).toBe('known');
    expect(await says(ada, { incarnation: 2, counter: 6, epoch: 3 })).toBe('news');
    expect(await says(ada, { incarnation: 3, counter: 1, epoch: 4 })).toBe('news');
    expect(news.map(({ epoch }) => epoch)).toEqual([1, 3, 4]);
    expect(view.peer(ada.self)).toMatchObject({ incarnation: 3, counter: 1, epoch: 4 });
  });

  it('shows all peers in the order of their ids, with how long ago each was heard', async () => {
    await says(bob, {}, 500);
    now += 1_000;
    await says(ada);
    now += 1;
    const shown = view.peers().map(({ peer, heardMs, gone }) => [peer, heardMs, gone]);
    expect(shown).toEqual([
      [ada.self, 1, false],
      [bob.self, 1_501, false],
    ]);
    expect(view.peer(self.self)).toBeNull();
  });

  it('refuses what the peer that it names has not signed', async () => {
    const forged = announcementOf({ peer: ada.self });
    const sealed = await seal(forged, bob.privateKey);
    expect(await view.take({ sealed, ageMs: 0 })).toBe('refused');
    const own = await seal(forged, ada.privateKey);
    own[own.length - 70]! ^= 1;
    expect(await view.take({ sealed: own, ageMs: 0 })).toBe('refused');
    expect(view.peers()).toEqual([]);
  });

  it('refuses what is of another cluster, or none at all', async () => {
    expect(await says(ada, { cluster: 'ff'.repeat(32) as ClusterId })).toBe('refused');
    expect(await view.take({ sealed: Uint8Array.of(1, 2, 3), ageMs: 0 })).toBe('refused');
    expect(news).toEqual([]);
  });

  it('passes over a version that it does not speak', async () => {
    const sealed = await seal(announcementOf({ peer: ada.self }), ada.privateKey);
    sealed[0] = 2;
    expect(await view.take({ sealed, ageMs: 0 })).toBe('known');
  });

  it('is told nothing of its own peer by others', async () => {
    expect(await says(self)).toBe('known');
    const announcement = announcementOf({ peer: self.self });
    view.present(announcement, await seal(announcement, self.privateKey));
    now += GONE_MS;
    expect(view.peers()).toMatchObject([{ peer: self.self, heardMs: 0, gone: false }]);
  });

  it('counts as gone who was not heard of for long, and forgets them much later', async () => {
    await says(ada);
    now += GONE_MS - 1;
    expect(view.peer(ada.self)?.gone).toBe(false);
    now += 1;
    expect(view.peer(ada.self)?.gone).toBe(true);
    view.round();
    expect(view.peers()).toHaveLength(1);
    now += FORGOTTEN_MS;
    view.round();
    expect(view.peers()).toEqual([]);
    expect(await says(bob, {}, FORGOTTEN_MS)).toBe('known');
  });

  it('neither takes nor keeps anything of a peer that was shut out', async () => {
    await says(ada, { counter: 1 });
    removed = ada.self;
    expect(await says(ada, { counter: 2 })).toBe('refused');
    view.round();
    expect(view.peers()).toEqual([]);
  });

  it('hands on what it holds, with its age, or only what came after a version', async () => {
    await says(ada, {}, 20);
    const { version } = view;
    now += 5;
    await says(bob);
    const all = view.introductions(0);
    expect(all.map(({ ageMs }) => ageMs)).toEqual([25, 0]);
    expect(view.introductions(version)).toEqual([all[1]]);
    const isRemoved = () => false;
    const other = new ClusterView({
      ...{ self: self.self, cluster: CLUSTER, isRemoved, now: () => 7, news() {} },
    });
    for (const each of all) expect(await other.take(each)).toBe('news');
    expect(other.peers().map(({ heardMs }) => heardMs)).toEqual([25, 0]);
  });

  it('holds a bounded number of peers, and makes room at the cost of the gone', async () => {
    const [first, ...others] = keys.filter((key) => key !== self) as [Key, ...Key[]];
    await says(first);
    now += 1;
    for (const key of others.slice(0, PEERS_MAX - 1)) await says(key);
    expect(view.peers()).toHaveLength(PEERS_MAX);
    const late = others.at(-1)!;
    expect(await says(late)).toBe('known');
    now += GONE_MS - 1;
    expect(await says(late)).toBe('news');
    expect(view.peers()).toHaveLength(PEERS_MAX);
    expect(view.peer(first.self)).toBeNull();
  });
});
