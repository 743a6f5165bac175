/**
 * One connection to one peer: lines out, answers back in their order, nothing understood but `401`.
 *
 * Owns the socket, the bounds on what comes and what is asked, and every deadline of both; it never
 * connects again. Answers are matched to requests by their order alone; `410` and `210` answer
 * nothing, whenever they come. Whatever is wrong ends the connection: every request under way then
 * fails with the same error, and `closed` is told once, last.
 *
 * @see README.md, "The text protocol"
 */
import type { Socket } from 'node:net';
import { LineSplitter } from '../text/line-splitter.ts';
import { type Access, PLAIN_ACCESS } from './access.ts';
import { dial, tlsErrorOf } from './dial.ts';
import {
  AuthFailedError,
  type ClientError,
  DisconnectedError,
  LimitError,
  NotElockError,
  PeerSilentError,
  quoted,
} from './errors.ts';
import {
  ANSWER_MS,
  CONNECT_MS,
  LIST_ROWS_MAX,
  REPLY_LINE_BYTES_MAX,
  REQUESTS_MAX,
  SHOWN_CHARACTERS_MAX,
  TIMER_MS_MAX,
} from './limits.ts';
import { type PeerAddress, show } from './peer-address.ts';

/** One answer; text is one code unit a byte, as on the wire. */
export interface Reply {
  readonly code: number;
  /** What stands behind the code. */
  readonly text: string;
  /** Of a list: what stands between its first line and `END`. */
  readonly rows: readonly string[];
}

/** How one request is answered. */
export interface RequestOptions {
  /** Whether `200` begins a list that ends with `END`. Default: it does not. */
  readonly list?: boolean;
  /** How long the peer may take, from when it has answered what came before; default 3 s. */
  readonly answerMs?: number;
}

/** How a connection is made, and whom it tells what nobody asked for. */
export interface LineConnectionOptions {
  /** Until it stands, with its TLS handshake; default 2 s. */
  readonly connectMs?: number;
  /** Default: neither TLS nor a secret. A secret is said first, without waiting for its answer. */
  readonly access?: Access;
  /** A line that answers nothing: its code is 210 or 410. */
  readonly unasked?: (line: Reply, connection: LineConnection) => void;
  /** The end, once; never for a connection that did not come to stand. */
  readonly closed?: (error: ClientError, connection: LineConnection) => void;
}

interface Pending {
  readonly list: boolean;
  readonly answerMs: number;
  resolve(reply: Reply): void;
  reject(error: ClientError): void;
}

interface List {
  readonly head: Reply;
  readonly rows: string[];
}

const LINE = /^([1-5][0-9][0-9])(?: ([\s\S]*))?$/;
const UNASKED: ReadonlySet<number> = new Set([210, 410]);
const DONE = 200;
const NOT_ADMITTED = 401;
const TOO_MANY = 429;

/** A connection that stands, or stood. */
export class LineConnection {
  readonly peer: PeerAddress;
  readonly #socket: Socket;
  readonly #options: LineConnectionOptions;
  readonly #access: Access;
  #hasHeard = false;
  readonly #splitter = new LineSplitter(REPLY_LINE_BYTES_MAX);
  readonly #pending: Pending[] = [];
  /** The list whose rows are coming. */
  #list: List | null = null;
  #timer: NodeJS.Timeout | undefined;
  #failure: ClientError | null = null;

  /**
   * Connects, and says the secret if there is one.
   *
   * @throws NoConnectionError if that does not succeed within `connectMs`, UntrustedPeerError,
   * AuthFailedError, NotElockError
   */
  static open(peer: PeerAddress, options: LineConnectionOptions = {}): Promise<LineConnection> {
    const { connectMs = CONNECT_MS, access = PLAIN_ACCESS } = options;
    return new Promise((resolve, reject) => {
      dial(
        peer,
        { connectMs, access },
        {
          ready: (socket) => resolve(new LineConnection(peer, socket, options)),
          failed: reject,
        },
      );
    });
  }

  private constructor(peer: PeerAddress, socket: Socket, options: LineConnectionOptions) {
    this.peer = peer;
    this.#socket = socket;
    this.#options = options;
    this.#access = options.access ?? PLAIN_ACCESS;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (cause) => this.#end(cause));
    socket.on('close', () => this.#end());
    if (this.#access.secret !== null) this.#authenticate(this.#access.secret);
  }

  /** Whether requests may be made. */
  get isOpen(): boolean {
    return this.#failure === null;
  }

  /**
   * Sends one line, without its LF, and resolves with the answer to it, whatever its code; but `401`
   * ends the connection.
   *
   * @throws AuthFailedError, DisconnectedError, PeerSilentError, NotElockError when it ends first,
   * LimitError if too much is unanswered
   */
  request(line: string, options: RequestOptions = {}): Promise<Reply> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#pending.length >= REQUESTS_MAX) {
      const problem = `at most ${REQUESTS_MAX} requests may wait for ${show(this.peer)}`;
      return Promise.reject(new LimitError(problem));
    }
    const { list = false, answerMs = ANSWER_MS } = options;
    return new Promise((resolve, reject) => {
      this.#pending.push({ list, answerMs, resolve, reject });
      if (this.#pending.length === 1) this.#watch();
      this.#socket.write(`${line}\n`, 'latin1');
    });
  }

  /** Ends it at once; what is under way fails with that error. */
  destroy(error: ClientError = new DisconnectedError('the connection was closed here')): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    clearTimeout(this.#timer);
    this.#socket.destroy();
    for (const { reject } of this.#pending.splice(0)) reject(error);
    this.#options.closed?.(error, this);
  }

  #end(cause?: Error): void {
    const known = cause === undefined ? null : tlsErrorOf(this.peer, cause);
    const problem = `${show(this.peer)} closed the connection${cause ? `: ${cause.message}` : ''}`;
    const hint = this.#hasHeard ? '' : ' before it said anything; does it ask for TLS?';
    this.destroy(known ?? new DisconnectedError(`${problem}${hint}`, { cause }));
  }

  /** Sent before anything else; what is sent behind it need not wait for the answer. */
  #authenticate(secret: string): void {
    const resolve = ({ code }: Reply) => {
      if (code === DONE) return;
      const problem = `${show(this.peer)} does not take a secret: it answered ${code}`;
      this.destroy(code === TOO_MANY ? new LimitError(problem) : new AuthFailedError(problem));
    };
    this.#pending.push({ list: false, answerMs: ANSWER_MS, resolve, reject: () => {} });
    this.#watch();
    this.#socket.write(`auth ${secret}\n`, 'latin1');
  }

  #notAdmitted(): void {
    const { secret } = this.#access;
    const why = secret === null ? 'asks for a secret' : 'does not take the secret of this client';
    this.destroy(new AuthFailedError(`${show(this.peer)} ${why}`));
  }

  /** The first request that is unanswered has its own time from now on; then the peer is silent. */
  #watch(): void {
    clearTimeout(this.#timer);
    const [first] = this.#pending;
    if (first === undefined || first.answerMs === Number.POSITIVE_INFINITY) return;
    const silent = () => {
      const problem = `${show(this.peer)} does not answer: nothing within ${first.answerMs} ms`;
      this.destroy(new PeerSilentError(problem));
    };
    this.#timer = setTimeout(silent, Math.min(first.answerMs, TIMER_MS_MAX));
  }

  #take(chunk: Buffer): void {
    this.#splitter.push(chunk);
    while (this.#failure === null) {
      const line = this.#splitter.next();
      if (typeof line === 'string') this.#takeLine(line);
      else if (line === null && !this.#splitter.isOverLong) return;
      else this.#strange(`a line of more than ${REPLY_LINE_BYTES_MAX} bytes`);
    }
  }

  #takeLine(line: string): void {
    if (this.#list !== null) {
      this.#takeRow(this.#list, line);
      return;
    }
    const [, digits, text = ''] = LINE.exec(line) ?? [];
    if (digits === undefined) {
      this.#strange(quoted(this.#access.hide(line), SHOWN_CHARACTERS_MAX));
      return;
    }
    const reply: Reply = { code: Number(digits), text, rows: [] };
    this.#hasHeard = true;
    if (reply.code === NOT_ADMITTED) this.#notAdmitted();
    else if (UNASKED.has(reply.code)) this.#options.unasked?.(reply, this);
    else this.#takeReply(reply);
  }

  #takeReply(reply: Reply): void {
    const [first] = this.#pending;
    if (first === undefined) this.#unexpected(reply);
    else if (first.list && reply.code === 200) this.#list = { head: reply, rows: [] };
    else this.#answer(reply);
  }

  #takeRow(list: List, line: string): void {
    if (line === 'END') {
      this.#list = null;
      this.#answer({ ...list.head, rows: list.rows });
    } else if (list.rows.push(line) > LIST_ROWS_MAX) {
      this.#strange(`a list of more than ${LIST_ROWS_MAX} rows`);
    }
  }

  #answer(reply: Reply): void {
    const first = this.#pending.shift();
    this.#watch();
    first?.resolve(reply);
  }

  /** A peer that has too many connections says so, unasked, and closes. */
  #unexpected({ code, text }: Reply): void {
    if (code === TOO_MANY) this.destroy(new LimitError(`${show(this.peer)}: ${text}`));
    else this.#strange(quoted(this.#access.hide(`${code} ${text}`), SHOWN_CHARACTERS_MAX));
  }

  #strange(what: string): void {
    const problem = `${show(this.peer)} does not speak the protocol of elock: it said ${what}`;
    this.destroy(new NotElockError(problem));
  }
}
