/**
 * One question to the first peer that answers it, for subcommands that hold nothing.
 *
 * Owns the order in which peers are tried, and what an answer other than `200` means for the exit
 * status. A peer without a quorum is passed over like one that cannot be reached: another may know.
 */
import {
  Access,
  AuthFailedError,
  ClientError,
  LineConnection,
  parsePeerAddress,
  type Reply,
  UntrustedPeerError,
} from '../client/index.ts';
import { ElockError } from '../errors.ts';
import type { Peers } from './peers-option.ts';

const DONE = 200;
const MALFORMED = 400;

/**
 * Asks for a list, peer by peer in their order.
 *
 * @param line - the command, one code unit a byte
 * @throws ElockError `usage` if the peer does not understand it, `notAllowed` if no peer lets this
 * client in, `unavailable` if no peer can tell for another reason
 */
export async function askForList({ addresses, access }: Peers, line: string): Promise<Reply> {
  const failures: string[] = [];
  let isKeptOut = true;
  const checked = new Access(access);
  for (const peer of addresses) {
    const reply = await askOne(peer, checked, line);
    if (reply instanceof ClientError) failures.push(reply.message);
    else if (reply.code === DONE) return reply;
    else if (reply.code === MALFORMED) throw new ElockError('usage', `${peer}: ${reply.text}`);
    else failures.push(`${peer}: ${reply.code} ${reply.text}`);
    isKeptOut &&= isRefusal(reply);
  }
  const code = isKeptOut ? 'notAllowed' : 'unavailable';
  throw new ElockError(code, `no peer can tell: ${failures.join('; ')}`);
}

/** Whether a peer, or this client, refuses to talk to the other. */
export function isRefusal(what: unknown): boolean {
  return what instanceof AuthFailedError || what instanceof UntrustedPeerError;
}

/** The answer, or what was wrong with the peer. */
async function askOne(peer: string, access: Access, line: string): Promise<Reply | ClientError> {
  try {
    const connection = await LineConnection.open(parsePeerAddress(peer), { access });
    try {
      return await connection.request(line, { list: true });
    } finally {
      connection.destroy();
    }
  } catch (error) {
    if (error instanceof ClientError) return error;
    throw error;
  }
}
