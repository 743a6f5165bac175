import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LinkOwner } from '../../src/adapters/link.ts';
import { PeerTable } from '../../src/adapters/peer-table.ts';
import type { PeerId } from '../../src/core/types.ts';
import { PEERS_MAX } from '../../src/limits.ts';

const SELF = 'm' as PeerId;
const idle: LinkOwner = {
  connectionsTo: () => [],
  dial: async () => {},
  adopt: () => {},
  failed: () => {},
};

function stranger(number: number): PeerId {
  return `z${number}` as PeerId;
}

describe('a table of peers', () => {
  let warnings: string[];
  let table: PeerTable;

  beforeEach(() => {
    warnings = [];
    table = new PeerTable(SELF, idle, { log: (_, message) => warnings.push(message) });
  });

  afterEach(() => table.stop());

  it('does not admit this peer itself, nor anybody once it is stopped', () => {
    expect(table.admit(SELF)).toBeNull();
    table.stop();
    expect(table.admit(stranger(1))).toBeNull();
  });

  it('makes room at the cost of the oldest stranger', () => {
    for (let i = 0; i < PEERS_MAX; i++) table.hear(stranger(i), ['/ip4/10.0.0.1/tcp/1']);
    table.get(stranger(0))!.isMember = true;
    expect(table.admit(stranger(PEERS_MAX))).not.toBeNull();
    expect(table.get(stranger(0))).toBeDefined();
    expect(table.get(stranger(1))).toBeUndefined();
    expect(table.addressesOf(stranger(1))).toEqual([]);
  });

  it('admits nobody when all are members or configured', () => {
    for (let i = 0; i < PEERS_MAX; i++) table.configure(stranger(i), '/ip4/10.0.0.1/tcp/1');
    expect(table.admit(stranger(PEERS_MAX))).toBeNull();
    expect(warnings).toEqual(['too many peers']);
  });

  it('forgets strangers that neither have an address nor a connection', () => {
    for (const number of [1, 2, 3, 4]) table.admit(stranger(number));
    table.hear(stranger(2), ['/ip4/10.0.0.1/tcp/1']);
    table.get(stranger(3))!.isMember = true;
    table.forgetStrangers((peer) => peer === stranger(4));
    const kept = [1, 2, 3, 4].filter((number) => table.get(stranger(number)) !== undefined);
    expect(kept).toEqual([2, 3, 4]);
  });

  it('names only members to others', () => {
    table.hear(stranger(1), ['a']);
    table.hear(stranger(2), ['b']);
    table.get(stranger(2))!.isMember = true;
    expect(table.members()).toEqual([{ peer: stranger(2), addresses: ['b'] }]);
  });
});
