/**
 * The form of one entry of the store: its key, and its value behind a checksum.
 *
 * Keys are latin1 strings of a one-letter prefix and a name; LMDB bounds them, so a register with
 * a long name is filed under the hash of its name, and the name itself goes into the value. The
 * checksum covers key and payload: an entry that got under another key is damaged too. Owns the
 * memory that values are built in, which must not change before they are on disk.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Incarnation, Nonce, RegisterName } from '../core/types.ts';
import type { JournalMark } from './journal.ts';

/** Longer names make wide keys, and so deep trees; LMDB itself takes 1,978 bytes. */
const PLAIN_NAME_BYTES_MAX = 256;
const CHECKSUM_BYTES = 4;
const NAME_LENGTH_BYTES = 2;
/** Values are built one behind the other in slabs of this size: one allocation for hundreds. */
const SLAB_BYTES = 65_536;

const PLAIN_REGISTER = 'r';
const HASHED_REGISTER = 'R';
const REMEMBERED_PEER = 'p';

/** Keys of the entries that exist once. */
export const SINGLE = {
  format: 'format',
  identity: 'identity',
  incarnation: 'incarnation',
  /** Who remembers a later start of this peer: this is an old copy, and never starts again. */
  outdated: 'outdated',
  /** What the cluster was made of, its voters when this peer came, and its keys. */
  charter: 'charter',
  configuration: 'configuration',
  secrets: 'secrets',
  /** The line by which this peer came into the cluster. */
  invite: 'invite',
  /** The epoch known last. */
  epoch: 'epoch',
  floor: 'floor',
  /** How far the journal was taken in. */
  journal: 'journal',
} as const;

/** What a key stands for. */
export type EntryKind = 'register' | 'hashed-register' | 'remembered-peer' | 'single';

/** Tells the kinds of entries apart by their keys. */
export function kindOf(key: string): EntryKind {
  switch (key[0]) {
    case PLAIN_REGISTER:
      return 'register';
    case HASHED_REGISTER:
      return 'hashed-register';
    case REMEMBERED_PEER:
      return 'remembered-peer';
    default:
      return 'single';
  }
}

/** Where the highest known incarnation of a peer is kept. */
export function rememberedKey(peer: string): string {
  return REMEMBERED_PEER + peer;
}

/** The name behind the prefix of a key: of a plain register, or of a peer. */
export function nameIn(key: string): string {
  return key.slice(1);
}

/** Where a register is kept. */
export function registerKey(name: RegisterName): string {
  return name.length <= PLAIN_NAME_BYTES_MAX
    ? PLAIN_REGISTER + name
    : HASHED_REGISTER + createHash('sha256').update(name, 'latin1').digest().toString('latin1');
}

/** What is stored of a register: its state, behind its name if the key does not hold that. */
export function registerPayload(name: RegisterName, state: Uint8Array): Uint8Array {
  if (name.length <= PLAIN_NAME_BYTES_MAX) return state;
  const payload = Buffer.allocUnsafe(NAME_LENGTH_BYTES + name.length + state.length);
  payload.writeUInt16LE(name.length);
  payload.write(name, NAME_LENGTH_BYTES, 'latin1');
  payload.set(state, NAME_LENGTH_BYTES + name.length);
  return payload;
}

/** Takes apart what `registerPayload` joined; `null`: it is not of that key. */
export function splitHashed(
  key: string,
  payload: Buffer,
): { readonly name: RegisterName; readonly state: Buffer } | null {
  if (payload.length < NAME_LENGTH_BYTES) return null;
  const end = NAME_LENGTH_BYTES + payload.readUInt16LE(0);
  if (end > payload.length) return null;
  const name = payload.toString('latin1', NAME_LENGTH_BYTES, end) as RegisterName;
  return registerKey(name) === key ? { name, state: payload.subarray(end) } : null;
}

/** An incarnation and its nonce as a payload. */
export function encodeIncarnation(incarnation: Incarnation, nonce: Nonce): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeBigUInt64LE(BigInt(incarnation));
  bytes.writeBigUInt64LE(BigInt(nonce), 8);
  return bytes;
}

/** Reads what `encodeIncarnation` wrote. */
export function decodeIncarnation(bytes: Buffer): Incarnation {
  return Number(bytes.readBigUInt64LE(0));
}

/** The nonce behind the incarnation; 0: none was stored, as before there were any. */
export function decodeNonce(bytes: Buffer): Nonce {
  return bytes.length < 16 ? 0 : Number(bytes.readBigUInt64LE(8));
}

/** How far a journal was taken in, as a payload. */
export function encodeMark(mark: JournalMark): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32LE(mark.id);
  bytes.writeBigUInt64LE(BigInt(mark.sequence), 4);
  return bytes;
}

/** Reads what `encodeMark` wrote. */
export function decodeMark(bytes: Buffer): JournalMark {
  return { id: bytes.readUInt32LE(0), sequence: Number(bytes.readBigUInt64LE(4)) };
}

/** Builds values, checksum first. */
export class Sealer {
  #slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  #used = 0;

  /** The value that goes under `key`; never written to again. */
  seal(key: string, payload: Uint8Array): Buffer {
    const length = CHECKSUM_BYTES + payload.length;
    if (length > SLAB_BYTES - this.#used) this.#renew(length);
    const value = this.#slab.subarray(this.#used, this.#used + length);
    this.#used += length;
    value.writeInt32LE(checksum(key, payload));
    value.set(payload, CHECKSUM_BYTES);
    return value;
  }

  #renew(length: number): void {
    this.#slab = Buffer.allocUnsafeSlow(Math.max(length, SLAB_BYTES));
    this.#used = 0;
  }
}

/** The payload of a value; `null`: the checksum is wrong. */
export function unseal(key: string, value: Buffer): Buffer | null {
  if (value.length < CHECKSUM_BYTES) return null;
  const payload = value.subarray(CHECKSUM_BYTES);
  return value.readInt32LE(0) === checksum(key, payload) ? payload : null;
}

function checksum(key: string, payload: Uint8Array): number {
  return crc32(payload, crc32(Buffer.from(key, 'latin1'))) | 0;
}
