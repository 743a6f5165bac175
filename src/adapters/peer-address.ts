/**
 * Addresses of peers as text: `/ip4/10.0.0.1/tcp/4001`, with or without `/p2p/ID`.
 *
 * Owns what counts as an address here: a host and a TCP port, and nothing else. Never resolves or
 * dials; what cannot be read is `null`.
 */
import { peerIdFromString } from '@libp2p/peer-id';
import { type Component, multiaddr } from '@multiformats/multiaddr';
import type { PeerId } from '../core/types.ts';
import { ADDRESS_BYTES_MAX } from '../limits.ts';

/** An address, and whose it is said to be. */
export interface PeerAddress {
  /** Without the peer's id. */
  readonly address: string;
  readonly peer: PeerId | null;
}

const HOSTS: ReadonlySet<string> = new Set(['ip4', 'ip6', 'dns', 'dns4', 'dns6']);

/** Reads an address; `null`: it is none that can be dialled. */
export function parsePeerAddress(text: string): PeerAddress | null {
  if (text.length > ADDRESS_BYTES_MAX) return null;
  const components = componentsOf(text);
  if (components === null) return null;
  const [host, port, id, ...rest] = components;
  if (host === undefined || !HOSTS.has(host.name) || port?.name !== 'tcp') return null;
  if (rest.length > 0 || (id !== undefined && id.name !== 'p2p')) return null;
  const address = `/${host.name}/${host.value}/tcp/${port.value}`;
  if (id === undefined) return { address, peer: null };
  const peer = parsePeerId(id.value ?? '');
  return peer === null ? null : { address, peer };
}

/** Reads a peer id in any of its forms; `null`: it is none. */
export function parsePeerId(text: string): PeerId | null {
  try {
    return peerIdFromString(text).toString() as PeerId;
  } catch {
    return null;
  }
}

/** The address with the id that must answer there. */
export function withPeerId(address: string, peer: PeerId): string {
  return `${address}/p2p/${peer}`;
}

/** The address or name of the host; empty when there is none. */
export function hostOf(address: string): string {
  return componentsOf(address)?.[0]?.value ?? '';
}

/** Whether an address is of use on this very machine only. */
export function isLoopback(address: string): boolean {
  const host = hostOf(address);
  return host.startsWith('127.') || host === '::1' || host === 'localhost';
}

function componentsOf(text: string): Component[] | null {
  try {
    return multiaddr(text).getComponents();
  } catch {
    return null;
  }
}
