/**
 * One string for each name and id that is read again and again.
 *
 * A pool only: the same few names, sessions and peers stand in message after message, and their
 * strings in every register that names them. A name that is in the pool costs no new string, and
 * is looked up by whoever has seen it before without being hashed anew. Bounded, whatever is read:
 * a name takes the place of another. Losing an entry costs time and memory, never meaning.
 */
import { WORD_POOL_BYTES_MAX, WORDS_POOLED_MAX } from '../limits.ts';

/** The string of those bytes; throws where they are no word. */
export type DecodeWord = (bytes: Buffer, start: number, end: number) => string;

const pool: string[] = new Array(WORDS_POOLED_MAX).fill('');

/** The word in those bytes, as one string that all readers share; decoded unless it is known. */
export function sharedWord(bytes: Buffer, start: number, end: number, decode: DecodeWord): string {
  if (start === end || end - start > WORD_POOL_BYTES_MAX) return decode(bytes, start, end);
  const place = placeOf(bytes, start, end);
  const pooled = pool[place]!;
  if (isIn(pooled, bytes, start, end)) return pooled;
  const word = decode(bytes, start, end);
  pool[place] = word;
  return word;
}

function placeOf(bytes: Buffer, start: number, end: number): number {
  let hash = 0;
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + bytes[at]!) | 0;
  return (hash ^ (hash >>> 15)) & (WORDS_POOLED_MAX - 1);
}

function isIn(word: string, bytes: Buffer, start: number, end: number): boolean {
  if (word.length !== end - start) return false;
  for (let at = start; at < end; at++) {
    if (word.charCodeAt(at - start) !== bytes[at]) return false;
  }
  return true;
}
