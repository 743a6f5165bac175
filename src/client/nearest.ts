/**
 * The nearest peer that can decide: all are dialled at once, and asked how they stand.
 *
 * The first that answers, and reaches a quorum, is taken; without one, once all have answered or
 * failed, the first that answered. Connections that lost are closed. Remembers nothing.
 */
import {
  AuthFailedError,
  ClientError,
  DisconnectedError,
  LimitError,
  NotElockError,
  type PeerFailure,
  UnreachableError,
  UntrustedPeerError,
} from './errors.ts';
import { LineConnection, type LineConnectionOptions, type Reply } from './line-connection.ts';
import { type PeerAddress, show } from './peer-address.ts';

/** How peers are asked. */
export interface NearestOptions extends LineConnectionOptions {
  /** Until a peer has told how it stands (ms). */
  readonly answerMs: number;
  /** Only a peer that reaches a quorum will do. */
  readonly quorumOnly?: boolean;
}

interface Candidate {
  readonly connection: LineConnection;
  readonly hasQuorum: boolean;
}

/**
 * @throws UnreachableError if no peer will do; AuthFailedError if none lets this client in, and
 * UntrustedPeerError if it trusts none
 */
export async function connectToNearest(
  peers: readonly PeerAddress[],
  options: NearestOptions,
): Promise<LineConnection> {
  const race = new Race(peers.length);
  for (const peer of peers) {
    probe(peer, options).then(
      (candidate) => race.arrived(candidate, options.quorumOnly === true),
      (error) => race.failed({ peer: show(peer), error: asClientError(error) }),
    );
  }
  return race.outcome;
}

/** Who came first, and who else came at all. */
class Race {
  readonly outcome: Promise<LineConnection>;
  readonly #failures: PeerFailure[] = [];
  #left: number;
  #second: LineConnection | null = null;
  #isOver = false;
  #resolve!: (connection: LineConnection) => void;
  #reject!: (error: ClientError) => void;

  constructor(runners: number) {
    this.#left = runners;
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  arrived({ connection, hasQuorum }: Candidate, quorumOnly: boolean): void {
    if (this.#isOver) connection.destroy(passedOver());
    else if (hasQuorum) this.#win(connection);
    else if (quorumOnly || this.#second?.isOpen) {
      connection.destroy(passedOver());
    } else this.#second = connection;
    this.#finished();
  }

  failed(failure: PeerFailure): void {
    this.#failures.push(failure);
    this.#finished();
  }

  #win(connection: LineConnection): void {
    this.#isOver = true;
    if (this.#second !== connection) this.#second?.destroy(passedOver());
    this.#resolve(connection);
  }

  #finished(): void {
    this.#left -= 1;
    if (this.#left > 0 || this.#isOver) return;
    if (this.#second?.isOpen) this.#win(this.#second);
    else this.#reject(errorOf(this.#failures));
  }
}

/** Where all peers fail for a reason that lasts, it is told itself. */
function errorOf(failures: readonly PeerFailure[]): ClientError {
  const messages = failures.map(({ error }) => error.message).join('; ');
  const cause = failures[0]?.error;
  if (failures.every(({ error }) => error instanceof AuthFailedError)) {
    return new AuthFailedError(messages, { cause });
  }
  if (failures.every(({ error }) => error instanceof UntrustedPeerError)) {
    return new UntrustedPeerError(messages, { cause });
  }
  return new UnreachableError(failures);
}

async function probe(peer: PeerAddress, options: NearestOptions): Promise<Candidate> {
  const connection = await LineConnection.open(peer, options);
  try {
    return { connection, hasQuorum: await reachesQuorum(connection, options.answerMs) };
  } catch (error) {
    connection.destroy(asClientError(error));
    throw error;
  }
}

/**
 * Asks a peer whether it reaches a quorum.
 *
 * @throws LimitError, NotElockError, or what ends a connection
 */
export async function reachesQuorum(
  connection: LineConnection,
  answerMs: number,
): Promise<boolean> {
  return standing(await connection.request('stats', { list: true, answerMs }), connection.peer);
}

function standing(reply: Reply, peer: PeerAddress): boolean {
  if (reply.code === 429) throw new LimitError(`${show(peer)}: ${reply.text}`);
  const rows = new Map(reply.rows.map((row) => row.split(' ').slice(1) as [string, string]));
  const [reached, quorum] = [rows.get('voters_reached'), rows.get('quorum')].map(Number);
  if (reply.code === 200 && reached !== undefined && quorum !== undefined) {
    if (Number.isInteger(reached) && Number.isInteger(quorum)) return reached >= quorum;
  }
  const problem = `${show(peer)} is no elock of today: its stats tell nothing of a quorum`;
  throw new NotElockError(problem);
}

function passedOver(): ClientError {
  return new DisconnectedError('another peer was nearer');
}

function asClientError(error: unknown): ClientError {
  if (error instanceof ClientError) return error;
  return new DisconnectedError(String(error), { cause: error });
}
