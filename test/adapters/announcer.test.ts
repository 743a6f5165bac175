import { beforeEach, describe, expect, it } from 'vitest';
import { Announcer, type Portrait } from '../../src/adapters/announcer.ts';
import type { PeerId } from '../../src/core/types.ts';
import {
  ANNOUNCE_HEALTH_MS_PER_PEER,
  ANNOUNCE_MS,
  ANNOUNCE_MS_MIN,
  ANNOUNCE_MS_PER_PEER,
} from '../../src/limits.ts';
import type { Announcement } from '../../src/wire/announcement-codec.ts';
import { announcementOf } from '../wire/announcements.ts';

describe('an announcer', () => {
  let now: number;
  let portrait: Portrait;
  let said: Announcement[];
  let announcer: Announcer;
  let peers: number;

  beforeEach(() => {
    now = 0;
    peers = 3;
    portrait = announcementOf();
    said = [];
    announcer = new Announcer({
      portray: () => portrait,
      publish: (announcement) => said.push(announcement),
      peers: () => peers,
      now: () => now,
      random: () => 0.5,
    });
    announcer.round();
  });

  function roundAt(at: number): number {
    now = at;
    announcer.round();
    return said.length;
  }

  it('speaks at once, and then slowly, counting', () => {
    expect(said).toHaveLength(1);
    expect(roundAt(ANNOUNCE_MS - 1)).toBe(1);
    expect(roundAt(ANNOUNCE_MS)).toBe(2);
    expect(said.map(({ counter }) => counter)).toEqual([1, 2]);
  });

  it.each<[string, Partial<Portrait>]>([
    ['the epoch', { epoch: 2 }],
    ['an address', { addresses: [] }],
    ['the address for clients', { text: null }],
    ['a voter that is reached', { health: { ...announcementOf().health, reached: [] } }],
    ['the quorum', { health: { ...announcementOf().health, quorum: false } }],
    ['the disk', { health: { ...announcementOf().health, disk: 'ok' } }],
  ])('tells of %s soon, but not at any pace', (_, change) => {
    portrait = { ...portrait, ...change };
    expect(roundAt(ANNOUNCE_MS_MIN - 1)).toBe(1);
    expect(roundAt(ANNOUNCE_MS_MIN)).toBe(2);
    expect(said[1]).toMatchObject(change);
    expect(roundAt(2 * ANNOUNCE_MS_MIN)).toBe(2);
  });

  it('waits for longer with a change, the more peers there are to hear of it', () => {
    peers = 100;
    portrait = { ...portrait, epoch: 2 };
    expect(roundAt(100 * ANNOUNCE_MS_PER_PEER - 1)).toBe(1);
    expect(roundAt(100 * ANNOUNCE_MS_PER_PEER)).toBe(2);
  });

  it('waits for longer yet when only its health has changed', () => {
    peers = 20;
    portrait = { ...portrait, health: { ...portrait.health, quorum: false } };
    expect(roundAt(20 * ANNOUNCE_HEALTH_MS_PER_PEER - 1)).toBe(1);
    expect(roundAt(20 * ANNOUNCE_HEALTH_MS_PER_PEER)).toBe(2);
  });

  it('does not speak for figures that move all the time', () => {
    const health = { ...portrait.health, uptimeS: 61, clients: 6 };
    portrait = { ...portrait, health, addresses: [...portrait.addresses], epoch: 1 };
    expect(roundAt(ANNOUNCE_MS_MIN)).toBe(1);
    portrait = { ...portrait, health: { ...health, reached: ['Bob'] as PeerId[] } };
    expect(roundAt(ANNOUNCE_MS_MIN)).toBe(2);
    expect(said[1]?.health.clients).toBe(6);
  });
});
