/**
 * The session record and its pure changes, and how long its lease is.
 *
 * live ──home──▶ live at another home, attachment + 1 ──▶ … ──▶ expired (final)
 */
import type { Settings } from './settings.ts';
import type { Incarnation, PeerId, SessionRecord } from './types.ts';

/** Of the record that its maker writes first: each move, and each return, counts one more. */
const FIRST_ATTACHMENT = 1;

/** What a session is at the home that has it first. */
export function firstRecord(
  home: PeerId,
  incarnation: Incarnation,
  timeoutMs: number,
): SessionRecord {
  const attachment = FIRST_ATTACHMENT;
  return { kind: 'session', home, incarnation, attachment, timeoutMs, state: 'live' };
}

/** Whether that peer, in that life, has had it since it began: no other home vouched for it. */
export function isOnlyHome(record: SessionRecord, peer: PeerId, incarnation: Incarnation): boolean {
  return record.attachment === FIRST_ATTACHMENT && isHome(record, peer, incarnation);
}

/** L(session): how long a silent home's session lives (ms). */
export function leaseOf(record: SessionRecord, settings: Settings): number {
  return leaseFor(record.timeoutMs, settings);
}

/** The lease that a time-out makes (ms). */
export function leaseFor(timeoutMs: number, settings: Settings): number {
  return Math.max(timeoutMs, settings.minimumLeaseMs);
}

/**
 * What a home may count on of a lease (rule 13): shortened by the drift bound, and by one ms for
 * each of the two readings that were cut to whole ms.
 */
export function vouchedFor(leaseMs: number, settings: Settings): number {
  return Math.floor((leaseMs * (1_000 - settings.driftPermille)) / 1_000) - 2;
}

/** Whether the record's home is that peer, in that life. */
export function isHome(record: SessionRecord, peer: PeerId, incarnation: Incarnation): boolean {
  return record.home === peer && record.incarnation === incarnation;
}

/** The same session at another home (rule 16). */
export function movedTo(record: SessionRecord, home: PeerId, incarnation: Incarnation) {
  return { ...record, home, incarnation, attachment: record.attachment + 1 };
}

/** The same session, ended for good (rule 14). */
export function expired(record: SessionRecord): SessionRecord {
  return { ...record, state: 'expired' };
}
