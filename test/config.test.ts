import { describe, expect, it } from 'vitest';
import { CONFIG_KEYS, createConfig, OPTIONS, settingsOf } from '../src/config.ts';
import { type ConfigSources, readConfig, variableOf } from '../src/config-sources.ts';
import { DEFAULT_SETTINGS } from '../src/core/settings.ts';
import type { PeerId } from '../src/core/types.ts';

const VOTER = '12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo';

function read(sources: Partial<ConfigSources>) {
  return readConfig({ flags: {}, environment: {}, file: null, ...sources });
}

function file(value: unknown): ConfigSources['file'] {
  return { path: '/etc/elock.json', text: JSON.stringify(value) };
}

function refusal(sources: Partial<ConfigSources>): string {
  try {
    read(sources);
  } catch (error) {
    expect(error).toMatchObject({ code: 'configuration' });
    return (error as Error).message;
  }
  throw new Error('was accepted');
}

describe('options', () => {
  it('are the defaults when nothing is given', () => {
    expect(read({})).toEqual(createConfig({}));
    expect(settingsOf(read({}))).toEqual(DEFAULT_SETTINGS);
  });

  it('come from flags before the environment before the file', () => {
    const given = {
      flags: { port: '1' },
      environment: { ELOCK_PORT: '2', ELOCK_HEARTBEAT_MS: '150' },
      file: file({ port: 3, heartbeatMs: 100, askMs: 300 }),
    };
    expect(read(given)).toMatchObject({ port: 1, heartbeatMs: 150, askMs: 300, answerMs: 1_200 });
  });

  it('may be set in the environment, each under its own name', () => {
    for (const key of CONFIG_KEYS) {
      const value = OPTIONS[key].default;
      const text = Array.isArray(value) ? value.join(',') : String(value);
      expect(read({ environment: { [variableOf(key)]: text } }), key).toEqual(createConfig({}));
    }
    expect(variableOf('waitersPerLock')).toBe('ELOCK_WAITERS_PER_LOCK');
    expect(read({ environment: { ELOCK_NAME: 'a lock', ELOCK_TOKEN: '7' } }).name).toBe('');
  });

  it('take lists from every place', () => {
    const address = '/ip4/192.0.2.7/tcp/4001';
    expect(read({ flags: { peers: [address, address] } }).peers).toEqual([address, address]);
    expect(read({ environment: { ELOCK_VOTERS: `${VOTER},` } }).voters).toEqual([VOTER]);
    expect(read({ file: file({ listen: [address] }) }).listen).toEqual([address]);
  });

  it('are checked for range, form and kind, and the message says where and what', () => {
    expect(refusal({ flags: { port: '65536' } })).toBe(
      'port: expected an integer from 0 to 65535, got 65536',
    );
    expect(refusal({ environment: { ELOCK_PORT: '1e3' } })).toContain(
      'ELOCK_PORT: expected an integer',
    );
    expect(refusal({ file: file({ mdns: 'yes' }) })).toBe(
      '/etc/elock.json: mdns: expected true or false, got "yes"',
    );
    expect(refusal({ file: file({ heartbeatMs: 1.5 }) })).toContain('an integer from 10');
    expect(refusal({ file: file({ peers: ['10.0.0.1'] }) })).toContain('a list, each a multiaddr');
    expect(refusal({ file: file({ voters: VOTER }) })).toContain('a list, each a peer id');
    expect(refusal({ file: file({ logLevel: 'loud' }) })).toContain(
      'one of debug, info, warn, error',
    );
    expect(refusal({ file: file([]) })).toContain('expected one JSON object');
    expect(refusal({ file: { path: 'x.json', text: '{' } })).toContain('x.json is no JSON');
  });

  it('are refused by an unknown name, which tells the nearest known one', () => {
    expect(refusal({ file: file({ heartBeatMS: 5 }) })).toContain('nearest known is heartbeatMs');
    expect(refusal({ file: file({ __proto__x: 5 }) })).toContain('unknown key "__proto__x"');
    expect(refusal({ environment: { ELOCK_PROT: '1' } })).toContain('nearest known is ELOCK_PORT');
  });

  it('leave other variables alone', () => {
    expect(() =>
      read({ environment: { ELOCK_DATA: 'x', ELOCK_CONFIG: 'y', PATH: 'z' } }),
    ).not.toThrow();
  });

  it('are held against each other', () => {
    const voters = [VOTER, VOTER] as PeerId[];
    for (const given of [
      { heartbeatMs: 751 },
      { heartbeatMs: 600, suspectMs: 1_000 },
      { suspectMs: 3_001 },
      { askMs: 1_200 },
      { reaskMs: 399 },
      { listen: [] },
      { tlsCert: 'cert.pem' },
      { tlsKey: 'key.pem' },
      { tlsClientCa: 'ca.pem' },
      { bind: 'none' },
      { voters },
    ]) {
      expect(() => createConfig(given), JSON.stringify(given)).toThrow(
        expect.objectContaining({ code: 'configuration' }),
      );
    }
    expect(() => createConfig({ heartbeatMs: 750, suspectMs: 1_500 })).not.toThrow();
  });
});
