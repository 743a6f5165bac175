/**
 * Bodies about sessions that move (rule 16) and about the configuration (rules 17 to 19).
 *
 * Codes 64 to 95. Pure rows of the table in `message-codec.ts`.
 */
import type { FetchedRegister, Resumed } from '../core/message.ts';
import type { LockName } from '../core/types.ts';
import { NAME_BYTES_MAX } from '../limits.ts';
import { type ByteReader, WireFault } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import {
  readBallot,
  readConfiguration,
  readList,
  readLock,
  readRecord,
  readRegister,
  readSession,
  writeBallot,
  writeConfiguration,
  writeList,
  writeRecord,
  writeText,
} from './field-codec.ts';
import type { MessageRows } from './message-row.ts';

type SessionKind =
  | 'resume'
  | 'resumed'
  | 'holdings'
  | 'holding'
  | 'waive'
  | 'doubt'
  | 'fetch'
  | 'fetched'
  | 'serving'
  | 'silence-of'
  | 'silence'
  | 'configured'
  | 'ask-configuration';

/** Sessions that move, and configurations. */
export const SESSION_ROWS: MessageRows<SessionKind> = {
  waive: {
    code: 68,
    write(writer, message) {
      writer.text(message.session);
    },
    read(reader) {
      return { kind: 'waive', session: readSession(reader) };
    },
  },
  doubt: {
    code: 69,
    write(writer, message) {
      writer.text(message.session);
    },
    read(reader) {
      return { kind: 'doubt', session: readSession(reader) };
    },
  },
  resume: {
    code: 64,
    write(writer, message) {
      writer.varint(message.request);
      writer.text(message.session);
    },
    read(reader) {
      const request = reader.varint();
      return { kind: 'resume', request, session: readSession(reader) };
    },
  },
  resumed: {
    code: 65,
    write(writer, message) {
      writer.varint(message.request);
      writer.byte(OUTCOMES.indexOf(message.outcome));
      writer.varint(message.timeoutMs);
    },
    read(reader) {
      const request = reader.varint();
      const outcome = readOutcome(reader);
      return { kind: 'resumed', request, outcome, timeoutMs: reader.varint() };
    },
  },
  holdings: {
    code: 66,
    write(writer, message) {
      writer.varint(message.request);
      writer.text(message.session);
      writer.varint(message.attachment);
      writer.text(message.after);
    },
    read(reader) {
      const request = reader.varint();
      const session = readSession(reader);
      const attachment = reader.varint();
      // Empty for the first page; compared only, so that its bytes need no check.
      const after = reader.text(NAME_BYTES_MAX) as LockName;
      return { kind: 'holdings', request, session, attachment, after };
    },
  },
  holding: {
    code: 67,
    write(writer, message) {
      writer.varint(message.request);
      writeList(writer, message.locks, writeText);
      writer.flag(message.last);
    },
    read(reader) {
      const request = reader.varint();
      const locks = readList(reader, 2, readLock);
      return { kind: 'holding', request, locks, last: reader.flag() };
    },
  },
  fetch: {
    code: 82,
    write(writer, message) {
      writer.varint(message.request);
      writer.varint(message.page);
    },
    read(reader) {
      const request = reader.varint();
      return { kind: 'fetch', request, page: reader.varint() };
    },
  },
  fetched: {
    code: 83,
    write(writer, message) {
      writer.varint(message.request);
      writer.varint(message.page);
      writer.flag(message.serving);
      writer.flag(message.last);
      writer.varint(message.floorRound);
      writer.varint(message.floorToken);
      writeList(writer, message.registers, writeFetched);
    },
    read(reader) {
      const request = reader.varint();
      const page = reader.varint();
      const serving = reader.flag();
      const last = reader.flag();
      const floorRound = reader.varint();
      const floorToken = reader.varint();
      const registers = readList(reader, FETCHED_BYTES, readFetched);
      return { kind: 'fetched', request, page, serving, registers, floorRound, floorToken, last };
    },
  },
  'silence-of': {
    code: 85,
    write(writer, message) {
      writer.varint(message.request);
      writer.peer(message.peer);
    },
    read(reader) {
      const request = reader.varint();
      return { kind: 'silence-of', request, peer: reader.peer() };
    },
  },
  silence: {
    code: 86,
    write(writer, message) {
      writer.varint(message.request);
      writer.varint(message.forMs);
    },
    read(reader) {
      const request = reader.varint();
      return { kind: 'silence', request, forMs: reader.varint() };
    },
  },
  serving: {
    code: 84,
    write() {},
    read() {
      return { kind: 'serving' };
    },
  },
  configured: {
    code: 80,
    write(writer, message) {
      writeConfiguration(writer, message.configuration);
    },
    read(reader) {
      return { kind: 'configured', configuration: readConfiguration(reader) };
    },
  },
  'ask-configuration': {
    code: 81,
    write() {},
    read() {
      return { kind: 'ask-configuration' };
    },
  },
};

/** Length, one character, ballot of four, a record of two. */
const FETCHED_BYTES = 8;

function writeFetched(writer: ByteWriter, { register, ballot, record }: FetchedRegister): void {
  writer.text(register);
  writeBallot(writer, ballot);
  writeRecord(writer, record);
}

function readFetched(reader: ByteReader): FetchedRegister {
  const register = readRegister(reader);
  const ballot = readBallot(reader);
  return { register, ballot, record: readRecord(reader) };
}

/** By their number on the wire. */
const OUTCOMES: readonly Resumed['outcome'][] = [
  'attached',
  'detached',
  'unknown',
  'over',
  'blank',
];

function readOutcome(reader: ByteReader): Resumed['outcome'] {
  const number = reader.byte();
  const outcome = OUTCOMES[number];
  if (outcome === undefined) throw new WireFault(`unknown outcome ${number}`);
  return outcome;
}
