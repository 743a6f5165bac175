/**
 * Which process a data directory belongs to: a small file with its pid and the time of its start.
 *
 * The file says nothing by itself: it counts while that very process runs, so it needs no clean-up
 * after a `kill -9`, and a pid that was given out again is not mistaken for it. Whoever replaces it
 * must hold the store's lock (`DurableRegisterStore.open`), or two could do so at once. Processes in
 * other containers cannot be seen: one directory must not be shared between them.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { ElockError } from '../errors.ts';

const FILE = 'owner.json';
/** Fields of /proc/PID/stat after the name in brackets: see proc(5). */
const STATE_FIELD = 0;
const START_FIELD = 19;
/** States of a process that has ended and was not yet waited for. */
const ENDED_STATES = ['Z', 'X'];

interface Owner {
  readonly pid: number;
  /** Tells apart processes that had the same pid; what it says depends on the system. */
  readonly started: string;
}

/** Throws `dataDirectoryInUse` while the process that claimed the directory runs. */
export function refuseOwned(directory: string): void {
  const owner = livingOwner(directory);
  if (owner === null) return;
  throw new ElockError(
    'dataDirectoryInUse',
    `${directory} is in use by process ${owner.pid}: two processes must not share one identity. ` +
      'Stop that process, or name another directory with --data.',
  );
}

/** Whether the process that claimed the directory runs. */
export function isOwned(directory: string): boolean {
  return livingOwner(directory) !== null;
}

/** Makes this process the owner; only under the store's lock, after `refuseOwned`. */
export function claim(directory: string): void {
  const owner: Owner = { pid: process.pid, started: startOf(process.pid) ?? '' };
  const file = join(directory, FILE);
  writeFileSync(`${file}.new`, JSON.stringify(owner), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** The directory is free again. */
export function disclaim(directory: string): void {
  rmSync(join(directory, FILE), { force: true });
}

function livingOwner(directory: string): Owner | null {
  const owner = readOwner(directory);
  return owner !== null && startOf(owner.pid) === owner.started ? owner : null;
}

/** `null`: nobody's, or what is left of a write that was cut off, whose process is gone. */
function readOwner(directory: string): Owner | null {
  try {
    const owner: unknown = JSON.parse(readFileSync(join(directory, FILE), 'utf8'));
    return isOwner(owner) ? owner : null;
  } catch {
    return null;
  }
}

function isOwner(value: unknown): value is Owner {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, started } = value as Partial<Record<keyof Owner, unknown>>;
  return Number.isInteger(pid) && typeof started === 'string';
}

/** When a process started, in the system's own form; `null`: it does not run. */
function startOf(pid: number): string | null {
  try {
    return readStart(pid);
  } catch {
    return null;
  }
}

function readStart(pid: number): string | null {
  switch (process.platform) {
    case 'linux':
      return startOnLinux(pid);
    case 'win32':
      process.kill(pid, 0);
      return '';
    default:
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  }
}

function startOnLinux(pid: number): string | null {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ended = ENDED_STATES.includes(fields[STATE_FIELD] ?? '');
  return ended ? null : `${boot} ${fields[START_FIELD]}`;
}
