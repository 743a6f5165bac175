/**
 * Chance from the system: nobody can guess what comes next, so session ids and keys may be secrets.
 *
 * Owns a small pool, because asking the system for four bytes at a time is dear.
 */
import { randomBytes, randomFillSync } from 'node:crypto';
import type { Random } from '../core/types.ts';
import type { SecretKey } from '../wire/secret.ts';

/** Integers that are fetched at once. */
const POOL_SIZE = 1_024;

/** A source of uniform integers in [0, 2^32). */
export function systemRandom(): Random {
  const pool = new Uint32Array(POOL_SIZE);
  let next = POOL_SIZE;
  return () => {
    if (next === POOL_SIZE) {
      randomFillSync(pool);
      next = 0;
    }
    const value = pool[next]!;
    pool[next] = 0;
    next += 1;
    return value;
  };
}

/** A key that nobody has. */
export function newSecretKey(): SecretKey {
  return randomBytes(32).toString('hex') as SecretKey;
}
