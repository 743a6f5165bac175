/**
 * How clients come in, from the options of a peer: which doors there are, and what is asked there.
 *
 * Owns the reading of certificates, keys and the secret, which files are read anew while the peer
 * runs, and the warnings about doors that stand wider open than their owner may know.
 */
import { CredentialWatch } from './adapters/credential-watch.ts';
import { readCertificates, readSecret, readTls } from './adapters/credentials.ts';
import type { DoorPlace, TlsMaterial } from './adapters/text-door.ts';
import type { Config } from './config.ts';
import { BIND_NONE } from './config-relations.ts';
import { CREDENTIALS_LOOK_MS } from './limits.ts';
import type { Logger } from './runtime/ports.ts';

/** What a text server needs of it. */
export interface Access {
  readonly doors: readonly DoorPlace[];
  /** One code unit a byte; `null`: none is asked for. */
  readonly secret: string | null;
  /** What the doors speak TLS by; `null`: they do not. */
  readonly tls: TlsMaterial | null;
}

const LOOPBACK = /^(?:127\.[0-9.]+|::1|localhost)$/i;

/**
 * Reads what the options name.
 *
 * @throws ElockError `credentials` if a file cannot be used
 */
export function readAccess(config: Config, logger: Logger): Access {
  const { bind: host, port, socket: path, socketMode, clientSecretFile } = config;
  const tls = readTlsOf(config, logger);
  const secret = clientSecretFile === '' ? null : readSecret(clientSecretFile, logger);
  const doors: DoorPlace[] = [];
  if (host !== BIND_NONE) {
    doors.push({ kind: 'tcp', host, port, ...(tls === null ? {} : { tls }) });
    if (!LOOPBACK.test(host)) warnOfOpenDoor(host, tls, secret !== null, logger);
  }
  if (path !== '') doors.push({ kind: 'unix', path, mode: Number.parseInt(socketMode, 8) });
  return { doors, secret, tls };
}

/**
 * Has certificates and keys read anew when they change; `null`: there are none.
 *
 * @param take - as `TextServer.renewTls`
 */
export function watchTls(
  { tls }: Access,
  config: Config,
  take: (material: TlsMaterial) => void,
  logger: Logger,
): CredentialWatch | null {
  if (tls === null) return null;
  const files = [config.tlsCert, config.tlsKey, config.tlsClientCa].filter((file) => file !== '');
  const read = () => readTlsOf(config, logger) ?? tls;
  return new CredentialWatch({
    ...{ files, read, take, logger },
    everyMs: CREDENTIALS_LOOK_MS,
    present: tls,
  });
}

function readTlsOf(config: Config, logger: Logger): TlsMaterial | null {
  const { tlsCert: cert, tlsKey: key, tlsClientCa } = config;
  if (cert === '') return null;
  const own = readTls({ cert, key }, logger);
  if (tlsClientCa === '') return own;
  return { ...own, clientCa: readCertificates('the authority of clients', tlsClientCa, logger) };
}

function warnOfOpenDoor(
  bind: string,
  tls: TlsMaterial | null,
  hasSecret: boolean,
  logger: Logger,
): void {
  if (!hasSecret && tls?.clientCa === undefined) {
    logger.log('warn', 'whoever reaches the port can lock: give clientSecretFile or tlsClientCa', {
      bind,
    });
  } else if (tls === null) {
    logger.log('warn', 'the secret of clients is sent as plain text: give tlsCert and tlsKey', {
      bind,
    });
  }
}
