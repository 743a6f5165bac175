/**
 * Locks for programs: acquire, hold, release; shaped like Web Locks.
 *
 * Owns the waiting inside this program: one client is one session, so of several calls for one name
 * one at a time asks the peers, first come, first served. What is said to them is the session's.
 */
import { Access, type AccessOptions } from './access.ts';
import { Claim, type Want } from './claim.ts';
import { type ReadClocks, readSystemClocks } from './deadline.ts';
import {
  type ClientError,
  ClosedError,
  InvalidArgumentError,
  LimitError,
  LockHeldError,
  NoQuorumError,
  WaitTimeoutError,
} from './errors.ts';
import { ClientEvents } from './events.ts';
import {
  ANSWER_MS,
  CLAIMS_MAX,
  CONNECT_MS,
  DRIFT_PERMILLE_MAX,
  GRACE_MS,
  TIMEOUT_MS_MAX,
  TIMEOUT_MS_MIN,
  TIMER_MS_MAX,
} from './limits.ts';
import { Lock } from './lock.ts';
import { fromWire, toWire } from './lock-name.ts';
import { parsePeerAddresses } from './peer-address.ts';
import { type ListedLock, readLocks } from './rows.ts';
import { Session } from './session.ts';

/** How a client is made; all durations in ms. */
export interface ClientOptions extends AccessOptions {
  /**
   * Peers as `HOST:PORT`, or as `unix:PATH` on this machine, 1 to 64; any of them will do. Port 11400
   * if none is given.
   */
  readonly peers: readonly string[];
  /**
   * For how long the locks outlive the loss of this client, 1,000 to 86,400,000; default 30,000.
   * The longer, the more time to move to another peer, and the later others get what a dead client
   * held.
   */
  readonly timeoutMs?: number;
  /** For a connection to one peer to stand, 1 or more; default 2,000. */
  readonly connectMs?: number;
  /**
   * For a peer to answer, 1 or more; after that another one is looked for. By default 3,000, or a
   * quarter of `timeoutMs` if that is less, but at least 1,500.
   */
  readonly answerMs?: number;
  /** The peers' option of that name, in thousandths, 0 to 200; default 20. */
  readonly driftPermille?: number;
  /** Where time is read; for tests. */
  readonly readClocks?: ReadClocks;
}

/** How a lock is asked for. */
export interface AcquireOptions {
  /** Do not wait: one round trip. Default: wait. */
  readonly ifAvailable?: boolean;
  /** Wait for so many ms at most; 0: do not wait. Default: for ever. */
  readonly waitMs?: number;
  /** Ends the wait, and only the wait: the call rejects with its reason, and leaves nothing. */
  readonly signal?: AbortSignal;
}

/** What `query` tells. */
export interface LockSnapshot {
  /** Locks that anybody holds, as the peer at hand knows them. */
  readonly held: readonly ListedLock[];
  /** Names that calls of this client wait for. */
  readonly pending: readonly string[];
  /** Whether all locks of the prefix are told; if not, ask with a longer one. */
  readonly complete: boolean;
}

/** What is done while a lock is held. */
export type LockCallback<L extends Lock | null, T> = (lock: L) => T | Promise<T>;

/** `client.locks`: the shape of the Web Locks API. */
export interface LockManager {
  /**
   * Runs `callback` while the lock is held, and resolves with what it returns; the lock is released
   * however it ends.
   *
   * @throws LockLostError if the lock was lost before the callback ended well, and otherwise as
   * `Client.acquire`; with `ifAvailable` the callback gets `null` instead of a LockHeldError
   */
  request<T>(name: string, callback: LockCallback<Lock, T>): Promise<T>;
  request<T>(
    name: string,
    options: AcquireOptions & { readonly ifAvailable: true },
    callback: LockCallback<Lock | null, T>,
  ): Promise<T>;
  request<T>(
    name: string,
    options: AcquireOptions & { readonly ifAvailable?: false },
    callback: LockCallback<Lock, T>,
  ): Promise<T>;
  /** As `Client.query`. */
  query(prefix?: string): Promise<LockSnapshot>;
}

/** A call of `acquire` that has not come to its end. */
interface Call {
  readonly wire: string;
  begin(): void;
  cancel(error: ClientError): void;
}

/** A program's connection to the lock service: one session, at whichever peer is near. */
export class Client extends ClientEvents implements AsyncDisposable {
  readonly locks: LockManager;
  readonly #session: Session;
  readonly #answerMs: number;
  /** By wire name: the call that is with the session, and those that wait for it to be over. */
  readonly #lines = new Map<string, Call[]>();
  #calls = 0;
  #isClosed = false;

  /** Connects with the first call. @throws InvalidArgumentError */
  constructor(options: ClientOptions) {
    super();
    const session = checked(options);
    this.#answerMs = session.answerMs;
    this.#session = new Session(session, {
      connected: (peer) => this.emit('connected', { peer }),
      disconnected: (peer, error) => this.emit('disconnected', { peer, error }),
      resumed: (peer, survived, lost) =>
        this.emit('resumed', { peer, survived: survived.map(fromWire), lost: lost.map(fromWire) }),
      expired: (error) => this.emit('expired', { error }),
    });
    this.locks = {
      request: this.#request.bind(this) as LockManager['request'],
      query: (prefix) => this.query(prefix),
    };
  }

  /** Whom it is attached to, as `HOST:PORT` or `unix:PATH`; `null`: nobody now. */
  get peer(): string | null {
    return this.#session.peer;
  }

  /**
   * Connects to the nearest peer that reaches a quorum, if it is not connected. Calls do so, too.
   *
   * @throws UnreachableError after `connectMs` and `answerMs` at the latest, AuthFailedError if no
   * peer lets this client in, UntrustedPeerError if it trusts none, ClosedError
   */
  async connect(): Promise<this> {
    await this.#session.connect();
    return this;
  }

  /**
   * Acquires a lock; waits in line for it unless told otherwise, behind whoever asked before,
   * at whichever peer. A name is 1 to 4,000 bytes of UTF-8 without spaces and line ends.
   *
   * @throws LockHeldError if it is not free, and this is no wait; WaitTimeoutError after `waitMs`,
   * or if a try is not answered; NoQuorumError; UnreachableError if no peer can be reached for
   * 10 s; AuthFailedError, UntrustedPeerError; LimitError; InvalidArgumentError; ClosedError; or the reason of `signal`
   */
  async acquire(name: string, options: AcquireOptions = {}): Promise<Lock> {
    const wire = toWire(name);
    const { signal, waitMs } = options;
    if (waitMs !== undefined && !(waitMs >= 0)) {
      throw new InvalidArgumentError(`expected waitMs of 0 or more; got ${waitMs}`);
    }
    signal?.throwIfAborted();
    if (this.#isClosed) throw new ClosedError('the client is closed');
    if (this.#calls >= CLAIMS_MAX) {
      throw new LimitError(`a client holds and waits for at most ${CLAIMS_MAX} locks`);
    }
    const isTry = options.ifAvailable === true || waitMs === 0;
    if (isTry && this.#lines.has(wire)) {
      throw new LockHeldError('this client holds the lock, or waits for it');
    }
    return this.#call(name, wire, isTry, options);
  }

  #call(name: string, wire: string, isTry: boolean, options: AcquireOptions): Promise<Lock> {
    const { waitMs = Number.POSITIVE_INFINITY, signal } = options;
    const until = performance.now() + waitMs;
    const want: Want = isTry ? { kind: 'try' } : { kind: 'wait', until };
    const patienceMs = isTry ? 2 * this.#answerMs : waitMs + GRACE_MS;
    return new Promise<Lock>((resolve, reject) => {
      let end: () => void = () => {};
      const over = new Promise<void>((done) => {
        end = done;
      });
      let lock: Lock | null = null;
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', aborted);
      };
      const claim = new Claim(wire, want, {
        granted: (token) => {
          settle();
          const releaseMs = this.#answerMs;
          lock = new Lock({ name, session: this.#session, claim, over, releaseMs }, token);
          resolve(lock);
        },
        refused: (error) => {
          settle();
          reject(error);
        },
        lost: (why, cause) => {
          if (lock !== null) this.emit('lost', { error: lock.lose(why, cause) });
        },
        over: () => {
          end();
          this.#leave(call);
        },
      });
      const cancel = (error: ClientError) => {
        if (this.#lines.get(wire)?.[0] === call) this.#session.cancel(claim, error);
        else claim.refuse(error);
      };
      const call: Call = { wire, begin: () => this.#session.claim(claim), cancel };
      const aborted = () => cancel(signal?.reason);
      const timer = startTimer(patienceMs, () => cancel(this.#impatience(waitMs)));
      signal?.addEventListener('abort', aborted, { once: true });
      this.#enter(call);
    });
  }

  #impatience(waitMs: number): ClientError {
    const { peer, failure } = this.#session;
    if (peer === null && failure !== null) return failure;
    const ms = Number.isFinite(waitMs) ? waitMs : 2 * this.#answerMs;
    return new WaitTimeoutError(`not granted within ${ms} ms`);
  }

  #enter(call: Call): void {
    this.#calls += 1;
    const line = this.#lines.get(call.wire);
    if (line === undefined) {
      this.#lines.set(call.wire, [call]);
      call.begin();
    } else line.push(call);
  }

  #leave(call: Call): void {
    const line = this.#lines.get(call.wire) ?? [];
    const at = line.indexOf(call);
    if (at < 0) return;
    this.#calls -= 1;
    line.splice(at, 1);
    if (line[0] === undefined) this.#lines.delete(call.wire);
    else if (at === 0) line[0].begin();
  }

  async #request<T>(
    name: string,
    ...rest: [LockCallback<Lock | null, T>] | [AcquireOptions, LockCallback<Lock | null, T>]
  ): Promise<T> {
    const [options, callback] = rest.length === 1 ? [{}, rest[0]] : rest;
    let lock: Lock;
    try {
      lock = await this.acquire(name, options);
    } catch (error) {
      if (options.ifAvailable === true && error instanceof LockHeldError) return callback(null);
      throw error;
    }
    try {
      const result = await callback(lock);
      lock.validForMs();
      lock.signal.throwIfAborted();
      return result;
    } finally {
      await lock.release();
    }
  }

  /**
   * Tells which locks are held, as its peer stored them, and what this client waits for: one round
   * trip. How many wait is known of locks that this peer keeps (`source`); a peer that is no voter
   * tells of no lock at all.
   *
   * @param prefix - only names that begin with it; at most 1,000 are told
   * @throws UnreachableError, NoQuorumError, InvalidArgumentError, ClosedError
   */
  async query(prefix = ''): Promise<LockSnapshot> {
    const wire = prefix === '' ? '' : ` ${toWire(prefix)}`;
    const reply = await this.#session.request(`locks${wire}`, true);
    if (reply.code !== 200) throw new NoQuorumError(reply.text);
    const waiting = this.#session.claims.filter(({ phase }) => phase === 'asking');
    return {
      held: readLocks(reply.rows).filter(({ peer }) => peer !== null),
      pending: waiting.map((claim) => fromWire(claim.wire)),
      complete: !reply.text.includes('incomplete'),
    };
  }

  /**
   * Releases all locks, ends session and connection; calls under way reject with ClosedError.
   * Takes as long as the peer's answers, `answerMs` each at most. Never rejects.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    const waiting = [...this.#lines.values()].flatMap((line) => line.slice(1));
    for (const call of waiting) call.cancel(new ClosedError('the client was closed'));
    await this.#session.close();
  }

  /** Closes it at the end of an `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/**
 * Makes a client, and connects it to the nearest peer that reaches a quorum.
 *
 * @throws UnreachableError if there is none, AuthFailedError, UntrustedPeerError,
 * InvalidArgumentError
 */
export async function connect(options: ClientOptions): Promise<Client> {
  const client = new Client(options);
  try {
    return await client.connect();
  } catch (error) {
    await client.close();
    throw error;
  }
}

function checked(options: ClientOptions) {
  const { timeoutMs = 30_000, connectMs = CONNECT_MS, driftPermille = 20 } = options;
  const usual = Math.max(1_500, Math.min(ANSWER_MS, timeoutMs / 4));
  const { answerMs = usual, readClocks = readSystemClocks } = options;
  check('timeoutMs', timeoutMs, TIMEOUT_MS_MIN, TIMEOUT_MS_MAX);
  check('connectMs', connectMs, 1, TIMER_MS_MAX);
  check('answerMs', answerMs, 1, TIMER_MS_MAX);
  check('driftPermille', driftPermille, 0, DRIFT_PERMILLE_MAX);
  const peers = parsePeerAddresses(options.peers);
  const access = new Access(options);
  return { peers, access, timeoutMs, connectMs, answerMs, driftPermille, readClocks };
}

function check(what: string, value: number, min: number, max: number): void {
  if (Number.isFinite(value) && value >= min && value <= max) return;
  throw new InvalidArgumentError(`expected ${what} from ${min} to ${max}; got ${value}`);
}

/** A wait beyond what timers can count never ends by itself. */
function startTimer(ms: number, call: () => void): NodeJS.Timeout | undefined {
  return ms <= TIMER_MS_MAX ? setTimeout(call, ms) : undefined;
}
