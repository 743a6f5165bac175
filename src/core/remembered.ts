/**
 * Which life of each other peer is the newest that this one has met (rule 20).
 *
 * Owns the judgement of a life that introduces itself: one before the newest, or another one of the
 * same incarnation, is of an old copy of its store, and does not know what it voted since. An old
 * copy that was put back after one later start has that start's incarnation, but not its nonce.
 * Stores nothing itself.
 */
import type { Incarnation, Nonce, PeerId } from './types.ts';

/** One life of a peer, as its hello names it. */
export interface NamedLife {
  readonly incarnation: Incarnation;
  /** 0: not told. */
  readonly nonce: Nonce;
}

const NEVER_MET: NamedLife = { incarnation: 0, nonce: 0 };

/** The newest known life of every other peer. */
export class Remembered {
  readonly #lives: Map<PeerId, NamedLife>;

  constructor(durable: Iterable<readonly [PeerId, Incarnation, Nonce?]>) {
    this.#lives = new Map();
    for (const [peer, incarnation, nonce = 0] of durable) {
      this.#lives.set(peer, { incarnation, nonce });
    }
  }

  /** Why that life is refused; `null`: it is not. */
  refusal(peer: PeerId, { incarnation, nonce }: NamedLife): string | null {
    const known = this.#lives.get(peer) ?? NEVER_MET;
    if (incarnation < known.incarnation) {
      return `incarnation ${incarnation} is lower than ${known.incarnation}: a restored backup`;
    }
    const isTold = nonce !== 0 && known.nonce !== 0;
    if (incarnation > known.incarnation || !isTold || nonce === known.nonce) return null;
    return `incarnation ${incarnation} was another start before: a restored backup`;
  }

  /** Takes note of a life that is not refused; says whether that is news, to be stored. */
  note(peer: PeerId, life: NamedLife): boolean {
    const known = this.#lives.get(peer) ?? NEVER_MET;
    const isNews = life.incarnation > known.incarnation || (known.nonce === 0 && life.nonce !== 0);
    if (isNews) this.#lives.set(peer, life);
    return isNews;
  }
}
