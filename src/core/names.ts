/**
 * Names of registers and sessions: how they are made and read.
 *
 * A register's name is a letter for its kind and the lock's name or session's id. A session's id
 * names its maker, so that any peer knows whom to ask about a session that has no record yet, and
 * carries 128 random bits, because it is a secret (rule 16).
 */
import type {
  Incarnation,
  LockName,
  PeerId,
  Random,
  RegisterName,
  SessionId,
  SessionRecord,
} from './types.ts';

/** The register of a lock. */
export function lockRegister(name: LockName): RegisterName {
  return `L${name}` as RegisterName;
}

/** The register of a session. */
export function sessionRegister(session: SessionId): RegisterName {
  return `S${session}` as RegisterName;
}

/** The lock whose register this is; `null`: of something else. */
export function lockOf(register: RegisterName): LockName | null {
  return register.startsWith('L') ? (register.slice(1) as LockName) : null;
}

/** The session whose register this is; `null`: of something else. */
export function sessionOf(register: RegisterName): SessionId | null {
  return register.startsWith('S') ? (register.slice(1) as SessionId) : null;
}

/** The register in which the voters of an epoch agree on the next configuration (rule 17). */
export const CONFIGURATION_REGISTER = 'C' as RegisterName;

/** How many characters of a peer id an id of a session repeats. */
const MAKER_LENGTH = 10;

function makerPrefix(maker: PeerId, incarnation: Incarnation): string {
  return `${maker.slice(-MAKER_LENGTH)}-${incarnation.toString(36)}-`;
}

/** A new id: maker, incarnation, 128 random bits in hexadecimal. */
export function newSessionId(maker: PeerId, incarnation: Incarnation, random: Random): SessionId {
  let secret = '';
  for (let word = 0; word < 4; word++) secret += random().toString(16).padStart(8, '0');
  return `${makerPrefix(maker, incarnation)}${secret}` as SessionId;
}

/** Whether that peer, in that incarnation, made the id (rule 5). */
export function isMaker(session: SessionId, peer: PeerId, incarnation: Incarnation): boolean {
  return session.startsWith(makerPrefix(peer, incarnation));
}

/** Whether that record names the very life that made the id as the home. */
export function isMakersOwn(session: SessionId, record: SessionRecord): boolean {
  return isMaker(session, record.home, record.incarnation);
}

/** The one among `peers` that made the id, in whatever incarnation. */
export function makerAmong(session: SessionId, peers: Iterable<PeerId>): PeerId | null {
  for (const peer of peers) {
    if (session.startsWith(`${peer.slice(-MAKER_LENGTH)}-`)) return peer;
  }
  return null;
}
