import { describe, expect, it } from 'vitest';
import { type ClusterTerms, firstConfiguration, refuseOtherCluster } from '../src/cluster.ts';
import type { PeerId } from '../src/core/types.ts';

const [A, B, C] = ['12D3KooWA', '12D3KooWB', '12D3KooWC'] as [PeerId, PeerId, PeerId];

function terms(given: Partial<ClusterTerms> = {}): ClusterTerms {
  return { name: '', voters: [A, B, C], minimumLeaseMs: 3_000, driftPermille: 20, ...given };
}

describe('the first configuration', () => {
  it('is the same on all peers, in whatever order the voters are written', () => {
    const first = firstConfiguration(terms(), A);
    expect(first).toEqual(firstConfiguration(terms({ voters: [C, A, B] }), B));
    expect(first).toMatchObject({ epoch: 1, voters: [A, B, C] });
    expect(first.cluster).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is this peer alone when no voters are named', () => {
    const first = firstConfiguration(terms({ voters: [] }), B);
    expect(first.voters).toEqual([B]);
    expect(first).toEqual(firstConfiguration(terms({ voters: [B] }), B));
  });

  it('is that of another cluster by any term', () => {
    const ids = [
      terms(),
      terms({ name: 'shop' }),
      terms({ voters: [A, B] }),
      terms({ minimumLeaseMs: 3_001 }),
      terms({ driftPermille: 21 }),
    ].map((each) => firstConfiguration(each, A).cluster);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('a later start', () => {
  const first = firstConfiguration(terms(), A);

  it('goes on with the same terms, or with nothing said about voters', () => {
    refuseOtherCluster(first, terms({ voters: [C, B, A] }));
    refuseOtherCluster(first, terms({ voters: [] }));
  });

  it('is refused with other voters, another name or other lease terms', () => {
    for (const other of [
      terms({ voters: [A, B] }),
      terms({ name: 'shop' }),
      terms({ voters: [], minimumLeaseMs: 5_000 }),
    ]) {
      expect(() => refuseOtherCluster(first, other)).toThrow(/another cluster/);
    }
  });
});
