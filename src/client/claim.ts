/**
 * One request of this client for one lock, from asking to over.
 *
 *   asking ──granted──▶ held ──release──▶ releasing ──answered, or the session is over──▶ over
 *      ├──refused──▶ over └──lost──▶ over     ▲
 *      └──cancelled───────────────────────────┘
 *
 * Owns the phase, and tells whoever asked, each thing once. Sends nothing: that is the session's
 * part, which sends what the phase wants again whenever it is attached anew. So a command whose
 * answer was lost is repeated only in the session that it was first sent in, where `lock` of one's
 * own lock and `unlock` of what is not held change nothing.
 */
import type { ClientError, LossCause } from './errors.ts';
import { FOREVER_S } from './limits.ts';

/** What is wanted: an answer at once, or a place in line until that many ms of `performance.now()`. */
export type Want = { readonly kind: 'try' } | { readonly kind: 'wait'; readonly until: number };

/** Whom a claim tells. */
export interface ClaimOwner {
  granted(token: number): void;
  refused(error: ClientError): void;
  /** @param cause - the error that led to it, if one did */
  lost(why: LossCause, cause?: ClientError): void;
  /** Nothing of it is left: the next claim of that name may be made. */
  over(): void;
}

/** What a claim is doing. */
export type Phase = 'asking' | 'held' | 'releasing' | 'over';

/** A lock asked for, held, or on its way back. */
export class Claim {
  /** As it stands in a line. */
  readonly wire: string;
  readonly want: Want;
  readonly #owner: ClaimOwner;
  #phase: Phase = 'asking';
  #token = 0;

  constructor(wire: string, want: Want, owner: ClaimOwner) {
    this.wire = wire;
    this.want = want;
    this.#owner = owner;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get token(): number {
    return this.#token;
  }

  /** `SECONDS` of a wait, from now on. */
  get secondsLeft(): string {
    const until = this.want.kind === 'wait' ? this.want.until : 0;
    const seconds = Math.max(0.001, (until - performance.now()) / 1_000);
    return seconds < FOREVER_S ? seconds.toFixed(3) : String(FOREVER_S);
  }

  grant(token: number): void {
    this.#phase = 'held';
    this.#token = token;
    this.#owner.granted(token);
  }

  refuse(error: ClientError): void {
    this.#phase = 'over';
    this.#owner.refused(error);
    this.#owner.over();
  }

  /** Gives up asking: what may have been granted is to be released. */
  cancel(error: ClientError): void {
    this.#phase = 'releasing';
    this.#owner.refused(error);
  }

  lose(why: LossCause, cause?: ClientError): void {
    this.#phase = 'over';
    this.#owner.lost(why, cause);
    this.#owner.over();
  }

  release(): void {
    this.#phase = 'releasing';
  }

  released(): void {
    this.#phase = 'over';
    this.#owner.over();
  }
}
