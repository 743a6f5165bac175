/**
 * Whether the holder of a kept lock is still there (rules 10 and 14).
 *
 * Asks the holder's home, or has the session expire when that home is silent; in between, a keeper
 * that knows the holder only from the register refuses nobody. Owns the timers of one kept lock for
 * this; what follows is the lock's part.
 */
import type { Timer } from './agenda.ts';
import type { Context } from './context.ts';
import type { Expiry } from './expiry.ts';
import type { Links } from './links.ts';
import type { Holder, LockName, PeerId, SessionId } from './types.ts';

/** What a watch works with. */
export interface WatchParts {
  readonly context: Context;
  readonly links: Links;
  readonly expiry: Expiry;
}

/** The lock that is watched. */
export interface Watched {
  readonly name: LockName;
  /** The holder by the record known last; `null`: free, or not kept here any more. */
  readonly watchedHolder: Holder | null;
  /** Whether anybody waits, so that the holder is to be watched on. */
  readonly isContended: boolean;
  /** The holder's session turned out expired, or its claim known to live: go on. */
  advance(): void;
}

/** Watches the holder of one lock. */
export class HolderWatch {
  readonly #parts: WatchParts;
  readonly #lock: Watched;
  #expired: SessionId | null = null;
  #again: Timer | null = null;
  #verifying: Timer | null = null;
  /** Whether the home that the record names was asked, and has not answered. */
  #unanswered = false;

  constructor(parts: WatchParts, lock: Watched) {
    this.#parts = parts;
    this.#lock = lock;
  }

  /** Whether that session is known to be expired. */
  isExpired(session: SessionId): boolean {
    return session === this.#expired;
  }

  /** Whether the holder's home was asked, and has not yet said that the claim lives. */
  get isVerifying(): boolean {
    return this.#verifying !== null;
  }

  /** Nobody told this keeper that the holder's claim lives: it asks, for a bounded time. */
  verify(): void {
    const { context, links } = this.#parts;
    const holder = this.#lock.watchedHolder;
    if (holder === null) return;
    if (links.hears(holder.stamp.home)) {
      this.stopVerifying();
      this.#verifying = context.after(context.settings.askMs, () => this.#verified());
    }
    this.begin();
  }

  /** The holder's home says that the claim lives. */
  lives(): void {
    this.#unanswered = false;
    this.#verified();
  }

  /** A new channel to a home: what it was asked on the old one may be lost, so it is asked anew. */
  channelOpened(home: PeerId): void {
    if (this.#lock.watchedHolder?.stamp.home !== home) return;
    this.#unanswered = false;
    if (this.#lock.isContended || this.#again !== null) this.begin();
  }

  /** The claim lives, or its home says nothing: whoever tries is refused. */
  #verified(): void {
    if (this.#verifying === null) return;
    this.stopVerifying();
    this.#lock.advance();
  }

  stopVerifying(): void {
    this.#parts.context.agenda.cancel(this.#verifying);
    this.#verifying = null;
  }

  /** Looks after the holder now, and again for as long as somebody waits. */
  begin(): void {
    const { links } = this.#parts;
    const holder = this.#lock.watchedHolder;
    if (holder === null) return;
    const { home, incarnation } = holder.stamp;
    const lives = links.hears(home) && links.incarnationOf(home) === incarnation;
    if (lives && !this.#unanswered) {
      this.#unanswered = true;
      this.inquire(home);
    } else this.expire(null);
    if (this.#lock.isContended) this.schedule();
  }

  /**
   * Has the voters decide whether the holder's session is over.
   *
   * @param abandonedBy - a home that, though it is heard, vouches for the session no more
   */
  expire(abandonedBy: PeerId | null): void {
    const session = this.#lock.watchedHolder?.session;
    if (session === undefined) return;
    this.#parts.expiry.expire(session, (outcome) => this.#judged(session, outcome), abandonedBy);
  }

  /** Looks after the holder in a while. */
  schedule(): void {
    const { context } = this.#parts;
    if (this.#again !== null) return;
    this.#again = context.after(context.jittered(context.settings.reaskMs), () => {
      this.#again = null;
      this.begin();
    });
  }

  /** Asks a home whether the holder's claim lives. */
  inquire(home: PeerId): void {
    const holder = this.#lock.watchedHolder;
    if (holder === null) return;
    this.#parts.context.send(home, { kind: 'inquire', lock: this.#lock.name, holder });
  }

  /** What became of the holder's session: expired, or alive at that home. */
  #judged(session: SessionId, home: PeerId | 'expired'): void {
    if (this.#lock.watchedHolder?.session !== session) return;
    if (home === 'expired') {
      this.#expired = session;
      this.#lock.advance();
    } else this.inquire(home);
  }

  stop(): void {
    this.#unanswered = false;
    this.stopVerifying();
    this.#parts.context.agenda.cancel(this.#again);
    this.#again = null;
  }
}
