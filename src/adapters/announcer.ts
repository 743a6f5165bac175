/**
 * When a peer announces itself: soon after a change, and slowly in any case.
 *
 * Owns the counter, the pace and what counts as a change: whatever others act upon, but not figures
 * that move all the time. Knows nothing of gossipsub.
 */
import {
  ANNOUNCE_HEALTH_MS_PER_PEER,
  ANNOUNCE_MS,
  ANNOUNCE_MS_MIN,
  ANNOUNCE_MS_PER_PEER,
} from '../limits.ts';
import type { Announcement } from '../wire/announcement-codec.ts';

/** What is announced, but for the number that the announcer gives. */
export type Portrait = Omit<Announcement, 'counter'>;

/** What an announcer is made of. */
export interface AnnouncerOptions {
  /** How this peer is now. */
  readonly portray: () => Portrait;
  /** Tells everybody. */
  readonly publish: (announcement: Announcement) => void;
  /** How many peers are known of, this one included. */
  readonly peers: () => number;
  /** Whole milliseconds that never fall. */
  readonly now: () => number;
  /** 0 to 1, not 1. */
  readonly random: () => number;
}

/** The announcements of one peer in one incarnation. */
export class Announcer {
  readonly #options: AnnouncerOptions;
  #counter = 0;
  /** What was announced last, as far as a change of it counts. */
  #told: Essence = { place: '', health: '' };
  #toldAt = Number.NEGATIVE_INFINITY;
  /** When the next one is due without a change. */
  #dueAt = 0;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  /** Looks at whether something is to be announced; to be called a few times a second. */
  round(): void {
    const now = this.#options.now();
    const restedMs = now - this.#toldAt;
    if (restedMs < this.#restMs(ANNOUNCE_MS_PER_PEER)) return;
    const portrait = this.#options.portray();
    const essence = essenceOf(portrait);
    if (now < this.#dueAt && !this.#isNews(essence, restedMs)) return;
    this.#told = essence;
    this.#toldAt = now;
    this.#dueAt = now + ANNOUNCE_MS * (0.75 + this.#options.random() / 2);
    this.#counter += 1;
    this.#options.publish({ ...portrait, counter: this.#counter });
  }

  /** Where a busy machine makes all peers lose their voters at once, their saying so is no help. */
  #isNews({ place, health }: Essence, restedMs: number): boolean {
    if (place !== this.#told.place) return true;
    return health !== this.#told.health && restedMs >= this.#restMs(ANNOUNCE_HEALTH_MS_PER_PEER);
  }

  #restMs(perPeerMs: number): number {
    return Math.max(ANNOUNCE_MS_MIN, perPeerMs * this.#options.peers());
  }
}

/** What others act upon, and what only people look at. */
interface Essence {
  readonly place: string;
  readonly health: string;
}

function essenceOf({ epoch, text, addresses, health }: Portrait): Essence {
  const { quorum, reached, disk } = health;
  return {
    place: JSON.stringify([epoch, text, addresses]),
    health: JSON.stringify([quorum, reached, disk]),
  };
}
