/**
 * The form of a journal: commits cut into sectors, each of which is on disk whole or not at all.
 *
 *     sector  = checksum (4) sequence (6) index (2) sectors (2) bytes (2) payload (496)
 *     payload = part of a commit; the last sector is filled up with zeros
 *
 * A disk writes a sector of 512 bytes all or nothing, so a commit that power loss cut short shows
 * older sectors, or none, in place of its missing ones, and every sector read is sound: one that
 * is not is damage. The checksum starts from the journal's id, so that no other journal's sectors
 * are taken for its own. Pure; integers are little-endian.
 */
import { crc32 } from 'node:zlib';

/** What every disk writes at once. */
export const SECTOR_BYTES = 512;
const HEADER_BYTES = 16;
const CHECKSUM_BYTES = 4;
const SEQUENCE_BYTES = 6;
const PAYLOAD_BYTES = SECTOR_BYTES - HEADER_BYTES;
const BLANK = Buffer.alloc(SECTOR_BYTES);

/** One sector of a commit. */
export interface Sector {
  /** The number of its commit. */
  readonly sequence: number;
  /** Its place in the commit, from 0. */
  readonly index: number;
  /** How many sectors the commit has. */
  readonly sectors: number;
  readonly payload: Buffer;
}

/** How many sectors a commit of so many bytes takes. */
export function sectorsFor(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / PAYLOAD_BYTES));
}

/** Writes a commit as sectors to the start of `target`; returns how many bytes it took. */
export function writeSectors(
  target: Buffer,
  id: number,
  sequence: number,
  payload: Uint8Array,
): number {
  const sectors = sectorsFor(payload.length);
  for (let index = 0; index < sectors; index += 1) {
    const part = payload.subarray(index * PAYLOAD_BYTES, (index + 1) * PAYLOAD_BYTES);
    const sector = target.subarray(index * SECTOR_BYTES, (index + 1) * SECTOR_BYTES);
    sector.writeUIntLE(sequence, 4, SEQUENCE_BYTES);
    sector.writeUInt16LE(index, 10);
    sector.writeUInt16LE(sectors, 12);
    sector.writeUInt16LE(part.length, 14);
    sector.set(part, HEADER_BYTES);
    sector.fill(0, HEADER_BYTES + part.length);
    sector.writeInt32LE(checksum(id, sector), 0);
  }
  return sectors * SECTOR_BYTES;
}

/** Reads one sector; `null`: nothing was ever written there, `undefined`: it is damaged. */
export function readSector(bytes: Buffer, id: number): Sector | null | undefined {
  if (bytes.equals(BLANK)) return null;
  if (bytes.readInt32LE(0) !== checksum(id, bytes)) return undefined;
  const length = bytes.readUInt16LE(14);
  return {
    sequence: bytes.readUIntLE(4, SEQUENCE_BYTES),
    index: bytes.readUInt16LE(10),
    sectors: bytes.readUInt16LE(12),
    payload: bytes.subarray(HEADER_BYTES, HEADER_BYTES + length),
  };
}

function checksum(id: number, sector: Buffer): number {
  return crc32(sector.subarray(CHECKSUM_BYTES), id) | 0;
}
