/**
 * One question to the first peer that answers it, for subcommands that hold nothing.
 *
 * Owns the order in which peers are tried, and what an answer other than `200` means for the exit
 * status. A peer without a quorum is passed over like one that cannot be reached: another may know.
 */
import { ClientError, LineConnection, parsePeerAddress, type Reply } from '../client/index.ts';
import { ElockError } from '../errors.ts';

const DONE = 200;
const MALFORMED = 400;

/**
 * Asks for a list, peer by peer in their order.
 *
 * @param line - the command, one code unit a byte
 * @throws ElockError `usage` if the peer does not understand it, `unavailable` if no peer can tell
 */
export async function askForList(peers: readonly string[], line: string): Promise<Reply> {
  const failures: string[] = [];
  for (const peer of peers) {
    const reply = await askOne(peer, line);
    if (typeof reply === 'string') failures.push(reply);
    else if (reply.code === DONE) return reply;
    else if (reply.code === MALFORMED) throw new ElockError('usage', `${peer}: ${reply.text}`);
    else failures.push(`${peer}: ${reply.code} ${reply.text}`);
  }
  throw new ElockError('unavailable', `no peer can tell: ${failures.join('; ')}`);
}

/** The answer, or what was wrong with the peer. */
async function askOne(peer: string, line: string): Promise<Reply | string> {
  try {
    const connection = await LineConnection.open(parsePeerAddress(peer));
    try {
      return await connection.request(line, { list: true });
    } finally {
      connection.destroy();
    }
  } catch (error) {
    if (error instanceof ClientError) return error.message;
    throw error;
  }
}
