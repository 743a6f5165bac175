/**
 * Where a session is attached: finds the nearest peer, resumes or begins, and comes back when lost.
 *
 *   nowhere ──wanted──▶ looking ──greeted──▶ attached ──connection over──▶ looking, with the id
 *                         └──id unknown to the peers──▶ expired; looking, with a new one
 *
 * Owns the connection, the session's id and the pauses between attempts; one attempt at a time.
 * Knows nothing of locks: its owner says whether anything is wanted, and what is lost with an id.
 *
 * @see src/core/protocol.md, rule 16
 */
import type { Access } from './access.ts';
import {
  AuthFailedError,
  type ClientError,
  ClosedError,
  DisconnectedError,
  NoQuorumError,
  type SessionExpiredError,
  UntrustedPeerError,
} from './errors.ts';
import { type Greeting, greet } from './greeting.ts';
import { NOT_ADMITTED_RETRY_MS, RETRY_MS_MAX, RETRY_MS_MIN, UNREACHABLE_MS } from './limits.ts';
import type { LineConnection, Reply } from './line-connection.ts';
import { connectToNearest } from './nearest.ts';
import { type PeerAddress, show } from './peer-address.ts';

/** What an attachment goes by; durations in ms. */
export interface AttachmentOptions {
  readonly peers: readonly PeerAddress[];
  readonly access: Access;
  readonly timeoutMs: number;
  readonly connectMs: number;
  readonly answerMs: number;
}

/** What an attachment tells its session. */
export interface AttachmentOwner {
  /** Whether there is any use in being attached. */
  isWanted(): boolean;
  attached(connection: LineConnection, isResumed: boolean): void;
  detached(connection: LineConnection, error: ClientError): void;
  /** The peers know the id no more: a new session has begun. */
  expired(error: SessionExpiredError): void;
  /**
   * No peer could be attached to for `UNREACHABLE_MS`, or none lets this client in; it goes on trying
   * what is wanted still.
   */
  failed(error: ClientError): void;
  unasked(reply: Reply): void;
}

/** Pings in one time-out: two may get lost, and there is time left to move. */
export const PINGS_PER_TIMEOUT = 6;
/** A silence that the peer takes for a disconnect, in pings. */
const SILENT_PINGS = 3;

/** The place of one session. */
export class Attachment {
  readonly #options: AttachmentOptions;
  readonly #owner: AttachmentOwner;
  #connection: LineConnection | null = null;
  #attempt: Promise<void> | null = null;
  #id: string | null = null;
  /** Until when the session is worth resuming (ms of `performance.now()`). */
  #resumableUntil = 0;
  #failure: ClientError | null = null;
  #isLooking = false;
  #isSeeking = false;
  #isClosed = false;
  #endPause: () => void = () => {};

  constructor(options: AttachmentOptions, owner: AttachmentOwner) {
    this.#options = options;
    this.#owner = owner;
  }

  /** `null`: it is attached nowhere now. */
  get connection(): LineConnection | null {
    return this.#connection;
  }

  /** Whether there is, or may soon be, a session. */
  get exists(): boolean {
    return this.#id !== null || this.#connection !== null || this.#attempt !== null;
  }

  /** Whether the session may still come back. */
  get isResumable(): boolean {
    return this.#id !== null && performance.now() <= this.#resumableUntil;
  }

  /** Why the last attempt failed; `null` while it is attached. */
  get failure(): ClientError | null {
    return this.#failure;
  }

  /** The session is over: the next attachment begins a new one. */
  forget(): void {
    this.#id = null;
  }

  /** Ends the connection, and looks for no other. */
  close(error: ClientError): void {
    this.#isClosed = true;
    this.#connection?.destroy(error);
    this.#endPause();
  }

  /** Tries until it is attached or not wanted. */
  keep(): void {
    if (this.#isLooking || this.#isClosed || this.#connection !== null) return;
    this.#isLooking = true;
    void this.#look().finally(() => {
      this.#isLooking = false;
      if (this.#owner.isWanted()) this.keep();
    });
  }

  async #look(): Promise<void> {
    const since = performance.now();
    let pauseMs = RETRY_MS_MIN;
    while (!this.#isClosed && this.#connection === null && this.#owner.isWanted()) {
      try {
        await this.attach();
      } catch (error) {
        this.#failure = error as ClientError;
        const lasts = error instanceof AuthFailedError || error instanceof UntrustedPeerError;
        if (lasts || performance.now() - since > UNREACHABLE_MS) this.#owner.failed(this.#failure);
        await this.#pause((lasts ? NOT_ADMITTED_RETRY_MS : pauseMs) * (0.5 + Math.random()));
        pauseMs = Math.min(2 * pauseMs, RETRY_MS_MAX);
      }
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /**
   * Attaches, if it is not; one attempt, which all that ask meanwhile share.
   *
   * @throws ClosedError, UnreachableError, AuthFailedError, or whatever else came in between
   */
  attach(): Promise<void> {
    if (this.#isClosed) return Promise.reject(new ClosedError('the client is closed'));
    if (this.#connection !== null) return Promise.resolve();
    this.#attempt ??= this.#attachOnce().finally(() => {
      this.#attempt = null;
    });
    return this.#attempt;
  }

  async #attachOnce(): Promise<void> {
    const { peers, access, connectMs, answerMs } = this.#options;
    const connection = await connectToNearest(peers, {
      access,
      connectMs,
      answerMs,
      unasked: (reply, from) => {
        if (from === this.#connection) this.#owner.unasked(reply);
      },
      closed: (error, from) => this.#detached(from, error),
    });
    try {
      const { id, isResumed, expired } = await this.#greet(connection);
      if (this.#isClosed) throw new ClosedError('the client was closed');
      if (!connection.isOpen) throw new DisconnectedError('the connection ended at once');
      if (expired !== null) this.#owner.expired(expired);
      this.#id = id;
      this.#connection = connection;
      this.#failure = null;
      this.#owner.attached(connection, isResumed);
    } catch (error) {
      connection.destroy(error as ClientError);
      throw error;
    }
  }

  #greet(connection: LineConnection): Promise<Greeting> {
    const { timeoutMs, answerMs } = this.#options;
    const silenceMs = Math.ceil((timeoutMs * SILENT_PINGS) / PINGS_PER_TIMEOUT);
    const isPatient = this.isResumable;
    return greet(connection, { id: this.#id, isPatient, timeoutMs, silenceMs, answerMs });
  }

  #detached(connection: LineConnection, error: ClientError): void {
    if (connection !== this.#connection) return;
    this.#connection = null;
    this.#resumableUntil = performance.now() + this.#options.timeoutMs;
    this.#owner.detached(connection, error);
    if (this.#owner.isWanted()) this.keep();
  }

  /** Moves before the locks are lost, if another peer reaches a quorum and this one may not. */
  seekQuorum(): void {
    const connection = this.#connection;
    const others = this.#options.peers.filter((peer) => peer !== connection?.peer);
    if (this.#isSeeking || connection === null || others.length === 0) return;
    this.#isSeeking = true;
    const { access, connectMs, answerMs } = this.#options;
    const move = (better: LineConnection) => {
      better.destroy();
      connection.destroy(new NoQuorumError(`${show(connection.peer)} reaches no quorum`));
    };
    connectToNearest(others, { access, connectMs, answerMs, quorumOnly: true })
      .then(move, () => {})
      .finally(() => {
        this.#isSeeking = false;
      });
  }
}
