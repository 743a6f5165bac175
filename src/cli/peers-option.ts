/**
 * Which peers a client's subcommand talks to: flags over environment over default.
 *
 * Owns `--peer` and its variable. A peer's own options, `ELOCK_PEERS` among them, are another thing:
 * those name where peers talk to each other.
 */
import { Option } from 'commander';
import { parsePeerAddress } from '../client/index.ts';
import { ElockError } from '../errors.ts';
import { append } from './options.ts';

const DEFAULT_PEER = '127.0.0.1:11400';
const VARIABLE = 'ELOCK_PEER';
/** Parts peers in the variable. */
const SEPARATOR = ',';

/** `--peer HOST:PORT`, which may be repeated. */
export function peersOption(): Option {
  const where = `(default: ${DEFAULT_PEER}, env: ${VARIABLE}, parted by commas)`;
  return new Option(
    '--peer <host:port>',
    `a peer to ask; may be repeated: tried in order ${where}`,
  ).argParser(append);
}

/** The peers that were given, each as it was written. */
export function peersFrom(
  flags: readonly string[] | undefined,
  environment: NodeJS.ProcessEnv,
): readonly string[] {
  const listed = (environment[VARIABLE] ?? '').split(SEPARATOR).map((text) => text.trim());
  const peers = flags ?? listed.filter((text) => text !== '');
  for (const peer of peers) checkPeer(peer);
  return peers.length > 0 ? peers : [DEFAULT_PEER];
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
