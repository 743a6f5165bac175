import { describe, expect, it } from 'vitest';
import {
  type ClusterTerms,
  charterFor,
  charterText,
  clusterIdOf,
  firstConfiguration,
  readCharter,
  underCharter,
} from '../src/cluster.ts';
import { createConfig } from '../src/config.ts';
import type { PeerId } from '../src/core/types.ts';

const [A, B, C] = ['12D3KooWA', '12D3KooWB', '12D3KooWC'] as [PeerId, PeerId, PeerId];

function terms(given: Partial<ClusterTerms> = {}): ClusterTerms {
  return { name: '', voters: [A, B, C], minimumLeaseMs: 3_000, driftPermille: 20, ...given };
}

function idOf(given: Partial<ClusterTerms>, self = A): string {
  return clusterIdOf(charterText(charterFor(terms(given), self)));
}

describe('a charter', () => {
  it('is the same on all peers, in whatever order the voters are written', () => {
    expect(idOf({})).toBe(idOf({ voters: [C, A, B] }, B));
    const first = firstConfiguration(charterFor(terms(), A), 5);
    expect(first).toMatchObject({ cluster: idOf({}), epoch: 1, voters: [A, B, C], wanted: 5 });
    expect(first.cluster).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is of this peer alone when no voters are named', () => {
    expect(charterFor(terms({ voters: [] }), B).voters).toEqual([B]);
    expect(idOf({ voters: [] }, B)).toBe(idOf({ voters: [B] }));
  });

  it('is that of another cluster by any term', () => {
    const ids = [
      idOf({}),
      idOf({ name: 'shop' }),
      idOf({ voters: [A, B] }),
      idOf({ minimumLeaseMs: 3_001 }),
      idOf({ driftPermille: 21 }),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is read as it was written, and nothing else is', () => {
    const charter = { ...charterFor(terms({ name: 'a b' }), A), origin: 'recovered from x' };
    const text = charterText(charter);
    expect(readCharter(text)).toEqual(charter);
    for (const other of [
      '',
      text.replace('cluster 2', 'cluster 1'),
      text.replace('Ms 3000', 'Ms 03000'),
      text.split('\n').slice(0, 5).join('\n'),
    ]) {
      expect(readCharter(other)).toBe(null);
    }
  });
});

describe('a later start', () => {
  const charter = charterFor(terms({ name: 'shop', minimumLeaseMs: 5_000 }), A);

  it('follows the charter in all that was left at its default', () => {
    const config = underCharter(createConfig({ port: 1 }), charter);
    expect(config).toMatchObject({ name: 'shop', minimumLeaseMs: 5_000, port: 1 });
    underCharter(createConfig({ voters: [C, B, A] }), charter);
  });

  it('is refused with other voters, another name or other lease terms', () => {
    for (const other of [
      { voters: [A, B] },
      { name: 'shop 2' },
      { minimumLeaseMs: 6_000 },
      { driftPermille: 30 },
    ]) {
      expect(() => underCharter(createConfig(other), charter)).toThrow(/another cluster/);
    }
  });

  it('is refused with settings that do not fit the terms', () => {
    const slow = createConfig({ heartbeatMs: 700, suspectMs: 1_400 });
    expect(underCharter(slow, charterFor(terms(), A))).toMatchObject({ heartbeatMs: 700 });
    const shorter = charterFor(terms({ minimumLeaseMs: 2_500 }), A);
    expect(() => underCharter(slow, shorter)).toThrow(/heartbeatMs/);
  });
});
