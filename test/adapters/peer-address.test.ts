import { describe, expect, it } from 'vitest';
import {
  hostOf,
  isLoopback,
  parsePeerAddress,
  withPeerId,
} from '../../src/adapters/peer-address.ts';
import type { PeerId } from '../../src/core/types.ts';

const ID = '12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo' as PeerId;

describe('an address of a peer', () => {
  it.each([
    '/ip4/10.0.0.1/tcp/4001',
    '/ip6/fe80::1/tcp/4001',
    '/dns4/peer.example/tcp/1',
    '/dns/peer.example/tcp/1',
  ])('is %s, with and without an id', (address) => {
    expect(parsePeerAddress(address)).toEqual({ address, peer: null });
    expect(parsePeerAddress(withPeerId(address, ID))).toEqual({ address, peer: ID });
  });

  it.each([
    '',
    'localhost:4001',
    '/ip4/10.0.0.1',
    '/ip4/10.0.0.1/udp/4001',
    '/ip4/10.0.0.1/tcp/4001/ws',
    '/ip4/999.0.0.1/tcp/4001',
    '/ip4/10.0.0.1/tcp/4001/p2p/nobody',
    `/ip4/10.0.0.1/tcp/4001/p2p/${ID}/p2p-circuit`,
    `/p2p/${ID}`,
    `/dns4/${'x'.repeat(300)}/tcp/1`,
  ])("is not '%s'", (text) => {
    expect(parsePeerAddress(text)).toBeNull();
  });

  it.each([
    ['/ip4/127.0.0.1/tcp/1', true],
    ['/ip4/127.9.9.9/tcp/1', true],
    ['/ip6/::1/tcp/1', true],
    ['/dns4/localhost/tcp/1', true],
    ['/ip4/10.0.0.1/tcp/1', false],
    ['nonsense', false],
  ])('%s is loopback: %s', (address, expected) => {
    expect(isLoopback(address)).toBe(expected);
  });

  it('has a host', () => {
    expect(hostOf('/ip4/10.0.0.1/tcp/1')).toBe('10.0.0.1');
    expect(hostOf('nonsense')).toBe('');
  });
});
