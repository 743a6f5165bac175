import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Sleepers } from '../../src/adapters/sleepers.ts';
import type { PeerId } from '../../src/core/types.ts';
import { ASLEEP_BYTES_MAX, WAKE_MS_MAX } from '../../src/limits.ts';

const PEER = 'Bob' as PeerId;
const LIFE = { incarnation: 3, nonce: 5 };
const FRAMES = Buffer.from('frames');

describe('a peer that is asleep', () => {
  let lost: PeerId[];
  let sleepers: Sleepers;

  beforeEach(() => {
    vi.useFakeTimers();
    lost = [];
    sleepers = new Sleepers((peer) => lost.push(peer));
    sleepers.add(PEER, LIFE);
  });

  afterEach(() => {
    sleepers.stop();
    vi.useRealTimers();
  });

  it('is told what waited, in order, once it has a channel', () => {
    expect(sleepers.keep(PEER, FRAMES)).toBe(true);
    expect(sleepers.keep(PEER, Buffer.from('more'))).toBe(true);
    expect(sleepers.woken(PEER, LIFE)).toEqual([FRAMES, Buffer.from('more')]);
    expect(sleepers.lifeOf(PEER)).toBeNull();
    vi.advanceTimersByTime(WAKE_MS_MAX);
    expect(lost).toEqual([]);
  });

  it('is told it all the same where only its incarnation was heard of', () => {
    sleepers.add(PEER, { incarnation: 3, nonce: 0 });
    sleepers.keep(PEER, FRAMES);
    expect(sleepers.woken(PEER, LIFE)).toEqual([FRAMES]);
  });

  it.each([
    ['later', { incarnation: 4, nonce: 5 }],
    ['other', { incarnation: 3, nonce: 6 }],
  ])('is told nothing in a %s life', (_, life) => {
    sleepers.keep(PEER, FRAMES);
    expect(sleepers.woken(PEER, life)).toEqual([]);
    expect(sleepers.lifeOf(PEER)).toBeNull();
  });

  it('is lost when its channel does not come in time', () => {
    sleepers.keep(PEER, FRAMES);
    vi.advanceTimersByTime(WAKE_MS_MAX - 1);
    sleepers.keep(PEER, FRAMES);
    expect(lost).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(lost).toEqual([PEER]);
    expect(sleepers.keep(PEER, FRAMES)).toBe(false);
  });

  it('is lost when too much waits', () => {
    sleepers.keep(PEER, Buffer.alloc(ASLEEP_BYTES_MAX));
    expect(lost).toEqual([]);
    expect(sleepers.keep(PEER, FRAMES)).toBe(false);
    expect(lost).toEqual([PEER]);
  });

  it('is lost once', () => {
    sleepers.lose(PEER);
    sleepers.lose(PEER);
    expect(lost).toEqual([PEER]);
  });
});
