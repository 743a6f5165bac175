/**
 * Dials peers: voters and whoever something is to be said to at once, the others in turns.
 *
 * Owns the turns, and how long each dial may take. When to dial is the links' affair.
 */
import type { Connection } from '@libp2p/interface';
import type { PeerId } from '../core/types.ts';
import {
  CONNECT_MS_MAX,
  DIAL_TURN_MS,
  DIALS_MAX,
  PEERS_MAX,
  UPGRADE_LATE_MS_MAX,
  UPGRADE_MS_MAX,
  UPGRADE_SLOWLY_MS_MAX,
} from '../limits.ts';
import type { PeerTable } from './peer-table.ts';
import { Turns } from './turns.ts';

/** The part of libp2p that a mesh needs. */
export interface Network {
  connections(): readonly Connection[];
  /** Tries the addresses in order, each for so many ms; gives the one that worked. */
  dial(peer: PeerId, addresses: readonly string[], ms: number): Promise<string>;
}

/** What a dialler works with. */
export interface DiallerOptions {
  readonly network: Network;
  readonly peers: PeerTable;
  readonly votes: (peer: PeerId) => boolean;
}

/** All dialling of one peer. */
export class Dialler {
  readonly #options: DiallerOptions;
  readonly #turns = new Turns({ atOnce: DIALS_MAX, waiting: PEERS_MAX, turnMs: DIAL_TURN_MS });
  #stopped = false;

  constructor(options: DiallerOptions) {
    this.#options = options;
  }

  /** Tries the addresses known of that peer, in bounded time; rejects when none of them works. */
  async dial(peer: PeerId): Promise<void> {
    const { votes, peers } = this.#options;
    const isUrgent = votes(peer) || peers.get(peer)?.isCalled === true;
    if (isUrgent) await this.#dial(peer, UPGRADE_MS_MAX);
    else await this.#turns.run(() => this.#dial(peer, UPGRADE_SLOWLY_MS_MAX));
  }

  /** Dials nobody any more. */
  stop(): void {
    this.#stopped = true;
  }

  /** The connections to that peer that stand, newest last. */
  connectionsTo(peer: PeerId): readonly Connection[] {
    const open = (c: Connection) => c.status === 'open' && c.remotePeer.toString() === peer;
    return this.#options.network.connections().filter(open);
  }

  /** The other side may have come while this one waited, or this one have learned of so many. */
  async #dial(peer: PeerId, upgradeMs: number): Promise<void> {
    const { peers } = this.#options;
    if (this.#stopped || this.connectionsTo(peer).length > 0) return;
    if (peers.get(peer)?.isWanted === false) return;
    const addresses = peers.nextAddressesOf(peer);
    if (addresses.length === 0) return;
    peers.prefer(peer, await this.#dialPatiently(peer, addresses, upgradeMs));
  }

  /** Whoever was there, but too slow, is waited for twice as long the next time. */
  async #dialPatiently(
    peer: PeerId,
    addresses: readonly string[],
    upgradeMs: number,
  ): Promise<string> {
    const { peers, network } = this.#options;
    const link = peers.get(peer);
    const ms = Math.min(upgradeMs * 2 ** (link?.lateDials ?? 0), UPGRADE_LATE_MS_MAX);
    try {
      return await network.dial(peer, addresses, CONNECT_MS_MAX + ms);
    } catch (error) {
      if ((error as Error).name === 'TimeoutError' && link !== undefined) link.lateDials += 1;
      throw error;
    }
  }
}
