/**
 * Where the control socket of a data directory is.
 *
 *     DIR/control.sock    the socket, if the system takes so long a path
 *     DIR/control.path    else: a file with the path of the socket, in a directory of its own
 *
 * Only the owner can come near either: the socket has mode 0600, the other directory 0700.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const SOCKET = 'control.sock';
const POINTER = 'control.path';
/** What every system takes: 104 bytes on macOS, 108 on Linux, each with a final zero. */
const PATH_BYTES_MAX = 103;
/** What a directory for a socket begins with. */
const PREFIX = 'elock-';

/** Where the socket is to be; what an earlier process left behind is gone. */
export function prepareControlPath(directory: string): string {
  removeControlPath(directory);
  const plain = resolve(directory, SOCKET);
  if (Buffer.byteLength(plain) <= PATH_BYTES_MAX) return plain;
  const short = join(mkdtempSync(join(tmpdir(), PREFIX)), SOCKET);
  writeFileSync(join(directory, POINTER), short, { mode: 0o600 });
  return short;
}

/** Where the socket of a peer is, if one runs. */
export function findControlPath(directory: string): string {
  return readPointer(directory) ?? resolve(directory, SOCKET);
}

/** Removes the socket; only by the process that the directory belongs to. */
export function removeControlPath(directory: string): void {
  rmSync(join(directory, SOCKET), { force: true });
  const short = readPointer(directory);
  if (short === null) return;
  if (dirname(short).startsWith(join(tmpdir(), PREFIX))) {
    rmSync(dirname(short), { recursive: true, force: true });
  }
  rmSync(join(directory, POINTER), { force: true });
}

function readPointer(directory: string): string | null {
  try {
    return readFileSync(join(directory, POINTER), 'utf8');
  } catch {
    return null;
  }
}
