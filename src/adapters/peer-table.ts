/**
 * The other peers: one link for each, and where each can be reached.
 *
 * Owns which peers are worth knowing: at most PEERS_MAX, of which strangers make room first, and
 * then who was met longest ago. What is learned of addresses wakes the link that can use it.
 */
import type { PeerId } from '../core/types.ts';
import { PEERS_MAX } from '../limits.ts';
import type { Logger } from '../runtime/ports.ts';
import { AddressBook } from './address-book.ts';
import type { PeerAddresses } from './known-peers.ts';
import { Link, type LinkOwner } from './link.ts';
import { isLoopback } from './peer-address.ts';

/** Links and addresses by peer. */
export class PeerTable {
  readonly #self: PeerId;
  readonly #owner: LinkOwner;
  readonly #logger: Logger;
  readonly #book = new AddressBook();
  readonly #links = new Map<PeerId, Link>();
  #stopped = false;

  constructor(self: PeerId, owner: LinkOwner, logger: Logger) {
    this.#self = self;
    this.#owner = owner;
    this.#logger = logger;
  }

  /** The link to a peer that is known. */
  get(peer: PeerId): Link | undefined {
    return this.#links.get(peer);
  }

  /** In the order in which they should be tried. */
  addressesOf(peer: PeerId): readonly string[] {
    return this.#book.addressesOf(peer);
  }

  /** For one attempt, in the order in which they should be tried. */
  nextAddressesOf(peer: PeerId): readonly string[] {
    return this.#book.nextAddressesOf(peer);
  }

  /** What is worth keeping for the next start. */
  remembered(): PeerAddresses[] {
    const known = [...this.#links.values()].filter((link) => link.isRemembered);
    return known.map(({ peer }) => ({ peer, addresses: this.#book.addressesOf(peer) }));
  }

  /** What was kept by an earlier start. */
  remember({ peer, addresses }: PeerAddresses): void {
    this.hear(peer, addresses);
    const link = this.#links.get(peer);
    if (link !== undefined) link.isRemembered = true;
  }

  /** All links. */
  get all(): Iterable<Link> {
    return this.#links.values();
  }

  /** Whether a link is as asked for. */
  some(is: (link: Link) => boolean): boolean {
    for (const link of this.#links.values()) if (is(link)) return true;
    return false;
  }

  /** How many are known. */
  get size(): number {
    return this.#links.size;
  }

  /** Those that had a channel since the start. */
  met(): PeerId[] {
    const met = [...this.#links.values()].filter(({ incarnation }) => incarnation > 0);
    return met.map(({ peer }) => peer);
  }

  /** A channel to it was opened: it goes last when room is needed. */
  welcome(link: Link): void {
    link.isRemembered = true;
    this.#links.delete(link.peer);
    this.#links.set(link.peer, link);
  }

  /** Ends all effort; from now on nobody is admitted. */
  stop(): void {
    this.#stopped = true;
    for (const link of this.#links.values()) link.stop();
  }

  /** The link to a peer, known or new; `null`: it is this peer itself, or there is no room. */
  admit(peer: PeerId): Link | null {
    if (this.#stopped) return null;
    const known = this.#links.get(peer);
    if (known !== undefined) return known;
    if (peer === this.#self || !this.#makeRoom(peer)) return null;
    const link = new Link(this.#self, peer, this.#owner);
    this.#links.set(peer, link);
    return link;
  }

  /** An address that the user gave. */
  configure(peer: PeerId, address: string): void {
    const link = this.admit(peer);
    if (link === null) return;
    link.isConfigured = true;
    if (this.#book.configure(peer, address)) link.wake();
  }

  /** What somebody says of a peer. */
  hear(peer: PeerId, addresses: readonly string[]): void {
    const link = this.admit(peer);
    if (link !== null && this.#book.hear(peer, addresses)) link.wake();
  }

  /** What a peer says of itself, just now: it is there. */
  correct(peer: PeerId, addresses: readonly string[]): Link | null {
    const link = this.admit(peer);
    if (link === null) return null;
    const useful = addresses.filter((each) => !link.isElsewhere || !isLoopback(each));
    if (this.#book.correct(peer, useful)) link.wake();
    else link.nudge();
    return link;
  }

  /** That address worked. */
  prefer(peer: PeerId, address: string): void {
    this.#book.prefer(peer, address);
  }

  /** Forgets strangers that cannot be reached and do not reach out. */
  forgetStrangers(isConnected: (peer: PeerId) => boolean): void {
    for (const link of this.#links.values()) {
      const { peer, channel, isRemembered } = link;
      if (isRemembered || channel !== null || this.#book.addressesOf(peer).length > 0) continue;
      if (!isConnected(peer)) this.#drop(link);
    }
  }

  /** The oldest stranger goes first; voters, configured peers and whoever has a channel stay. */
  #makeRoom(peer: PeerId): boolean {
    if (this.#links.size < PEERS_MAX) return true;
    const links = [...this.#links.values()];
    const stranger = links.find((link) => link.isStranger);
    const spare = stranger ?? links.find((link) => link.isSpare);
    if (spare !== undefined) this.#drop(spare);
    else this.#logger.log('warn', 'too many peers', { peer, known: links.length });
    return spare !== undefined;
  }

  #drop(link: Link): void {
    link.stop();
    this.#links.delete(link.peer);
    this.#book.forget(link.peer);
    link.channel?.end({ reason: 'too many peers', fault: true });
  }
}
