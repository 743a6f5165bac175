/**
 * How a client comes in at its peers: the secret that it says, and whom it trusts with TLS.
 *
 * Owns the checks of both; certificates are read once, for all connections of a client. Never shows
 * a secret or a key, not even in an error about them.
 */
import { createSecureContext, type SecureContext } from 'node:tls';
import { InvalidArgumentError } from './errors.ts';
import { SECRET_BYTES_MAX } from './limits.ts';

/** Whose certificates are trusted, and which one this client shows; all as PEM. */
export interface TlsOptions {
  /** Who certifies peers, in the place of those that the system trusts. */
  readonly ca?: string | Uint8Array;
  /** This client's certificate, then its issuers', for peers that ask for one. */
  readonly cert?: string | Uint8Array;
  /** The private key of `cert`, without a passphrase. */
  readonly key?: string | Uint8Array;
  /** The name that the peers' certificates are made for. Default: the host of each address. */
  readonly servername?: string;
}

/** How a client comes in. */
export interface AccessOptions {
  /** Given: peers with a host and a port are spoken to by TLS; `true`: as the system trusts. */
  readonly tls?: boolean | TlsOptions;
  /** What peers with a secret file ask for: the word of that file, with a line end or without. */
  readonly secret?: string | Uint8Array;
}

/** What has been checked. */
export class Access {
  /** `null`: no TLS. */
  readonly tls: { readonly context: SecureContext; readonly servername: string | null } | null;
  /** One code unit a byte; `null`: none is said. */
  readonly secret: string | null;

  /** @throws InvalidArgumentError */
  constructor({ tls = false, secret }: AccessOptions) {
    const options = tls === true ? {} : tls;
    this.tls =
      options === false
        ? null
        : { context: contextOf(options), servername: options.servername ?? null };
    this.secret = secret === undefined ? null : wordOf(secret);
  }

  /** A text of a peer without the secret, should it say that again. */
  hide(text: string): string {
    return this.secret === null ? text : text.replaceAll(this.secret, '***');
  }
}

/** Neither TLS nor a secret. */
export const PLAIN_ACCESS = new Access({});

function contextOf({ ca, cert, key }: TlsOptions): SecureContext {
  if ((cert === undefined) !== (key === undefined)) {
    throw new InvalidArgumentError('expected both cert and key of tls, or neither');
  }
  const given = Object.entries({ ca, cert, key }).filter(([, value]) => value !== undefined);
  const texts = given.map(([name, value]) => [name, Buffer.from(value ?? '').toString()] as const);
  for (const [name, text] of texts) {
    if (!text.includes('-----BEGIN '))
      throw new InvalidArgumentError(`expected PEM as tls.${name}`);
  }
  try {
    return createSecureContext({ ...Object.fromEntries(texts), minVersion: 'TLSv1.2' });
  } catch (cause) {
    const names = texts.map(([name]) => name).join(', ');
    const problem = `TLS cannot use what was given as ${names}: expected PEM, a key that fits`;
    throw new InvalidArgumentError(problem, { cause });
  }
}

function wordOf(secret: string | Uint8Array): string {
  const isGiven = typeof secret === 'string' || secret instanceof Uint8Array;
  const text = isGiven ? Buffer.from(secret).toString('latin1') : '';
  const word = text.replace(/\r?\n$/, '');
  const isWord = word !== '' && word.length <= SECRET_BYTES_MAX && !/[ \r\n]/.test(word);
  if (isWord) return word;
  throw new InvalidArgumentError(
    `expected as secret a word of 1 to ${SECRET_BYTES_MAX} bytes, without spaces and line ends`,
  );
}
