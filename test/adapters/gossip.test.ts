import { describe, expect, it } from 'vitest';
import { addressesToTell } from '../../src/adapters/gossip.ts';
import type { PeerId } from '../../src/core/types.ts';
import { ADDRESSES_PER_PEER_MAX, PEERS_MAX } from '../../src/limits.ts';

const ada = 'Ada' as PeerId;
const bob = 'Bob' as PeerId;
const LOOPBACK = '/ip4/127.0.0.1/tcp/1';
const LAN = '/ip4/10.0.0.1/tcp/1';
const ELSEWHERE = '/ip4/192.0.2.7/tcp/999';

describe('gossip', () => {
  it('names loopback addresses to peers on this machine only', () => {
    const known = [{ peer: ada, addresses: [LOOPBACK, LAN] }];
    expect(addressesToTell(known, bob, '/ip4/127.0.0.1/tcp/999')).toEqual(known);
    expect(addressesToTell(known, bob, ELSEWHERE)).toEqual([{ peer: ada, addresses: [LAN] }]);
  });

  it('leaves out the receiver, and peers without an address of use', () => {
    const known = [
      { peer: ada, addresses: [LOOPBACK] },
      { peer: bob, addresses: [LAN] },
    ];
    expect(addressesToTell(known, bob, ELSEWHERE)).toEqual([]);
  });

  it('stays within what a frame of addresses may hold', () => {
    const addresses = Array.from({ length: 20 }, (_, i) => `/ip4/10.0.0.${i}/tcp/1`);
    const known = Array.from({ length: 200 }, (_, i) => ({ peer: `p${i}` as PeerId, addresses }));
    const told = addressesToTell(known, bob, ELSEWHERE);
    expect(told).toHaveLength(PEERS_MAX);
    for (const entry of told) expect(entry.addresses).toHaveLength(ADDRESSES_PER_PEER_MAX);
  });
});
