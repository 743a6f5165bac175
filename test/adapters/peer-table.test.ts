import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LinkOwner } from '../../src/adapters/link.ts';
import { PeerTable } from '../../src/adapters/peer-table.ts';
import type { PeerId } from '../../src/core/types.ts';
import { PEERS_MAX } from '../../src/limits.ts';

const SELF = 'm' as PeerId;
const VOTER = 'voter' as PeerId;
const idle: LinkOwner = {
  connectionsTo: () => [],
  dial: async () => {},
  votes: (peer) => peer === VOTER,
  wants: () => true,
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
    table.get(stranger(0))!.isRemembered = true;
    expect(table.admit(stranger(PEERS_MAX))).not.toBeNull();
    expect(table.get(stranger(0))).toBeDefined();
    expect(table.get(stranger(1))).toBeUndefined();
    expect(table.addressesOf(stranger(1))).toEqual([]);
  });

  it('admits nobody when all are voters or configured', () => {
    table.hear(VOTER, ['/ip4/10.0.0.1/tcp/1']);
    for (let i = 1; i < PEERS_MAX; i++) table.configure(stranger(i), '/ip4/10.0.0.1/tcp/1');
    expect(table.admit(stranger(PEERS_MAX))).toBeNull();
    expect(warnings).toEqual(['too many peers']);
  });

  it('forgets strangers that neither have an address nor a connection', () => {
    for (const number of [1, 2, 3, 4]) table.admit(stranger(number));
    table.hear(stranger(2), ['/ip4/10.0.0.1/tcp/1']);
    table.get(stranger(3))!.isRemembered = true;
    table.forgetStrangers((peer) => peer === stranger(4));
    const kept = [1, 2, 3, 4].filter((number) => table.get(stranger(number)) !== undefined);
    expect(kept).toEqual([2, 3, 4]);
  });

  it('makes room at the cost of whoever was met longest ago, when there are no strangers', () => {
    for (let i = 0; i < PEERS_MAX; i++) table.welcome(table.admit(stranger(i))!);
    table.welcome(table.get(stranger(0))!);
    expect(table.admit(stranger(PEERS_MAX))).not.toBeNull();
    expect(table.get(stranger(0))).toBeDefined();
    expect(table.get(stranger(1))).toBeUndefined();
  });

  it('keeps who was met, now or in an earlier life, in that order', () => {
    table.remember({ peer: stranger(1), addresses: ['a'] });
    table.hear(stranger(2), ['b']);
    table.remember({ peer: stranger(3), addresses: ['c'] });
    table.welcome(table.get(stranger(1))!);
    expect(table.remembered()).toEqual([
      { peer: stranger(3), addresses: ['c'] },
      { peer: stranger(1), addresses: ['a'] },
    ]);
  });

  it('takes no loopback address from who was met on another machine', () => {
    const addresses = ['/ip4/127.0.0.1/tcp/1', '/ip4/192.0.2.7/tcp/1'];
    table.admit(stranger(1))!.isElsewhere = true;
    for (const number of [1, 2]) table.correct(stranger(number), addresses);
    expect(table.addressesOf(stranger(1))).toEqual(['/ip4/192.0.2.7/tcp/1']);
    expect(table.addressesOf(stranger(2))).toEqual(addresses);
  });
});
