/**
 * Opens the LMDB file of a store, and says what is wrong with one that cannot be trusted.
 *
 * Owns LMDB's options and the wording of damage; knows no register. Nothing here guesses: a file
 * that is not what was written is refused, with what to do.
 */
import { closeSync, existsSync, fsyncSync, openSync, statSync } from 'node:fs';
import process from 'node:process';
import { open, type RootDatabase } from 'lmdb';
import { ElockError } from '../errors.ts';
import { findFlaw } from './lmdb-file-check.ts';
import { unseal } from './store-entry.ts';

/** Latin1 strings to raw bytes. */
export type Database = RootDatabase<Buffer, string>;

/** What to say, and to do, when a store is not what was written. */
export function damaged(path: string, flaw: string): ElockError {
  return new ElockError(
    'storeDamaged',
    `${path} is damaged: ${flaw}. A voter that may have forgotten must not vote. ` +
      'Look at the disk, then move this directory away and start anew: the peer gets a new ' +
      'identity, and another voter must take its place. Do not put back an old copy.',
  );
}

/** The payload under a key, its checksum checked. */
export function readPayload(path: string, key: string, value: Buffer): Buffer {
  const payload = unseal(key, value);
  if (payload === null) throw damaged(path, `the entry ${show(key)} fails its checksum`);
  return payload;
}

/** Throws `storeDamaged` unless the file is absent, or whole. */
export function refuseDamage(path: string): void {
  if (!existsSync(path)) return;
  if (statSync(path).size === 0) throw damaged(path, 'it is empty');
  const flaw = findFlaw(path);
  if (flaw !== null) throw damaged(path, flaw);
}

/** Opens the file, or makes an empty one. */
export function openDatabase(path: string): Database {
  const options = {
    path,
    noSubdir: true,
    permissionsMode: 0o600,
    /** Each commit is synced before its callback. */
    overlappingSync: false,
    encoding: 'binary' as const,
    keyEncoder: { writeKey, readKey },
    /** Never starts a commit before the turn is over: its thread would wait for us by polling. */
    batchStartThreshold: Number.MAX_SAFE_INTEGER,
  };
  try {
    return open<Buffer, string>(options);
  } catch (cause) {
    throw new ElockError('storeFailed', `cannot open ${path}: ${messageOf(cause)}`, { cause });
  }
}

function writeKey(key: string, target: Buffer, start: number): number {
  for (let index = 0; index < key.length; index += 1) target[start + index] = key.charCodeAt(index);
  return start + key.length;
}

function readKey(source: Buffer, start: number, end: number): string {
  return Buffer.prototype.latin1Slice.call(source, start, end);
}

/** A key as it may stand in a message. */
export function show(key: string): string {
  return JSON.stringify(key.slice(0, 64));
}

/** The words of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Makes what was created in a directory durable. */
export function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
