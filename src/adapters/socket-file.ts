/**
 * The file of a UNIX socket: what stands in its place before it is made, and who may open it.
 *
 * Owns the check of the path, the removal of a file that a dead process left, and the mode. Removes
 * nothing but sockets on which nobody listens, and never one that somebody has made meanwhile. A
 * new one is made under another name, and gets its own when somebody listens on it: whoever is
 * refused there may trust that nobody does.
 */
import { randomBytes } from 'node:crypto';
import { linkSync, lstatSync, renameSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import process from 'node:process';
import { ElockError } from '../errors.ts';
import { SOCKET_PROBE_MS_MAX } from '../limits.ts';

/** What `sun_path` takes, see unix(7), without the NUL at its end. */
const PATH_BYTES_MAX = process.platform === 'linux' ? 107 : 103;
const ALL_BITS = 0o777;
/** Random bytes in the name of a file that is put aside. */
const ASIDE_BYTES = 3;

/**
 * Makes room for a socket of that path.
 *
 * @throws ElockError `configuration` if the system takes no such path, `addressInUse` if there is
 * something that must stay
 */
export async function clearSocketPath(path: string): Promise<void> {
  const bytes = Buffer.byteLength(path);
  if (bytes > PATH_BYTES_MAX) {
    const problem = `the path of a socket has at most ${PATH_BYTES_MAX} bytes on this system`;
    throw new ElockError('configuration', `${problem}, not ${bytes}; choose a shorter: ${path}`);
  }
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there === undefined) return;
  if (!there.isSocket()) throw inUse(path, 'there is a file of another kind; name another path');
  await refuseLive(path);
  await removeStale(path);
}

/** The name under which a socket is made; the path itself where the system takes no longer one. */
export function nameAside(path: string): string {
  const aside = `${path}.${randomBytes(ASIDE_BYTES).toString('hex')}`;
  return Buffer.byteLength(aside) <= PATH_BYTES_MAX ? aside : path;
}

/**
 * Gives a socket on which this process listens by now its own name.
 *
 * @throws ElockError `addressInUse` if another process was faster
 */
export function putInPlace(aside: string, path: string): void {
  if (aside === path) return;
  try {
    linkSync(aside, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw inUse(path, 'another process listens there by now');
    // A file system without links.
    renameSync(aside, path);
    return;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Which file is there: a later one of the same name has another number; `null`: none. */
export function fileAt(path: string): number | null {
  return lstatSync(path, { throwIfNoEntry: false })?.ino ?? null;
}

/** Runs what makes the file, so that at no moment anyone else than `mode` says may open it. */
export function withMode<T>(mode: number, make: () => T): T {
  const before = process.umask(ALL_BITS & ~mode);
  try {
    return make();
  } finally {
    process.umask(before);
  }
}

/**
 * Whoever removes a file has a second name for it meanwhile, which tells its number: two cannot
 * have that at once, and nobody else takes the first name away. So what is removed is what was
 * knocked at.
 */
async function removeStale(path: string): Promise<void> {
  const file = fileAt(path);
  const second = `${path}.${file}`;
  if (file === null || !hasLinked(path, second)) return;
  try {
    if (fileAt(second) !== file) throw inUse(path, 'another process listens there by now');
    await refuseLive(path);
    rmSync(path, { force: true });
  } finally {
    rmSync(second, { force: true });
  }
}

/** False: the path is free by now. */
function hasLinked(path: string, second: string): boolean {
  try {
    linkSync(path, second);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return false;
    const why =
      code === 'EEXIST'
        ? `another process is about to; if none is, remove ${second}`
        : `what a dead process left cannot be removed safely (${code}); remove it`;
    throw inUse(path, why);
  }
}

async function refuseLive(path: string): Promise<void> {
  const answer = await knock(path);
  if (answer === 'ECONNREFUSED' || answer === 'ENOENT') return;
  const why =
    answer === 'open' || answer === 'EAGAIN'
      ? 'another process listens there; stop it or name another path'
      : `it cannot be told whether a process listens there (${answer}); remove it or name another path`;
  throw inUse(path, why);
}

/** Whether a connection is taken: `open`, or the code of the system. */
function knock(path: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    const answer = (what: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(what);
    };
    const timer = setTimeout(() => answer('no answer'), SOCKET_PROBE_MS_MAX);
    socket.once('connect', () => answer('open'));
    socket.once('error', ({ code, message }: NodeJS.ErrnoException) => answer(code ?? message));
  });
}

function inUse(path: string, why: string): ElockError {
  return new ElockError('addressInUse', `cannot listen for clients on unix:${path}: ${why}`);
}
