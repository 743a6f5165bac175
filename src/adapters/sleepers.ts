/**
 * Peers without a channel that count as reached: one is made as soon as something is to be said.
 *
 *     heard of ───────────┐              ┌── something to say: dial ──▶ channel opens: it is said
 *     channel long idle ──┴──▶ asleep ───┤
 *                                        └── not reached in time, or not heard of ──▶ closed
 *
 * Owns who is asleep, in which life, and what waits for its channel: bounded, and for a bounded
 * time. To the core such a peer has a channel; a message to it only takes longer, and if it cannot
 * be delivered the channel closes, as any would. Knows nothing of who may sleep: see `mesh.ts`.
 */
import type { Incarnation, Nonce, PeerId } from '../core/types.ts';
import { ASLEEP_BYTES_MAX, WAKE_MS_MAX } from '../limits.ts';

/** One life of a peer; a nonce of 0: not known. */
export interface Life {
  readonly incarnation: Incarnation;
  readonly nonce: Nonce;
}

interface Sleeper {
  readonly life: Life;
  readonly waiting: Uint8Array[];
  waitingBytes: number;
  /** Ends the wait for its channel. */
  timer: NodeJS.Timeout | null;
}

/** Those that are asleep, as seen from here. */
export class Sleepers {
  readonly #asleep = new Map<PeerId, Sleeper>();
  readonly #lost: (peer: PeerId) => void;

  /** @param lost - that peer could not be woken; it is asleep no more */
  constructor(lost: (peer: PeerId) => void) {
    this.#lost = lost;
  }

  /** All of them. */
  get peers(): Iterable<PeerId> {
    return this.#asleep.keys();
  }

  /** The life in which that peer sleeps; `null`: it does not. */
  lifeOf(peer: PeerId): Life | null {
    return this.#asleep.get(peer)?.life ?? null;
  }

  add(peer: PeerId, life: Life): void {
    this.remove(peer);
    this.#asleep.set(peer, { life, waiting: [], waitingBytes: 0, timer: null });
  }

  /** Keeps frames for its channel; whether it sleeps, so that it must be woken. */
  keep(peer: PeerId, frames: Uint8Array): boolean {
    const sleeper = this.#asleep.get(peer);
    if (sleeper === undefined) return false;
    sleeper.timer ??= setTimeout(() => this.lose(peer), WAKE_MS_MAX);
    sleeper.waiting.push(frames);
    sleeper.waitingBytes += frames.length;
    if (sleeper.waitingBytes <= ASLEEP_BYTES_MAX) return true;
    this.lose(peer);
    return false;
  }

  /**
   * A channel to it stands.
   *
   * @returns what waited for that: nothing, if it did not sleep in that life
   */
  woken(peer: PeerId, { incarnation, nonce }: Life): readonly Uint8Array[] {
    const sleeper = this.#asleep.get(peer);
    this.remove(peer);
    if (sleeper === undefined || sleeper.life.incarnation !== incarnation) return [];
    return [0, nonce].includes(sleeper.life.nonce) ? sleeper.waiting : [];
  }

  /** It cannot be reached; what waited for its channel is lost. */
  lose(peer: PeerId): void {
    if (this.remove(peer)) this.#lost(peer);
  }

  /** It sleeps no more, and nobody is told; false when it did not. */
  remove(peer: PeerId): boolean {
    clearTimeout(this.#asleep.get(peer)?.timer ?? undefined);
    return this.#asleep.delete(peer);
  }

  /** From now on nobody sleeps. */
  stop(): void {
    for (const peer of [...this.#asleep.keys()]) this.remove(peer);
  }
}
