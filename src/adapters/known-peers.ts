/**
 * Where peers were last reached, on disk: so that a restart finds them, wherever they are.
 *
 *     peers.json   {"peers": [{"peer": ID, "addresses": [MULTIADDR…]}…]}, who was met last comes last
 *
 * A cache of hints, in a file of its own: it may be lost, old or damaged, and is then passed over.
 * A write that fails is logged, once, and changes nothing else.
 */
import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PeerId } from '../core/types.ts';
import { ADDRESSES_PER_PEER_MAX, KNOWN_PEERS_WRITE_MS_MIN, PEERS_MAX } from '../limits.ts';
import type { Logger } from '../runtime/ports.ts';
import { parsePeerAddress, parsePeerId } from './peer-address.ts';

/** Where one peer can be reached, as multiaddrs without its id. */
export interface PeerAddresses {
  readonly peer: PeerId;
  readonly addresses: readonly string[];
}

const FILE = 'peers.json';

/** The file of one data directory. */
export class KnownPeers {
  readonly #path: string;
  readonly #logger: Logger;
  #written: string | null = null;
  #writing: Promise<void> | null = null;
  #writtenAt = Number.NEGATIVE_INFINITY;
  #complained = false;

  /** @param directory - the data directory */
  constructor(directory: string, logger: Logger) {
    this.#path = join(directory, FILE);
    this.#logger = logger;
  }

  /** What was known when this peer last ran; what cannot be read is left out. */
  load(): PeerAddresses[] {
    try {
      const { peers } = JSON.parse(readFileSync(this.#path, 'utf8')) as { peers: unknown };
      return Array.isArray(peers) ? peers.slice(-PEERS_MAX).flatMap(readEntry) : [];
    } catch {
      return [];
    }
  }

  /** Writes what is known now, if it is another, and the last write is a while ago. */
  note(known: readonly PeerAddresses[], now: number): void {
    if (this.#writing !== null || now - this.#writtenAt < KNOWN_PEERS_WRITE_MS_MIN) return;
    this.#writtenAt = now;
    this.#begin(known);
  }

  /** The same, whenever the last write was; resolves when it is done. */
  async flush(known: readonly PeerAddresses[]): Promise<void> {
    await this.#writing;
    this.#begin(known);
    await this.#writing;
  }

  #begin(known: readonly PeerAddresses[]): void {
    const text = `${JSON.stringify({ peers: known })}\n`;
    if (text === this.#written) return;
    this.#writing = this.#write(text).finally(() => {
      this.#writing = null;
    });
  }

  async #write(text: string): Promise<void> {
    const fresh = `${this.#path}.new`;
    try {
      await writeFile(fresh, text, { mode: 0o600 });
      await rename(fresh, this.#path);
      this.#written = text;
      this.#complained = false;
    } catch (error) {
      const fields = { file: this.#path, error: (error as Error).message };
      if (!this.#complained) this.#logger.log('warn', 'addresses of peers not written', fields);
      this.#complained = true;
    }
  }
}

function readEntry(entry: unknown): PeerAddresses[] {
  if (typeof entry !== 'object' || entry === null) return [];
  const { peer, addresses } = entry as { peer?: unknown; addresses?: unknown };
  const id = typeof peer === 'string' ? parsePeerId(peer) : null;
  if (id === null || !Array.isArray(addresses)) return [];
  const readable = addresses.flatMap((text: unknown) => {
    return typeof text === 'string' ? (parsePeerAddress(text)?.address ?? []) : [];
  });
  return [{ peer: id, addresses: readable.slice(0, ADDRESSES_PER_PEER_MAX) }];
}
