/**
 * Which peers a client's subcommand talks to, and how it comes in: flags over environment over
 * default.
 *
 * Owns these options and their variables, which all begin with `ELOCK_PEER`. A peer's own options,
 * `ELOCK_PEERS` and `ELOCK_TLS_CERT` among them, are another thing.
 */
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { readCertificates, readSecret, readTls } from '../adapters/credentials.ts';
import { type AccessOptions, parsePeerAddress, type TlsOptions } from '../client/index.ts';
import { ElockError } from '../errors.ts';
import type { Logger } from '../runtime/ports.ts';
import { append } from './options.ts';

const DEFAULT_PEER = '127.0.0.1:11400';
const VARIABLE = 'ELOCK_PEER';
const TLS_VARIABLE = 'ELOCK_PEER_TLS';
/** Parts peers in the variable. */
const SEPARATOR = ',';
const AUTHORITY = 'the authority of peers';
/** A command that is run often is no place for warnings about files. */
const SILENT: Logger = { log: () => {} };

/** The options that are a text, and their variables. */
const TEXTS = [
  {
    key: 'tlsCa',
    flag: '--tls-ca <file>',
    variable: 'ELOCK_PEER_TLS_CA',
    summary: 'who certifies peers, as PEM; they are spoken to by TLS',
  },
  {
    key: 'tlsCert',
    flag: '--tls-cert <file>',
    variable: 'ELOCK_PEER_TLS_CERT',
    summary: 'certificate of this client, as PEM',
  },
  {
    key: 'tlsKey',
    flag: '--tls-key <file>',
    variable: 'ELOCK_PEER_TLS_KEY',
    summary: 'its private key, as PEM',
  },
  {
    key: 'tlsServername',
    flag: '--tls-servername <name>',
    variable: 'ELOCK_PEER_TLS_SERVERNAME',
    summary: 'whom certificates of peers are made for (default: the host of each)',
  },
  {
    key: 'secretFile',
    flag: '--secret-file <file>',
    variable: 'ELOCK_PEER_SECRET_FILE',
    summary: 'a file with the word that peers ask for',
  },
] as const;

type Texts = { readonly [Key in (typeof TEXTS)[number]['key']]?: string };

/** As commander gives them. */
export interface ClientFlags extends Texts {
  readonly peer?: readonly string[];
  readonly tls?: boolean;
}

/** Whom to talk to, and how. */
export interface Peers {
  /** Each as it was written; one at least. */
  readonly addresses: readonly string[];
  readonly access: AccessOptions;
  /** Variables that say the same of access to a command that is run. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Adds `--peer`, which may be repeated, and how to come in there. */
export function addPeerOptions(command: Command): Command {
  const where = `(default: ${DEFAULT_PEER}, env: ${VARIABLE}, parted by commas)`;
  const peers = `a peer to ask, or unix:/PATH; may be repeated: tried in order ${where}`;
  command.addOption(new Option('--peer <host:port>', peers).argParser(append));
  command.option('--tls', `speak TLS with whom this system trusts (env: ${TLS_VARIABLE}=true)`);
  for (const { flag, summary, variable } of TEXTS) {
    command.addOption(new Option(flag, summary).env(variable));
  }
  return command;
}

/**
 * The peers that were given, and how to come in.
 *
 * @throws ElockError `usage` if what was given is no peer, or does not go together; `credentials` if
 * a file cannot be used
 */
export function peersFrom(flags: ClientFlags, environment: NodeJS.ProcessEnv): Peers {
  const listed = (environment[VARIABLE] ?? '').split(SEPARATOR).map((text) => text.trim());
  const peers = flags.peer ?? listed.filter((text) => text !== '');
  for (const peer of peers) checkPeer(peer);
  const tls = tlsFrom(flags, environment);
  return {
    addresses: peers.length > 0 ? peers : [DEFAULT_PEER],
    access: { ...(tls === null ? {} : { tls }), ...secretFrom(flags) },
    environment: { ...(tls === null ? {} : { [TLS_VARIABLE]: 'true' }), ...variablesFor(flags) },
  };
}

function tlsFrom(flags: ClientFlags, environment: NodeJS.ProcessEnv): TlsOptions | null {
  const { tlsCa, tlsCert: cert = '', tlsKey: key = '', tlsServername: servername } = flags;
  if ((cert === '') !== (key === '')) {
    throw new ElockError('usage', 'give both --tls-cert and --tls-key, or neither');
  }
  if (!isTlsAsked(flags, environment) && !tlsCa && cert === '' && !servername) return null;
  return {
    ...(tlsCa ? { ca: readCertificates(AUTHORITY, tlsCa, SILENT) } : {}),
    ...(cert === '' ? {} : readTls({ cert, key }, SILENT)),
    ...(servername ? { servername } : {}),
  };
}

function isTlsAsked({ tls }: ClientFlags, environment: NodeJS.ProcessEnv): boolean {
  const text = environment[TLS_VARIABLE] ?? '';
  if (tls === true || text === 'true') return true;
  if (text === '' || text === 'false') return false;
  throw new ElockError('usage', `${TLS_VARIABLE}: expected true or false, got ${text}`);
}

function secretFrom({ secretFile }: ClientFlags): AccessOptions {
  return secretFile ? { secret: Buffer.from(readSecret(secretFile, SILENT), 'latin1') } : {};
}

/** A command may run in another directory. */
function variablesFor(flags: ClientFlags): Readonly<Record<string, string>> {
  const given = TEXTS.flatMap(({ key, variable }) => {
    const text = flags[key];
    if (!text) return [];
    return [[variable, key === 'tlsServername' ? text : resolve(text)]];
  });
  return Object.fromEntries(given);
}

function checkPeer(peer: string): void {
  try {
    parsePeerAddress(peer);
  } catch (cause) {
    throw new ElockError('usage', cause instanceof Error ? cause.message : String(cause), {
      cause,
    });
  }
}
