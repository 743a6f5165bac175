/**
 * The composite fields that messages and durable values share: ballots, stamps, records, lists.
 *
 * Each `write` has its `read` right below it, field by field in the same order. Pure; owns no
 * state. What is read is checked for shape and range only: meaning is the core's affair.
 */
import { LISTED_MAX, VOTERS_MAX } from '../core/configuration.ts';
import { assertNever } from '../core/invariant.ts';
import type { QueuedClaim } from '../core/message.ts';
import type {
  Ballot,
  ClusterId,
  Configuration,
  Holder,
  LockName,
  LockRecord,
  PeerId,
  RegisterName,
  RegisterRecord,
  SessionId,
  SessionRecord,
  Stamp,
} from '../core/types.ts';
import { NAME_BYTES_MAX, REGISTER_NAME_BYTES_MAX } from '../limits.ts';
import { type ByteReader, WireFault } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { Secret, SecretKey } from './secret.ts';

/** Bytes of a cluster id, which is their hexadecimal form. */
export const CLUSTER_BYTES = 32;
const SECRET_BYTES = 32;

/** A record's first byte: its kind and its state in one. */
const TAG = { none: 0, free: 1, held: 2, live: 3, expired: 4, configuration: 5 } as const;

/** A name or an id, as an item of a list. */
export function writeText(writer: ByteWriter, text: string): void {
  writer.text(text);
}

/** Reads a lock's name. */
export function readLock(reader: ByteReader): LockName {
  return reader.word(NAME_BYTES_MAX) as LockName;
}

/** Reads a session's id. */
export function readSession(reader: ByteReader): SessionId {
  return reader.word(NAME_BYTES_MAX) as SessionId;
}

/** Reads a register's name. */
export function readRegister(reader: ByteReader): RegisterName {
  return reader.word(REGISTER_NAME_BYTES_MAX) as RegisterName;
}

/** Peer, epoch, round, incarnation. */
export function writeBallot(writer: ByteWriter, ballot: Ballot): void {
  writer.peer(ballot.peer);
  writer.varint(ballot.epoch);
  writer.varint(ballot.round);
  writer.varint(ballot.incarnation);
}

/** Reads what `writeBallot` wrote. */
export function readBallot(reader: ByteReader): Ballot {
  const peer = reader.peer();
  const epoch = reader.varint();
  const round = reader.varint();
  return { epoch, round, peer, incarnation: reader.varint() };
}

/** Home, counter, incarnation. */
export function writeStamp(writer: ByteWriter, stamp: Stamp): void {
  writer.peer(stamp.home);
  writer.varint(stamp.counter);
  writer.varint(stamp.incarnation);
}

/** Reads what `writeStamp` wrote. */
export function readStamp(reader: ByteReader): Stamp {
  const home = reader.peer();
  const counter = reader.varint();
  return { counter, home, incarnation: reader.varint() };
}

/** Session, attachment, stamp: a holder, or a claim in a queue. */
export function writeClaim(writer: ByteWriter, claim: Holder | QueuedClaim): void {
  writer.text(claim.session);
  writer.varint(claim.attachment);
  writeStamp(writer, claim.stamp);
}

/** Reads what `writeClaim` wrote. */
export function readClaim(reader: ByteReader): QueuedClaim {
  const session = readSession(reader);
  const attachment = reader.varint();
  return { session, attachment, stamp: readStamp(reader) };
}

/** A tag, then the fields of that kind and state. */
export function writeRecord(writer: ByteWriter, record: RegisterRecord): void {
  switch (record.kind) {
    case 'lock':
      writer.byte(record.holder === null ? TAG.free : TAG.held);
      writer.varint(record.token);
      if (record.holder !== null) writeClaim(writer, record.holder);
      return;
    case 'session':
      writer.byte(record.state === 'live' ? TAG.live : TAG.expired);
      writer.peer(record.home);
      writer.varint(record.incarnation);
      writer.varint(record.attachment);
      writer.varint(record.timeoutMs);
      return;
    case 'configuration':
      writer.byte(TAG.configuration);
      writeConfiguration(writer, record.configuration);
      return;
    default:
      assertNever(record);
  }
}

/** Reads what `writeRecord` wrote. */
export function readRecord(reader: ByteReader): RegisterRecord {
  return readTagged(reader, reader.byte());
}

function readTagged(reader: ByteReader, tag: number): RegisterRecord {
  switch (tag) {
    case TAG.free:
      return { kind: 'lock', token: reader.varint(), holder: null };
    case TAG.held:
      return { kind: 'lock', token: reader.varint(), holder: readClaim(reader) };
    case TAG.live:
      return readSessionFields(reader, 'live');
    case TAG.expired:
      return readSessionFields(reader, 'expired');
    case TAG.configuration:
      return { kind: 'configuration', configuration: readConfiguration(reader) };
    default:
      throw new WireFault(`unknown record ${tag}`);
  }
}

function readSessionFields(reader: ByteReader, state: SessionRecord['state']): SessionRecord {
  const home = reader.peer();
  const incarnation = reader.varint();
  const attachment = reader.varint();
  return { kind: 'session', home, incarnation, attachment, timeoutMs: reader.varint(), state };
}

/** Reads the record of a lock, and refuses any other. */
export function readLockRecord(reader: ByteReader): LockRecord {
  const record = readRecord(reader);
  if (record.kind !== 'lock') throw new WireFault(`record of a ${record.kind} in place of a lock`);
  return record;
}

/** Reads the record of a session, and refuses any other. */
export function readSessionRecord(reader: ByteReader): SessionRecord {
  const record = readRecord(reader);
  if (record.kind === 'session') return record;
  throw new WireFault(`record of a ${record.kind} in place of a session`);
}

/** What a voter accepted, if anything. */
export interface AcceptedRecord {
  readonly ballot: Ballot;
  readonly record: RegisterRecord;
}

/** A record and its ballot; nothing: the tag `none`. */
export function writeAccepted(writer: ByteWriter, accepted: AcceptedRecord | null): void {
  if (accepted === null) {
    writer.byte(TAG.none);
    return;
  }
  writeRecord(writer, accepted.record);
  writeBallot(writer, accepted.ballot);
}

/** Reads what `writeAccepted` wrote. */
export function readAccepted(reader: ByteReader): AcceptedRecord | null {
  const tag = reader.byte();
  if (tag === TAG.none) return null;
  const record = readTagged(reader, tag);
  return { ballot: readBallot(reader), record };
}

/** A count, then the items. */
export function writeList<T>(
  writer: ByteWriter,
  items: readonly T[],
  write: (writer: ByteWriter, item: T) => void,
): void {
  writer.varint(items.length);
  for (const item of items) write(writer, item);
}

/**
 * Reads what `writeList` wrote.
 *
 * @param itemBytes - what the shortest item takes
 */
export function readList<T>(
  reader: ByteReader,
  itemBytes: number,
  read: (reader: ByteReader) => T,
  itemsMax?: number,
): T[] {
  const items: T[] = [];
  for (let left = reader.count(itemBytes, itemsMax); left > 0; left--) items.push(read(reader));
  return items;
}

/** A cluster id as its bytes. */
export function writeCluster(writer: ByteWriter, cluster: ClusterId): void {
  writer.raw(Buffer.from(cluster, 'hex'));
}

/** Reads what `writeCluster` wrote. */
export function readCluster(reader: ByteReader): ClusterId {
  return reader.raw(CLUSTER_BYTES).toString('hex') as ClusterId;
}

/** Cluster, epoch, how many voters are wanted, then the lists of peers. */
export function writeConfiguration(writer: ByteWriter, configuration: Configuration): void {
  writeCluster(writer, configuration.cluster);
  writer.varint(configuration.epoch);
  writer.varint(configuration.wanted);
  writeList(writer, configuration.voters, writePeer);
  writeList(writer, configuration.before, writePeer);
  writeList(writer, configuration.resting, writePeer);
  writeList(writer, configuration.removed, writePeer);
}

/** Reads what `writeConfiguration` wrote. */
export function readConfiguration(reader: ByteReader): Configuration {
  const cluster = readCluster(reader);
  const epoch = reader.varint();
  const wanted = reader.varint();
  const voters = readPeers(reader, VOTERS_MAX);
  const before = readPeers(reader, VOTERS_MAX);
  const resting = readPeers(reader, LISTED_MAX);
  const removed = readPeers(reader, LISTED_MAX);
  return { cluster, epoch, voters, before, wanted, resting, removed };
}

/** A list of peers is a set: in order, and none twice. */
export function readPeers(reader: ByteReader, most: number): readonly PeerId[] {
  const peers = readList(reader, 1, readPeer, most);
  for (let i = 1; i < peers.length; i++) {
    if (peers[i - 1]! >= peers[i]!) throw new WireFault('peers not in order');
  }
  return peers;
}

/** Generation and key. */
export function writeSecret(writer: ByteWriter, secret: Secret): void {
  writer.varint(secret.generation);
  writer.raw(Buffer.from(secret.key, 'hex'));
}

/** Reads what `writeSecret` wrote. */
export function readSecret(reader: ByteReader): Secret {
  const generation = reader.varint();
  return { generation, key: reader.raw(SECRET_BYTES).toString('hex') as SecretKey };
}

function writePeer(writer: ByteWriter, peer: PeerId): void {
  writer.peer(peer);
}

function readPeer(reader: ByteReader): PeerId {
  return reader.peer();
}
