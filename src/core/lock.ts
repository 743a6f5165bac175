/**
 * The lock record and its pure changes.
 *
 * free at token t ──acquire──▶ held at t + 1 ──release──▶ free at t + 1
 *                              held at t + 1 ──hand over──▶ held at t + 2
 */

import { sameStamp } from './ballot.ts';
import type { Holder, LockRecord, Stamp, Token } from './types.ts';

/** Free at the token of the highest floor of the quorum that was read (rule 7). */
export function emptyLock(floorToken: Token): LockRecord {
  return { kind: 'lock', token: floorToken, holder: null };
}

/** The only thing that makes a token (P1). */
export function acquiredBy(record: LockRecord, holder: Holder): LockRecord {
  return { kind: 'lock', token: record.token + 1, holder };
}

/** Free, at the token last given. */
export function released(record: LockRecord): LockRecord {
  return { kind: 'lock', token: record.token, holder: null };
}

/** The same hold under another claim of the same session: a session that moved (rule 16). */
export function reclaimedBy(record: LockRecord, holder: Holder): LockRecord {
  return { kind: 'lock', token: record.token, holder };
}

/** Whether the record names that claim as the holder's. */
export function isHeldBy(record: LockRecord, stamp: Stamp): boolean {
  return record.holder !== null && sameStamp(record.holder.stamp, stamp);
}
