/**
 * Bodies of what homes and keepers say to each other about locks (rules 8 to 11).
 *
 * Codes 32 to 63. Pure rows of the table in `message-codec.ts`.
 */
import type { LockName, Stamp } from '../core/types.ts';
import {
  readBallot,
  readClaim,
  readList,
  readLock,
  readLockRecord,
  readStamp,
  writeBallot,
  writeClaim,
  writeList,
  writeRecord,
  writeStamp,
} from './field-codec.ts';
import type { MessageRow, MessageRows } from './message-row.ts';

type KeeperKind =
  | 'claim'
  | 'granted'
  | 'handover'
  | 'held'
  | 'queued'
  | 'busy'
  | 'abandoned'
  | 'ask'
  | 'withdraw'
  | 'release'
  | 'released'
  | 'inquire'
  | 'lives'
  | 'inspect'
  | 'inspected';

/** What several kinds say, each in its own sense: one claim for one lock. */
interface LockAndStamp<Kind> {
  readonly kind: Kind;
  readonly lock: LockName;
  readonly stamp: Stamp;
}

/** The row of a kind whose body is a lock and a stamp. */
function lockAndStamp<Kind>(code: number, kind: Kind): MessageRow<LockAndStamp<Kind>> {
  return {
    code,
    write(writer, message) {
      writer.text(message.lock);
      writeStamp(writer, message.stamp);
    },
    read(reader) {
      const lock = readLock(reader);
      return { kind, lock, stamp: readStamp(reader) };
    },
  };
}

/** Claims and grants. */
export const KEEPER_ROWS: MessageRows<KeeperKind> = {
  claim: {
    code: 32,
    write(writer, message) {
      writer.text(message.lock);
      writeClaim(writer, message.claim);
      writer.flag(message.waits);
    },
    read(reader) {
      const lock = readLock(reader);
      const claim = readClaim(reader);
      return { kind: 'claim', lock, claim, waits: reader.flag() };
    },
  },
  granted: {
    code: 33,
    write(writer, message) {
      writer.text(message.lock);
      writeStamp(writer, message.stamp);
      writer.varint(message.token);
    },
    read(reader) {
      const lock = readLock(reader);
      const stamp = readStamp(reader);
      return { kind: 'granted', lock, stamp, token: reader.varint() };
    },
  },
  handover: {
    code: 34,
    write(writer, message) {
      writer.text(message.lock);
      writeBallot(writer, message.ballot);
      writeRecord(writer, message.record);
      writeList(writer, message.queue, writeClaim);
    },
    read(reader) {
      const lock = readLock(reader);
      const ballot = readBallot(reader);
      const record = readLockRecord(reader);
      const queue = readList(reader, CLAIM_BYTES, readClaim);
      return { kind: 'handover', lock, ballot, record, queue };
    },
  },
  held: lockAndStamp(35, 'held'),
  queued: lockAndStamp(36, 'queued'),
  ask: {
    code: 37,
    write(writer, message) {
      writer.text(message.lock);
      writeStamp(writer, message.stamp);
      writer.flag(message.owner !== null);
      if (message.owner !== null) writer.peer(message.owner);
    },
    read(reader) {
      const lock = readLock(reader);
      const stamp = readStamp(reader);
      return { kind: 'ask', lock, stamp, owner: reader.flag() ? reader.peer() : null };
    },
  },
  withdraw: lockAndStamp(38, 'withdraw'),
  release: lockAndStamp(39, 'release'),
  released: lockAndStamp(40, 'released'),
  inquire: {
    code: 47,
    write(writer, message) {
      writer.text(message.lock);
      writeClaim(writer, message.holder);
    },
    read(reader) {
      return { kind: 'inquire', lock: readLock(reader), holder: readClaim(reader) };
    },
  },
  lives: lockAndStamp(42, 'lives'),
  busy: lockAndStamp(45, 'busy'),
  abandoned: lockAndStamp(46, 'abandoned'),
  inspect: {
    code: 43,
    write(writer, message) {
      writer.varint(message.request);
      writer.text(message.lock);
    },
    read(reader) {
      const request = reader.varint();
      return { kind: 'inspect', request, lock: readLock(reader) };
    },
  },
  inspected: {
    code: 44,
    write(writer, message) {
      writer.varint(message.request);
      writer.flag(message.keeper);
      writeRecord(writer, message.record);
      writer.varint(message.waiters);
      writer.varint(message.heldMs);
    },
    read(reader) {
      const request = reader.varint();
      const keeper = reader.flag();
      const record = readLockRecord(reader);
      const waiters = reader.varint();
      return { kind: 'inspected', request, keeper, record, waiters, heldMs: reader.varint() };
    },
  },
};

/** Length, one character, attachment, home's number, counter, incarnation. */
const CLAIM_BYTES = 6;
