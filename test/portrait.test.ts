import { describe, expect, it } from 'vitest';
import type { PeerId } from '../src/core/types.ts';
import { Portrait, type PortraitSources } from '../src/portrait.ts';

const [ada, bob] = ['Ada', 'Bob'] as [PeerId, PeerId];

function portraitOf(sources: Partial<PortraitSources>) {
  const portrait = new Portrait();
  portrait.show({
    reached: () => [ada, bob],
    quorum: () => 2,
    diskIsLow: () => false,
    clients: () => 3,
    served: null,
    addresses: () => ['/ip4/127.0.0.1/tcp/1/p2p/x', '/ip4/10.0.0.1/tcp/1/p2p/x'],
    ...sources,
  });
  return portrait.portray();
}

describe('the portrait of a peer', () => {
  it('shows which version it is, whom it reaches, and how it is', () => {
    const { software, health } = portraitOf({});
    expect(software).toMatch(/^\d+\.\d+\.\d+/);
    expect(health).toMatchObject({ quorum: true, reached: [ada, bob], disk: 'ok', clients: 3 });
    expect(portraitOf({ reached: () => [ada] }).health.quorum).toBe(false);
    expect(portraitOf({ diskIsLow: () => true }).health.disk).toBe('low');
  });

  it('shows next to nothing before its parts are there', () => {
    const { text, health } = new Portrait().portray();
    expect(text).toBeNull();
    expect(health).toMatchObject({ quorum: false, reached: [], disk: 'ok', clients: 0 });
  });

  it.each([
    ['127.0.0.1', null],
    ['::1', null],
    ['localhost', null],
    ['10.0.0.1', '10.0.0.1:7'],
    ['lock.example', 'lock.example:7'],
    ['fd00::1', '[fd00::1]:7'],
    ['0.0.0.0', '10.0.0.1:7'],
    ['::', '10.0.0.1:7'],
  ])('tells where clients reach it, bound to %s: %s', (host, text) => {
    expect(portraitOf({ served: { host, port: 7 } }).text).toBe(text);
  });

  it('tells of no port when it serves none, or nobody else could use it', () => {
    expect(portraitOf({}).text).toBeNull();
    const addresses = () => ['/ip4/127.0.0.1/tcp/1/p2p/x'];
    expect(portraitOf({ addresses, served: { host: '0.0.0.0', port: 7 } }).text).toBeNull();
  });
});
