/**
 * Where each peer can be reached, as far as this peer was told.
 *
 * Owns the addresses and the order in which they are tried: what worked last comes first. Bounded
 * by ADDRESSES_PER_PEER_MAX each; the number of peers is the caller's affair. Addresses are hints:
 * a wrong one costs a failed dial, because whoever answers there must prove the id.
 */
import type { PeerId } from '../core/types.ts';
import { ADDRESSES_PER_DIAL, ADDRESSES_PER_PEER_MAX } from '../limits.ts';

interface Entry {
  /** In the order in which they are tried. */
  addresses: readonly string[];
  /** From the configuration: kept whatever the peer says of itself. */
  readonly configured: Set<string>;
  /** Which of the others the next attempt begins with. */
  turn: number;
}

/** Addresses by peer. */
export class AddressBook {
  readonly #entries = new Map<PeerId, Entry>();

  /** In the order in which they should be tried. */
  addressesOf(peer: PeerId): readonly string[] {
    return this.#entries.get(peer)?.addresses ?? [];
  }

  /** For one attempt: the first, and of the others those whose turn it is. */
  nextAddressesOf(peer: PeerId): readonly string[] {
    const entry = this.#entries.get(peer);
    if (entry === undefined) return [];
    const [first, ...others] = entry.addresses;
    const count = Math.min(ADDRESSES_PER_DIAL - 1, others.length);
    const next = Array.from({ length: count }, () => others[entry.turn++ % others.length]!);
    return first === undefined ? [] : [first, ...next];
  }

  /** An address that the user gave; true when it is new. */
  configure(peer: PeerId, address: string): boolean {
    const entry = this.#entry(peer);
    entry.configured.add(address);
    return this.#set(entry, [address, ...entry.addresses]);
  }

  /** What somebody says of a peer: adds to what is known; true when there is something new. */
  hear(peer: PeerId, addresses: readonly string[]): boolean {
    const entry = this.#entry(peer);
    return this.#set(entry, [...entry.addresses, ...addresses]);
  }

  /** What a peer says of itself: replaces what others said; true when there is something new. */
  correct(peer: PeerId, addresses: readonly string[]): boolean {
    const entry = this.#entry(peer);
    const kept = entry.addresses.filter((a) => addresses.includes(a) || entry.configured.has(a));
    return this.#set(entry, [...kept, ...addresses]);
  }

  /** That address worked: try it first from now on. */
  prefer(peer: PeerId, address: string): void {
    const entry = this.#entries.get(peer);
    if (entry === undefined || !entry.addresses.includes(address)) return;
    entry.addresses = [address, ...entry.addresses.filter((other) => other !== address)];
  }

  /** The peer is not one to be reached any more. */
  forget(peer: PeerId): void {
    this.#entries.delete(peer);
  }

  #entry(peer: PeerId): Entry {
    const known = this.#entries.get(peer);
    if (known !== undefined) return known;
    const entry: Entry = { addresses: [], configured: new Set(), turn: 0 };
    this.#entries.set(peer, entry);
    return entry;
  }

  #set(entry: Entry, wanted: readonly string[]): boolean {
    const before = entry.addresses;
    entry.addresses = [...new Set(wanted)].slice(0, ADDRESSES_PER_PEER_MAX);
    return entry.addresses.some((address) => !before.includes(address));
  }
}
