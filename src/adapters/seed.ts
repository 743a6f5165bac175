/**
 * An address of the configuration that does not say whose it is.
 *
 * Asks who answers there, again and again while the peer that answered last is not reached: another
 * may have taken its place. Once its id is known, a peer is dialled by its link.
 */
import type { PeerId } from '../core/types.ts';
import { Redial } from './redial.ts';

/** What a seed needs of the transport. */
export interface SeedOwner {
  isReached(peer: PeerId): boolean;
  /** Who answers there, in bounded time; `null`: this peer itself. Rejects when nobody does. */
  identify(address: string): Promise<PeerId | null>;
  /** `null`: it leads to this peer itself, and is given up. */
  identified(peer: PeerId | null, address: string): void;
  failed(address: string, error: Error): void;
}

/** One address in search of its peer. */
export class Seed {
  readonly #address: string;
  readonly #owner: SeedOwner;
  readonly #redial = new Redial(() => this.#attempt());
  #peer: PeerId | null = null;

  constructor(address: string, owner: SeedOwner) {
    this.#address = address;
    this.#owner = owner;
  }

  /** Begins at once. */
  start(): void {
    this.#redial.hurry();
  }

  /** Ends the search. */
  stop(): void {
    this.#redial.stop();
  }

  async #attempt(): Promise<void> {
    if (this.#peer !== null && this.#owner.isReached(this.#peer)) return;
    try {
      this.#peer = await this.#owner.identify(this.#address);
      if (this.#peer === null) this.stop();
      this.#owner.identified(this.#peer, this.#address);
    } catch (error) {
      this.#owner.failed(this.#address, error as Error);
    }
  }
}
