/**
 * One string for each peer id, however often it is read.
 *
 * A pool only: ids read from the wire or from disk stay in memory with every register they name,
 * and the same few come again and again. Losing an entry costs memory, never meaning.
 */
import type { PeerId } from '../core/types.ts';
import { PEER_IDS_POOLED_MAX } from '../limits.ts';

const pool = new Map<string, PeerId>();

/** The same text as one string that all readers share. */
export function sharedPeerId(text: string): PeerId {
  const pooled = pool.get(text);
  if (pooled !== undefined) return pooled;
  if (pool.size === PEER_IDS_POOLED_MAX) pool.clear();
  const id = text as PeerId;
  pool.set(text, id);
  return id;
}
