/**
 * The file of a UNIX socket: what stands in its place before it is made, and who may open it.
 *
 * Owns the check of the path, the removal of a file that a dead process left, and the mode. Removes
 * nothing but sockets on which nobody listens, and never a socket that somebody may have made
 * meanwhile: it is put aside first, and looked at again.
 */
import { randomBytes } from 'node:crypto';
import { linkSync, lstatSync, renameSync, unlinkSync } from 'node:fs';
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
  // One that is in use is not moved, not even for a moment.
  await refuseLive(path, path);
  await removeStale(path);
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

/** Another process may have done the same, and listen there by now: then it is put back. */
async function removeStale(path: string): Promise<void> {
  const aside = `${path}.${randomBytes(ASIDE_BYTES).toString('hex')}`;
  // Too long to be looked at again.
  if (Buffer.byteLength(aside) > PATH_BYTES_MAX) return unlinkSync(path);
  if (!isDone(() => renameSync(path, aside), 'ENOENT')) {
    throw inUse(path, 'another process has begun to; stop it or name another path');
  }
  try {
    await refuseLive(aside, path);
  } catch (error) {
    isDone(() => linkSync(aside, path), 'EEXIST');
    throw error;
  } finally {
    unlinkSync(aside);
  }
}

/** Whether it was done; false: it could not, as another process was faster. */
function isDone(act: () => void, code: string): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return false;
    throw error;
  }
}

/** @param path - as users know it */
async function refuseLive(at: string, path: string): Promise<void> {
  const answer = await knock(at);
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
