/**
 * Bodies of what writers and voters say to each other: votes (rules 1 to 7) and leases (12, 13).
 *
 * Codes 1 to 31. Pure rows of the table in `message-codec.ts`.
 */
import type { Confirm } from '../core/message.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import {
  readAccepted,
  readBallot,
  readList,
  readRecord,
  readRegister,
  readSession,
  readSessionRecord,
  writeAccepted,
  writeBallot,
  writeList,
  writeRecord,
  writeText,
} from './field-codec.ts';
import type { MessageRows } from './message-row.ts';

type VoterKind =
  | 'prepare'
  | 'promise'
  | 'accept'
  | 'accepted'
  | 'inherit'
  | 'refused'
  | 'superseded'
  | 'forget'
  | 'heartbeat'
  | 'alive'
  | 'moved'
  | 'confirm'
  | 'confirmed'
  | 'keeps';

/** Votes and leases. */
export const VOTER_ROWS: MessageRows<VoterKind> = {
  prepare: {
    code: 1,
    write(writer, message) {
      writer.varint(message.request);
      writer.text(message.register);
      writeBallot(writer, message.ballot);
    },
    read(reader) {
      const request = reader.varint();
      const register = readRegister(reader);
      return { kind: 'prepare', request, register, ballot: readBallot(reader) };
    },
  },
  promise: {
    code: 2,
    write(writer, message) {
      writer.varint(message.request);
      writeAccepted(writer, message.accepted);
      writer.varint(message.floorToken);
      writer.varint(message.leaseLeftMs);
    },
    read(reader) {
      const request = reader.varint();
      const accepted = readAccepted(reader);
      const floorToken = reader.varint();
      return { kind: 'promise', request, accepted, floorToken, leaseLeftMs: reader.varint() };
    },
  },
  accept: {
    code: 3,
    write(writer, message) {
      writer.varint(message.request);
      writer.text(message.register);
      writeBallot(writer, message.ballot);
      writeRecord(writer, message.record);
      writer.peer(message.heir);
      writer.varint(message.heirIncarnation);
      writer.flag(message.chosen);
    },
    read(reader) {
      const request = reader.varint();
      const register = readRegister(reader);
      const ballot = readBallot(reader);
      const record = readRecord(reader);
      const heir = reader.peer();
      const heirIncarnation = reader.varint();
      const chosen = reader.flag();
      return { kind: 'accept', request, register, ballot, record, heir, heirIncarnation, chosen };
    },
  },
  accepted: {
    code: 4,
    write(writer, message) {
      writer.varint(message.request);
    },
    read(reader) {
      return { kind: 'accepted', request: reader.varint() };
    },
  },
  inherit: {
    code: 5,
    write(writer, message) {
      writer.text(message.register);
      writeBallot(writer, message.ballot);
      writeRecord(writer, message.record);
    },
    read(reader) {
      const register = readRegister(reader);
      const ballot = readBallot(reader);
      return { kind: 'inherit', register, ballot, record: readRecord(reader) };
    },
  },
  refused: {
    code: 6,
    write(writer, message) {
      writer.varint(message.request);
      writeBallot(writer, message.promised);
      writer.varint(message.leaseLeftMs);
    },
    read(reader) {
      const request = reader.varint();
      const promised = readBallot(reader);
      return { kind: 'refused', request, promised, leaseLeftMs: reader.varint() };
    },
  },
  superseded: {
    code: 7,
    write(writer, message) {
      writer.text(message.register);
      writeBallot(writer, message.promised);
    },
    read(reader) {
      const register = readRegister(reader);
      return { kind: 'superseded', register, promised: readBallot(reader) };
    },
  },
  forget: {
    code: 8,
    write(writer, message) {
      writer.text(message.register);
      writeBallot(writer, message.ballot);
    },
    read(reader) {
      const register = readRegister(reader);
      return { kind: 'forget', register, ballot: readBallot(reader) };
    },
  },
  heartbeat: {
    code: 16,
    write(writer, message) {
      writer.varint(message.sequence);
    },
    read(reader) {
      return { kind: 'heartbeat', sequence: reader.varint() };
    },
  },
  alive: {
    code: 17,
    write(writer, message) {
      writer.varint(message.sequence);
    },
    read(reader) {
      return { kind: 'alive', sequence: reader.varint() };
    },
  },
  moved: {
    code: 18,
    write(writer, message) {
      writer.text(message.session);
      writeBallot(writer, message.ballot);
      writeRecord(writer, message.record);
    },
    read(reader) {
      const session = readSession(reader);
      const ballot = readBallot(reader);
      return { kind: 'moved', session, ballot, record: readSessionRecord(reader) };
    },
  },
  confirm: {
    code: 19,
    write(writer, message) {
      writeList(writer, message.sessions, writeAttached);
    },
    read(reader) {
      return { kind: 'confirm', sessions: readList(reader, ATTACHED_BYTES, readAttached) };
    },
  },
  confirmed: {
    code: 20,
    write(writer, message) {
      writeList(writer, message.sessions, writeAttached);
      writeList(writer, message.missing, writeText);
    },
    read(reader) {
      const sessions = readList(reader, ATTACHED_BYTES, readAttached);
      return { kind: 'confirmed', sessions, missing: readList(reader, 2, readSession) };
    },
  },
  keeps: {
    code: 21,
    write(writer, message) {
      writeList(writer, message.registers, writeText);
    },
    read(reader) {
      return { kind: 'keeps', registers: readList(reader, 2, readRegister) };
    },
  },
};

type Attached = Confirm['sessions'][number];

/** Length, one character, attachment. */
const ATTACHED_BYTES = 3;

function writeAttached(writer: ByteWriter, attached: Attached): void {
  writer.text(attached.session);
  writer.varint(attached.attachment);
}

function readAttached(reader: ByteReader): Attached {
  const session = readSession(reader);
  return { session, attachment: reader.varint() };
}
