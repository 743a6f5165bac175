import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Seed, type SeedOwner } from '../../src/adapters/seed.ts';
import type { PeerId } from '../../src/core/types.ts';

const ada = 'Ada' as PeerId;
const bob = 'Bob' as PeerId;

describe('a seed', () => {
  let answer: PeerId | null;
  let joined: Set<PeerId>;
  let asked: number;
  let identified: (PeerId | null)[];
  let seed: Seed;

  beforeEach(() => {
    vi.useFakeTimers();
    answer = ada;
    joined = new Set();
    asked = 0;
    identified = [];
    const owner: SeedOwner = {
      isReached: (peer) => joined.has(peer),
      identify: async () => {
        asked += 1;
        return answer;
      },
      identified: (peer) => identified.push(peer),
      failed: () => {},
    };
    seed = new Seed('/ip4/10.0.0.1/tcp/1', owner);
    seed.start();
  });

  afterEach(() => {
    seed.stop();
    vi.useRealTimers();
  });

  it('asks no more while the peer that answered has a channel', async () => {
    joined.add(ada);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toBe(1);
    expect(identified).toEqual([ada]);
  });

  it('finds out when another peer has taken the place', async () => {
    await vi.advanceTimersByTimeAsync(0);
    answer = bob;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(identified.at(-1)).toBe(bob);
  });

  it("gives up an address that is this peer's own", async () => {
    answer = null;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toBe(1);
    expect(identified).toEqual([null]);
  });
});
