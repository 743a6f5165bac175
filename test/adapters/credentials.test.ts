/** Files with certificates, keys and secrets: what is taken, and what is said of those that are not. */
import { chmodSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { readAccess } from '../../src/access.ts';
import { readCertificates, readSecret, readTls } from '../../src/adapters/credentials.ts';
import { createConfig } from '../../src/config.ts';
import { SECRET_BYTES_MAX } from '../../src/limits.ts';
import { Authority, type Certified, filesOf } from './certificates.ts';

const WHAT = 'the secret of clients';
const silent = { log: () => {} };

let authority: Authority;
let peer: Certified;
let other: Certified;
beforeAll(async () => {
  authority = await Authority.create();
  [peer, other] = await Promise.all([authority.certify('CN=peer'), authority.certify('CN=other')]);
});

/** What is logged while something is done. */
function logged(act: (logger: { log: (...line: unknown[]) => void }) => void): unknown[][] {
  const lines: unknown[][] = [];
  act({ log: (...line) => void lines.push(line) });
  return lines;
}

function refusal(act: () => void): string {
  try {
    act();
  } catch (error) {
    expect(error).toMatchObject({ code: 'credentials', exitStatus: 66 });
    return (error as Error).message;
  }
  throw new Error('was accepted');
}

describe('a secret', () => {
  it.each([
    ['sesame', 'sesame'],
    ['sesame\n', 'sesame'],
    ['sesame\r\n', 'sesame'],
    ['s\u00fc\t\n', 's\xc3\xbc\t'],
    ['x'.repeat(SECRET_BYTES_MAX), 'x'.repeat(SECRET_BYTES_MAX)],
  ])('is what stands in its file: %j', (text, secret) => {
    expect(readSecret(filesOf({ secret: text }).secret, silent)).toBe(secret);
  });

  it.each([
    ['', 'it is empty; put one word into it'],
    ['\n', 'it is empty; put one word into it'],
    ['open sesame', 'it has spaces or several lines; put one word into it'],
    ['open\nsesame\n', 'it has spaces or several lines; put one word into it'],
    ['x'.repeat(SECRET_BYTES_MAX + 1), 'it is longer than 1024 bytes; choose a shorter'],
  ])('is refused and not shown: %j', (text, why) => {
    const { secret } = filesOf({ secret: text });
    expect(refusal(() => readSecret(secret, silent))).toBe(`cannot use ${WHAT}, ${secret}: ${why}`);
  });

  it('that is not there is told with the words of the system', () => {
    expect(refusal(() => readSecret('/nowhere/secret', silent))).toContain('ENOENT');
  });

  it.skipIf(process.platform === 'win32')('that others may read is warned about', () => {
    const { secret } = filesOf({ secret: 'sesame' });
    expect(logged((logger) => readSecret(secret, logger))).toEqual([]);
    for (const mode of [0o640, 0o604, 0o622]) {
      chmodSync(secret, mode);
      const [line] = logged((logger) => readSecret(secret, logger));
      expect(line).toEqual([
        'warn',
        'others than its owner may use this file; chmod 0600 it',
        { path: secret, mode: `0${mode.toString(8)}` },
      ]);
    }
  });
});

describe('TLS', () => {
  it('takes a certificate, a chain, and a key that fits', () => {
    const files = filesOf({ ...peer, chain: peer.cert + authority.cert });
    expect(readTls(files, silent)).toEqual(peer);
    expect(readTls({ cert: files.chain, key: files.key }, silent).cert).toContain(authority.cert);
  });

  it('refuses a key that does not fit, is encrypted, or is none', () => {
    const files = filesOf({
      ...peer,
      other: other.key,
      none: 'hunter2',
      cut: peer.key.slice(0, 80),
    });
    const { cert, key } = files;
    expect(refusal(() => readTls({ cert, key: files.other }, silent))).toBe(
      `cannot use the TLS key, ${files.other}: it is not that of the certificate ${cert}; name the key that the first certificate of the file was made for`,
    );
    for (const path of [files.none, files.cut, cert]) {
      const message = refusal(() => readTls({ cert, key: path }, silent));
      expect(message).toContain('expected one private key in PEM, without a passphrase');
      expect(message).not.toContain('hunter2');
    }
    expect(refusal(() => readTls({ cert, key: `${key}.old` }, silent))).toContain('ENOENT');
  });

  it('refuses certificates that are none', () => {
    const { key, none, damaged } = filesOf({
      key: peer.key,
      none: 'no certificate',
      damaged: peer.cert.replace(/\n[A-Za-z]/, '\n!'),
    });
    expect(refusal(() => readTls({ cert: none, key }, silent))).toContain('no certificate in PEM');
    expect(refusal(() => readTls({ cert: key, key }, silent))).toContain('no certificate in PEM');
    expect(refusal(() => readCertificates('the authority', damaged, silent))).toMatch(
      /^cannot use the authority, .*: one of its certificates is damaged: /,
    );
  });

  it('warns of a certificate that is out of date', async () => {
    const [over, early] = await Promise.all([
      authority.certify('CN=peer', { from: -9, to: -1 }),
      authority.certify('CN=peer', { from: 1, to: 9 }),
    ]);
    for (const { cert } of [over, early]) {
      const { path } = filesOf({ path: cert });
      const lines = logged((logger) => readCertificates('the certificate', path, logger));
      expect(lines).toEqual([
        ['warn', expect.stringContaining('out of date'), expect.objectContaining({ path })],
      ]);
    }
  });
});

describe('doors', () => {
  it('are the ones that the options name', () => {
    const files = filesOf({ ...peer, ca: authority.cert, secret: 'sesame' });
    const open = (given: Parameters<typeof createConfig>[0]) =>
      readAccess(createConfig(given), silent);
    const tcp = { kind: 'tcp', host: '127.0.0.1', port: 11_400 };
    expect(open({})).toEqual({ doors: [tcp], secret: null, tls: null });
    const tls = { tlsCert: files.cert, tlsKey: files.key };
    expect(open({ ...tls, clientSecretFile: files.secret })).toMatchObject({
      doors: [{ ...tcp, tls: peer }],
      secret: 'sesame',
    });
    expect(open({ ...tls, tlsClientCa: files.ca, socket: 'x', socketMode: '600' }).doors).toEqual([
      { ...tcp, tls: { ...peer, clientCa: authority.cert } },
      { kind: 'unix', path: 'x', mode: 0o600 },
    ]);
    expect(open({ bind: 'none', socket: 'x' }).doors).toEqual([
      { kind: 'unix', path: 'x', mode: 0o660 },
    ]);
  });

  it('that stand open to a network are warned about', () => {
    const files = filesOf({ ...peer, ca: authority.cert, secret: 'sesame' });
    const tls = { tlsCert: files.cert, tlsKey: files.key };
    const warnings = (given: Parameters<typeof createConfig>[0]) =>
      logged((logger) => readAccess(createConfig(given), logger)).map(([, message]) => message);
    const clientSecretFile = files.secret;
    for (const bind of ['127.0.0.1', '::1', 'localhost']) expect(warnings({ bind })).toEqual([]);
    const anybody = 'whoever reaches the port can lock: give clientSecretFile or tlsClientCa';
    const plain = 'the secret of clients is sent as plain text: give tlsCert and tlsKey';
    const bind = '0.0.0.0';
    expect(warnings({ bind })).toEqual([anybody]);
    expect(warnings({ bind, ...tls })).toEqual([anybody]);
    expect(warnings({ bind, clientSecretFile })).toEqual([plain]);
    expect(warnings({ bind, clientSecretFile, ...tls })).toEqual([]);
    expect(warnings({ bind, tlsClientCa: files.ca, ...tls })).toEqual([]);
  });

  it('are not opened if a file is damaged, whatever else is given', () => {
    const { none } = filesOf({ none: '' });
    writeFileSync(none, Buffer.from([0, 1, 2, 0xff]));
    const options = { tlsCert: none, tlsKey: none };
    expect(refusal(() => readAccess(createConfig(options), silent))).toContain(none);
  });
});
