/**
 * A lock that a program holds: its token, until when, and how it learns of its loss.
 *
 * Owns the signal. Whether the lock is held is decided by the session.
 */
import type { Claim } from './claim.ts';
import { type ClientError, LockLostError, type LossCause } from './errors.ts';
import type { Session } from './session.ts';

/** A held lock. Dispose of it (`await using`), or call `release`, to give it back. */
export class Lock implements AsyncDisposable {
  /** Its name, as it was asked for. */
  readonly name: string;
  /**
   * The fencing token: a whole number from 1 to 2^53 − 1 that rises with every acquisition of this
   * name by anybody. Hand it to the guarded resource, and have that refuse a lower one.
   */
  readonly token: number;
  readonly #session: Session;
  readonly #claim: Claim;
  readonly #lost = new AbortController();
  readonly #over: Promise<void>;
  readonly #releaseMs: number;

  /** @internal Locks are made by `Client.acquire`. */
  constructor(
    parts: { name: string; session: Session; claim: Claim; over: Promise<void>; releaseMs: number },
    token: number,
  ) {
    this.name = parts.name;
    this.token = token;
    this.#session = parts.session;
    this.#claim = parts.claim;
    this.#over = parts.over;
    this.#releaseMs = parts.releaseMs;
  }

  /**
   * Aborted at the moment at which the lock is lost, with a `LockLostError` as its reason; never
   * because of a release. Nobody else can hold the lock yet then, within the clocks' drift bound.
   */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** Whether it is held: neither released nor lost. Looks at the clocks. */
  get isHeld(): boolean {
    return this.validForMs() > 0;
  }

  /**
   * For how many ms from now nobody else can hold this lock, even if every peer fell silent now; 0
   * once it is released or lost. It stays near the session's time-out while a peer answers.
   */
  validForMs(): number {
    const leftMs = this.#session.validForMs;
    return this.#claim.phase === 'held' ? leftMs : 0;
  }

  /**
   * Gives it back, and resolves once its peer has answered; if none can be reached, within
   * `answerMs`, and the lock is given back as soon as one is. Never rejects.
   *
   * @returns whether it was held until now; `false`: it had been lost, or released before
   */
  async release(): Promise<boolean> {
    const isHeld = this.isHeld;
    if (isHeld) this.#session.release(this.#claim);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#releaseMs);
    });
    await Promise.race([this.#over, late]);
    clearTimeout(timer);
    return isHeld;
  }

  /** Releases it at the end of an `await using`; a lock that was lost is no error here. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  /** @internal */
  lose(why: LossCause, cause?: ClientError): LockLostError {
    const options = cause === undefined ? {} : { cause };
    const error = new LockLostError({ lock: this.name, token: this.token, why }, options);
    this.#lost.abort(error);
    return error;
  }
}
