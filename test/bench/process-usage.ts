/**
 * What processes use: CPU time, resident memory, bytes written, as Linux counts them in /proc.
 *
 * Reads only. A process that is gone is an error: a server must not die while it is measured.
 * Source: proc(5).
 */
import { readFileSync } from 'node:fs';

/** USER_HZ: 100 on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;
/** VmRSS is told in KiB. */
const KIB_IN_MB = 0.001_024;

/** @returns seconds of CPU used so far, user and system, by all threads of all these processes */
export function cpuSeconds(pids: readonly number[]): number {
  return sum(pids, (pid) => ticks(read(pid, 'stat')) / TICKS_PER_SECOND);
}

/** @returns the largest resident set among these processes, in MB (10^6 bytes) */
export function largestResidentMb(pids: readonly number[]): number {
  return Math.max(...pids.map((pid) => rowOf(read(pid, 'status'), 'VmRSS') * KIB_IN_MB));
}

/** @returns the resident sets of all these processes together, in MB (10^6 bytes) */
export function residentMb(pids: readonly number[]): number {
  return sum(pids, (pid) => rowOf(read(pid, 'status'), 'VmRSS') * KIB_IN_MB);
}

/** @returns bytes handed to write calls so far, sockets included, by all these processes */
export function writtenBytes(pids: readonly number[]): number {
  return sum(pids, (pid) => rowOf(read(pid, 'io'), 'wchar'));
}

/**
 * The ticks of CPU in a line of /proc/PID/stat, whose second field, the command, may hold anything.
 *
 * @returns utime + stime, fields 14 and 15
 */
export function ticks(stat: string): number {
  const afterCommand = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(afterCommand[11]) + Number(afterCommand[12]);
}

function rowOf(text: string, key: string): number {
  return Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(text)?.[1]);
}

function read(pid: number, file: string): string {
  return readFileSync(`/proc/${pid}/${file}`, 'latin1');
}

function sum(pids: readonly number[], of: (pid: number) => number): number {
  return pids.reduce((total, pid) => total + of(pid), 0);
}
