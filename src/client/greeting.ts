/**
 * The first words on a new connection: the session is resumed, or a new one begun.
 *
 * Owns what is said, in as few round trips as can be. Keeps nothing.
 */
import { isUnknownSession } from './answers.ts';
import { LimitError, NoQuorumError, SessionExpiredError } from './errors.ts';
import { ASKED_AGAIN_MAX } from './limits.ts';
import type { LineConnection, Reply } from './line-connection.ts';
import { reachesQuorum } from './nearest.ts';
import { show } from './peer-address.ts';

/** What the peer is told of the session. */
export interface GreetingOptions {
  /** To be resumed; `null`: there is none. */
  readonly id: string | null;
  /** Whether to try again later if the session cannot be resumed here now. */
  readonly isPatient: boolean;
  readonly timeoutMs: number;
  /** A silence of this client that counts as a disconnect. */
  readonly silenceMs: number;
  readonly answerMs: number;
}

/** How a connection begins. */
export interface Greeting {
  readonly id: string;
  readonly isResumed: boolean;
  /** Why the session that was to be resumed is over. */
  readonly expired: SessionExpiredError | null;
}

/** @throws NoQuorumError, LimitError, or what ends a connection: to be tried again elsewhere */
export async function greet(
  connection: LineConnection,
  options: GreetingOptions,
): Promise<Greeting> {
  const { id, isPatient, timeoutMs, silenceMs, answerMs } = options;
  const ask = (line: string) => connection.request(line, { answerMs });
  const peer = show(connection.peer);
  ask(`keepalive ${silenceMs}`).catch(() => {});
  let expired: SessionExpiredError | null = null;
  if (id !== null) {
    const reply = await resume(connection, id, answerMs);
    if (reply.code === 200) return { id, isResumed: true, expired };
    // Its old peer may yet notice that this client is gone, and a quorum come back.
    if (isPatient && !isUnknownSession(reply)) {
      throw new NoQuorumError(`${peer} cannot resume the session yet: ${reply.text}`);
    }
    expired = new SessionExpiredError(`${peer} cannot resume the session: ${reply.text}`);
  }
  return { id: await begin(ask, timeoutMs), isResumed: false, expired };
}

/** A peer that reaches a quorum, and could not tell in time, goes on with it: it is asked again. */
async function resume(connection: LineConnection, id: string, answerMs: number): Promise<Reply> {
  for (let again = ASKED_AGAIN_MAX; ; again -= 1) {
    const reply = await connection.request(`conn_id ${id}`, { answerMs });
    const isUndecided = again > 0 && reply.code === 503;
    if (!isUndecided || !(await reachesQuorum(connection, answerMs))) return reply;
  }
}

async function begin(ask: (line: string) => Promise<Reply>, timeoutMs: number): Promise<string> {
  const [id, timeout] = await Promise.all([ask('conn_id'), ask(`set_timeout ${timeoutMs}`)]);
  const refused = [id, timeout].find(({ code }) => code !== 200);
  if (refused?.code === 429) throw new LimitError(refused.text);
  if (refused !== undefined) throw new NoQuorumError(refused.text);
  return id.text;
}
