/**
 * Certificates, keys and secrets from files: read once, checked, and never shown.
 *
 * Owns what each file has to be, and the words about one that is not. No message has any content of
 * a file in it.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import process from 'node:process';
import { ElockError } from '../errors.ts';
import { SECRET_BYTES_MAX } from '../limits.ts';
import type { Logger } from '../runtime/ports.ts';
import type { TlsMaterial } from './text-door.ts';

/** Where certificate and key of one side are. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
const NOT_THE_OWNER = 0o077;

/**
 * Reads certificate and key of this side.
 *
 * @throws ElockError `credentials`
 */
export function readTls({ cert, key }: TlsFiles, logger: Logger): TlsMaterial {
  const chain = readCertificates('the TLS certificate', cert, logger);
  const keyText = readText('the TLS key', key);
  const [first] = certificatesIn(chain);
  if (first?.checkPrivateKey(privateKeyIn(keyText, key)) !== true) {
    const hint = 'name the key that the first certificate of the file was made for';
    throw unusable('the TLS key', key, `it is not that of the certificate ${cert}; ${hint}`);
  }
  warnIfShared(key, logger);
  return { cert: chain, key: keyText };
}

/**
 * Reads certificates, as PEM.
 *
 * @param what - what they are to be, for messages
 * @throws ElockError `credentials` if there is none, or one that is none
 */
export function readCertificates(what: string, path: string, logger: Logger): string {
  const text = readText(what, path);
  let certificates: readonly X509Certificate[];
  try {
    certificates = certificatesIn(text);
  } catch (cause) {
    throw unusable(what, path, `one of its certificates is damaged: ${messageOf(cause)}`);
  }
  if (certificates.length === 0) throw unusable(what, path, 'there is no certificate in PEM in it');
  for (const certificate of certificates) warnIfOutOfDate(what, path, certificate, logger);
  return text;
}

/**
 * Reads the secret of clients: one word, in a file of its own; a line end behind it does not count.
 *
 * @returns one code unit a byte, as the text protocol has it
 * @throws ElockError `credentials` if it is none
 */
export function readSecret(path: string, logger: Logger): string {
  const what = 'the secret of clients';
  const secret = readText(what, path, 'latin1').replace(/\r?\n$/, '');
  if (secret === '') throw unusable(what, path, 'it is empty; put one word into it');
  if (secret.length > SECRET_BYTES_MAX) {
    throw unusable(what, path, `it is longer than ${SECRET_BYTES_MAX} bytes; choose a shorter`);
  }
  if (/[ \r\n]/.test(secret)) {
    throw unusable(what, path, 'it has spaces or several lines; put one word into it');
  }
  warnIfShared(path, logger);
  return secret;
}

function readText(what: string, path: string, encoding: BufferEncoding = 'utf8'): string {
  try {
    return readFileSync(path, encoding);
  } catch (cause) {
    throw unusable(what, path, messageOf(cause));
  }
}

function certificatesIn(text: string): readonly X509Certificate[] {
  return (text.match(CERTIFICATE) ?? []).map((pem) => new X509Certificate(pem));
}

function privateKeyIn(text: string, path: string) {
  try {
    return createPrivateKey(text);
  } catch {
    // The system's own words may quote what they do not understand.
    const hint = 'expected one private key in PEM, without a passphrase';
    throw unusable('the TLS key', path, hint);
  }
}

function warnIfOutOfDate(what: string, path: string, dates: X509Certificate, logger: Logger): void {
  const { validFrom, validTo } = dates;
  const now = Date.now();
  if (Date.parse(validFrom) <= now && now <= Date.parse(validTo)) return;
  logger.log('warn', `${what} is out of date: others will refuse it`, { path, validFrom, validTo });
}

/** Others than its owner can read it; on Windows permissions tell nothing. */
function warnIfShared(path: string, logger: Logger): void {
  const { mode } = statSync(path);
  if (process.platform === 'win32' || (mode & NOT_THE_OWNER) === 0) return;
  const octal = (mode & 0o777).toString(8).padStart(4, '0');
  logger.log('warn', 'others than its owner may use this file; chmod 0600 it', {
    path,
    mode: octal,
  });
}

function unusable(what: string, path: string, why: string): ElockError {
  return new ElockError('credentials', `cannot use ${what}, ${path}: ${why}`);
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
