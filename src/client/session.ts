/**
 * One session: what its claims want is said to its peer, and known when it is lost.
 *
 * Owns the claims and the one deadline of all locks; where it is attached is `attachment.ts`. After
 * every attachment it sends what each claim wants by its phase, in the order in which they were
 * made; so nothing is ever repeated in another session than it was sent in. A lock that the
 * deadline declared lost is given back if its session comes back: it is never repaired in silence.
 *
 * @see README.md, "The text protocol"; src/core/protocol.md, rules 11, 13, 15
 */
import { readAcquired, readPong, readTold, refusalOf } from './answers.ts';
import { Attachment, type AttachmentOptions, PINGS_PER_TIMEOUT } from './attachment.ts';
import type { Claim } from './claim.ts';
import type { Moment, ReadClocks } from './deadline.ts';
import {
  type ClientError,
  ClosedError,
  DisconnectedError,
  LimitError,
  type LossCause,
  NoQuorumError,
  PeerSilentError,
  type SessionExpiredError,
} from './errors.ts';
import type { LineConnection, Reply } from './line-connection.ts';
import { show } from './peer-address.ts';
import { Strays } from './strays.ts';
import { Validity } from './validity.ts';

/** What a session goes by; durations in ms. */
export interface SessionOptions extends AttachmentOptions {
  readonly driftPermille: number;
  readonly readClocks: ReadClocks;
}

/** What a session tells its client. */
export interface SessionOwner {
  connected(peer: string): void;
  disconnected(peer: string, error: ClientError): void;
  /** Wire names, of those that were held before. */
  resumed(peer: string, survived: readonly string[], lost: readonly string[]): void;
  expired(error: SessionExpiredError): void;
}

/** Of the time-out: with less left at its peer, a session looks for one with a quorum. */
const LOW_VALIDITY = 0.6;
/** The session of one client. */
export class Session {
  readonly #options: SessionOptions;
  readonly #owner: SessionOwner;
  /** By wire name, in the order in which they were made. */
  readonly #claims = new Map<string, Claim>();
  readonly #attachment: Attachment;
  readonly #validity: Validity;
  #pings: NodeJS.Timeout | undefined;
  readonly #strays = new Strays();
  #isClosed = false;
  /** The peer gave the session up, and is about to close the connection. */
  #isOver = false;

  constructor(options: SessionOptions, owner: SessionOwner) {
    this.#options = options;
    this.#owner = owner;
    const { readClocks, driftPermille } = options;
    this.#validity = new Validity(readClocks, driftPermille, () => this.#watchDeadline());
    this.#attachment = new Attachment(options, {
      isWanted: () => this.#claims.size > 0,
      attached: (connection, isResumed) => this.#attached(connection, isResumed),
      detached: (connection, error) => this.#detached(connection, error),
      expired: (error) => this.#expired(error),
      failed: (error) => this.#giveUpAsking(error),
      unasked: (reply) => this.#unasked(reply),
    });
  }

  /** Whom it is attached to, as `HOST:PORT` or `unix:PATH`. */
  get peer(): string | null {
    const { connection } = this.#attachment;
    return connection === null ? null : show(connection.peer);
  }

  /** For how long the held locks are safe (ms). */
  get validForMs(): number {
    this.#lookAtClocks();
    return this.#validity.leftMs;
  }

  /** Why no peer is attached to, if one was looked for in vain. */
  get failure(): ClientError | null {
    return this.#attachment.failure;
  }

  get claims(): readonly Claim[] {
    return [...this.#claims.values()];
  }

  /** Attaches to the nearest peer, if it is not. @throws UnreachableError if there is none */
  connect(): Promise<void> {
    return this.#attachment.attach();
  }

  /** One line to the peer, outside of all claims. */
  async request(line: string, list: boolean): Promise<Reply> {
    await this.connect();
    const { connection } = this.#attachment;
    if (connection === null) throw new DisconnectedError('the connection ended at once');
    return connection.request(line, { list, answerMs: this.#options.answerMs });
  }

  /** Makes a claim; there must be none of that name. */
  claim(claim: Claim): void {
    if (this.#isClosed) {
      claim.refuse(new ClosedError('the client is closed'));
      return;
    }
    this.#claims.set(claim.wire, claim);
    this.#pursue(claim);
  }

  /** Gives up asking, and whatever was granted meanwhile. */
  cancel(claim: Claim, error: ClientError): void {
    if (claim.phase !== 'asking') return;
    claim.cancel(error);
    this.#letGo(claim);
  }

  /** Gives a lock back. */
  release(claim: Claim): void {
    if (claim.phase !== 'held') return;
    claim.release();
    this.#letGo(claim);
  }

  #letGo(claim: Claim): void {
    if (!this.#attachment.exists) {
      this.#over(claim);
      claim.released();
    } else this.#pursue(claim);
  }

  /** Ends the session at its peer, with all its locks; bounded. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#validity.stop();
    const closed = new ClosedError('the client was closed');
    const { connection } = this.#attachment;
    for (const claim of this.claims) if (claim.phase === 'asking') claim.cancel(closed);
    if (connection !== null) {
      const lines = ['unlock_all', 'set_timeout 0', 'quit'];
      const { answerMs } = this.#options;
      await Promise.allSettled(lines.map((line) => connection.request(line, { answerMs })));
    }
    this.#attachment.close(closed);
    for (const claim of this.claims) {
      this.#over(claim);
      if (claim.phase === 'held') claim.release();
      claim.released();
    }
  }

  #over(claim: Claim): void {
    if (this.#claims.get(claim.wire) === claim) this.#claims.delete(claim.wire);
  }

  // What claims want

  #pursue(claim: Claim): void {
    const { connection } = this.#attachment;
    if (connection === null) this.#attachment.keep();
    else if (claim.phase === 'releasing') this.#sendUnlock(connection, claim);
    else if (claim.phase === 'asking' && claim.want.kind === 'try')
      this.#sendLock(connection, claim);
    else if (claim.phase === 'asking') this.#sendQueue(connection, claim);
  }

  /** Sends a line; its answer counts only on the connection that stands. */
  #send(connection: LineConnection, line: string, then: (reply: Reply, at: Moment) => void): void {
    const at = this.#options.readClocks();
    const { answerMs } = this.#options;
    connection.request(line, { answerMs }).then(
      (reply) => {
        if (connection === this.#attachment.connection) then(reply, at);
      },
      // Its end is told once for all, but for what was not even sent.
      (error) => {
        if (error instanceof LimitError) connection.destroy(error);
      },
    );
  }

  #sendLock(connection: LineConnection, claim: Claim): void {
    this.#send(connection, `lock ${claim.wire}`, (reply, at) => {
      if (claim.phase === 'asking') this.#answered(claim, reply.code, reply.text, at);
    });
  }

  #sendQueue(connection: LineConnection, claim: Claim): void {
    this.#send(connection, `queue ${claim.wire} ${claim.secondsLeft}`, ({ code, text }) => {
      if (claim.phase === 'asking' && code !== 202) this.#refuse(claim, code, text);
    });
  }

  #sendUnlock(connection: LineConnection, claim: Claim): void {
    this.#send(connection, `unlock ${claim.wire}`, () => {
      this.#strays.add(claim.wire);
      this.#over(claim);
      claim.released();
    });
  }

  /** @param at - when it was asked; `null`: told, so that only the session's deadline counts */
  #answered(claim: Claim, code: number, text: string, at: Moment | null): void {
    const acquired = readAcquired({ code, text });
    if (acquired === null) {
      this.#refuse(claim, code, text);
      return;
    }
    const { token, validityMs } = acquired;
    if (at !== null) this.#validity.extend(at, validityMs);
    const enough = at === null ? this.#options.timeoutMs / 4 : 0;
    if (this.validForMs > enough) this.#grant(claim, token);
    else this.#ping(() => this.#grantIfValid(claim, token));
  }

  #grantIfValid(claim: Claim, token: number): void {
    if (claim.phase !== 'asking') return;
    if (this.validForMs > 0) this.#grant(claim, token);
    else this.cancel(claim, new NoQuorumError(`${this.peer} can vouch for no lock now`));
  }

  #grant(claim: Claim, token: number): void {
    claim.grant(token);
    this.#watchDeadline();
  }

  #refuse(claim: Claim, code: number, text: string): void {
    if (code === 503) this.#attachment.seekQuorum();
    this.#over(claim);
    claim.refuse(refusalOf(code, `${this.peer}: ${text}`, claim.want.kind === 'try'));
  }

  // What the peer tells unasked

  #unasked(reply: Reply): void {
    if (reply.code === 410) this.#toldLost(reply.text);
    else this.#toldAnswer(reply.text);
  }

  #toldAnswer(told: string): void {
    const { wire, code, text } = readTold(told);
    const claim = this.#claims.get(wire);
    if (claim?.phase === 'asking') this.#answered(claim, code, text, null);
  }

  /** The peer gives the session up: it closes the connection next. */
  #toldLost(text: string): void {
    this.#attachment.forget();
    this.#isOver = true;
    const claim = this.#claims.get(text.split(' ')[0] ?? '');
    if (claim?.phase === 'held') this.#lose(claim, 'told');
  }

  #lose(claim: Claim, why: LossCause, cause?: ClientError): void {
    this.#over(claim);
    claim.lose(why, cause);
  }

  #loseAll(why: LossCause, cause?: ClientError): void {
    for (const claim of this.claims) {
      if (claim.phase === 'held') this.#lose(claim, why, cause);
      else if (claim.phase === 'releasing' && why !== 'silence') {
        this.#over(claim);
        claim.released();
      }
    }
    this.#validity.end();
  }

  // The deadline

  get #holds(): boolean {
    for (const { phase } of this.#claims.values()) if (phase === 'held') return true;
    return false;
  }

  #watchDeadline(): void {
    this.#lookAtClocks();
    if (!this.#isClosed && this.#holds) this.#validity.watch();
  }

  /** Declares all locks lost once the deadline is over: nobody had to say so. */
  #lookAtClocks(): void {
    if (this.#validity.leftMs > 0 || !this.#holds) return;
    this.#strays.lose(this.claims);
    const error = new PeerSilentError(`${this.peer} did not answer for too long`);
    this.#loseAll('silence', error);
    this.#attachment.connection?.destroy(error);
  }

  #ping(then: () => void = () => {}): void {
    const { connection } = this.#attachment;
    if (connection === null) return;
    this.#send(connection, 'ping', (reply, at) => {
      const validityMs = readPong(reply);
      this.#validity.extend(at, validityMs);
      if (this.#holds && validityMs < this.#options.timeoutMs * LOW_VALIDITY)
        this.#attachment.seekQuorum();
      then();
    });
  }

  // Attaching

  #detached(connection: LineConnection, error: ClientError): void {
    clearInterval(this.#pings);
    this.#owner.disconnected(show(connection.peer), error);
    if (this.#isOver) this.#loseAll('told');
    this.#isOver = false;
    if (this.#claims.size > 0 || this.#strays.areLost) return;
    this.#attachment.forget();
    this.#validity.end();
  }

  #giveUpAsking(error: ClientError): void {
    for (const claim of this.claims) if (claim.phase === 'asking') this.cancel(claim, error);
    if (this.#attachment.isResumable) return;
    this.#attachment.forget();
    this.#loseAll('expired', error);
  }

  #expired(error: SessionExpiredError): void {
    this.#strays.clear();
    this.#loseAll('expired', error);
    this.#owner.expired(error);
  }

  #attached(connection: LineConnection, resumed: boolean): void {
    const { timeoutMs } = this.#options;
    this.#pings = setInterval(() => this.#ping(), timeoutMs / PINGS_PER_TIMEOUT);
    this.#owner.connected(show(connection.peer));
    if (!resumed) this.#strays.clear();
    for (const line of this.#strays.lines((wire) => this.#claims.has(wire))) {
      this.#send(connection, line, ({ code }) => this.#strays.answered(line, code));
    }
    const held = this.claims.filter(({ phase }) => phase === 'held');
    if (resumed) this.#verify(connection, held);
    for (const claim of this.claims) this.#pursue(claim);
  }

  /** Asks for each lock again: its own lock is told with the token that it has. */
  #verify(connection: LineConnection, held: readonly Claim[]): void {
    let left = held.length;
    const [survived, lost]: [string[], string[]] = [[], []];
    const finished = () => {
      if (left === 0) this.#owner.resumed(show(connection.peer), survived, lost);
    };
    for (const claim of held) {
      this.#send(connection, `lock ${claim.wire}`, (reply, at) => {
        const acquired = readAcquired(reply);
        left -= 1;
        if (acquired?.token === claim.token) {
          survived.push(claim.wire);
          this.#validity.extend(at, acquired.validityMs);
        } else {
          lost.push(claim.wire);
          this.#missing(connection, claim);
        }
        finished();
      });
    }
    finished();
  }

  /** Whatever answered instead of the lock is let go of. */
  #missing(connection: LineConnection, claim: Claim): void {
    if (claim.phase !== 'held') return;
    this.#send(connection, this.#strays.add(claim.wire), () => {});
    this.#lose(claim, 'missing');
  }
}
