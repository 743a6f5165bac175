import { describe, expect, it } from 'vitest';
import { gossipPartners } from '../../src/adapters/gossip-partners.ts';
import type { PeerId } from '../../src/core/types.ts';
import { GOSSIP_NEIGHBOURS } from '../../src/limits.ts';

const ALL = Array.from({ length: 60 }, (_, i) => `peer-${String(i).padStart(2, '0')}` as PeerId);
const isVoter = (peer: PeerId): boolean => ALL.indexOf(peer) % 12 === 0;
const nobody = (_: PeerId): boolean => false;

function partnersOf(self: PeerId, among = ALL, votes = nobody): Set<PeerId> {
  const others = among.filter((peer) => peer !== self);
  return gossipPartners(self, others.reverse(), votes);
}

describe('the partners of gossip', () => {
  it('are all, where there are few', () => {
    const few = ALL.slice(0, 2 * GOSSIP_NEIGHBOURS + 1);
    for (const self of few) expect(partnersOf(self, few).size).toBe(few.length - 1);
  });

  it('are few in a crowd: its voters, and the nearest on either side', () => {
    expect([...partnersOf(ALL[20]!)].sort()).toEqual([...ALL.slice(16, 20), ...ALL.slice(21, 25)]);
    expect(partnersOf(ALL[20]!, ALL, isVoter).size).toBe(12);
  });

  it('are all for a voter: its news matter, and it passes on those of others', () => {
    expect(partnersOf(ALL[12]!, ALL, isVoter).size).toBe(ALL.length - 1);
  });

  it('are so mutually, around the ends of the ring as well', () => {
    for (const votes of [nobody, isVoter]) {
      for (const one of ALL) {
        for (const other of partnersOf(one, ALL, votes)) {
          expect(partnersOf(other, ALL, votes).has(one)).toBe(true);
        }
      }
    }
  });

  it('join all that see each other, whoever is away', () => {
    const present = ALL.filter((_, index) => index % 3 !== 0);
    const reached = new Set([present[0]!]);
    for (const peer of reached) for (const next of partnersOf(peer, present)) reached.add(next);
    expect(reached.size).toBe(present.length);
  });
});
