/**
 * Certificates for tests, made anew each time: an authority, and those that it certifies.
 */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { temporaryDirectory } from './temporary-directory.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;

x509.cryptoProvider.set(webcrypto);

/** One side's certificate and key, as PEM. */
export interface Certified {
  readonly cert: string;
  readonly key: string;
}

/** Whom a certificate is for, and when. */
export interface CertificateOptions {
  /** Host names and addresses. */
  readonly hosts?: readonly string[];
  /** Days from now. */
  readonly from?: number;
  readonly to?: number;
}

/** Certifies others. */
export class Authority {
  /** As PEM. */
  readonly cert: string;
  readonly #keys: webcrypto.CryptoKeyPair;
  readonly #name: string;

  private constructor(name: string, keys: webcrypto.CryptoKeyPair, cert: string) {
    this.#name = name;
    this.#keys = keys;
    this.cert = cert;
  }

  static async create(name = 'CN=Test Authority'): Promise<Authority> {
    const keys = await newKeys();
    const cert = await x509.X509CertificateGenerator.createSelfSigned({
      name,
      keys,
      signingAlgorithm: ALGORITHM,
      ...datesOf({}),
      extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
    });
    return new Authority(name, keys, cert.toString('pem'));
  }

  /** Makes a key, and certifies it. */
  async certify(subject: string, options: CertificateOptions = {}): Promise<Certified> {
    const keys = await newKeys();
    const names = (options.hosts ?? []).map((value) => ({
      type: /^[\d.]+$/.test(value) ? ('ip' as const) : ('dns' as const),
      value,
    }));
    const cert = await x509.X509CertificateGenerator.create({
      subject,
      issuer: this.#name,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      signingAlgorithm: ALGORITHM,
      ...datesOf(options),
      extensions: names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)],
    });
    return { cert: cert.toString('pem'), key: await privateKeyOf(keys) };
  }
}

/** A directory with files of that content, readable by their owner only; and their paths. */
export function filesOf<Name extends string>(texts: Readonly<Record<Name, string>>) {
  const directory = temporaryDirectory();
  const paths = Object.entries<string>(texts).map(([name, text]) => {
    const path = join(directory, name);
    writeFileSync(path, text, { mode: 0o600 });
    return [name, path];
  });
  return Object.fromEntries(paths) as Record<Name, string>;
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function privateKeyOf({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> {
  return x509.PemConverter.encode(
    await webcrypto.subtle.exportKey('pkcs8', privateKey),
    'PRIVATE KEY',
  );
}

function datesOf({ from = -1, to = 2 }: CertificateOptions) {
  const at = (days: number) => new Date(Date.now() + days * DAY_MS);
  return { notBefore: at(from), notAfter: at(to) };
}
