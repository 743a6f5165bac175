/**
 * A line into what it asks for, or what is wrong with it.
 *
 * Only spaces part words: a tab, a CR or a NUL is part of one. Never throws, whatever the bytes.
 * Numbers are decimal digits; SECONDS may have a fraction, which is rounded to whole ms; what is
 * larger than can be counted is as good as for ever.
 */
import type { Command } from '../core/command.ts';
import type { LockName, SessionId } from '../core/types.ts';
import { LINE_BYTES_MAX, LOCK_NAME_BYTES_MAX } from '../limits.ts';
import { COMMANDS, type CommandRow, type CommandWord } from './command-table.ts';

/** What one line asks for; only the members of `Command` concern the core. */
export type Request =
  | Command
  | { readonly kind: 'echo'; readonly words: readonly string[] }
  | { readonly kind: 'help' }
  | { readonly kind: 'auth'; readonly secret: string }
  /** A line without a word: passed over. */
  | { readonly kind: 'empty' }
  /** Answered 400 with this text, which repeats none of the client's bytes. */
  | { readonly kind: 'malformed'; readonly problem: string };

/** What a line is that nobody read to its end. */
export const OVER_LONG_LINE: Request = {
  kind: 'malformed',
  problem: `Line too long: at most ${LINE_BYTES_MAX} bytes`,
};

/** Makes a request of the words behind the first, whose number the table allows. */
type Reader = (words: readonly string[]) => Request;

const WHOLE_NUMBER = /^[0-9]+$/;
const DECIMAL_NUMBER = /^[0-9]+(?:\.[0-9]+)?$/;
const EMPTY: Request = { kind: 'empty' };
/** What is locked can be unlocked, too: that is a longer word, in a line of the same length. */
const LONG_NAME: Request = {
  kind: 'malformed',
  problem: `Name too long: at most ${LOCK_NAME_BYTES_MAX} bytes`,
};
const UNKNOWN: Request = { kind: 'malformed', problem: 'Unknown command, try help' };

const READERS: Readonly<Record<CommandWord, Reader>> = {
  lock: readLock,
  queue: readQueue,
  unlock: ([name]) => ({ kind: 'unlock', name: name as LockName }),
  unlock_all: () => ({ kind: 'unlock-all' }),
  conn_id: ([id]) =>
    id === undefined ? { kind: 'conn-id' } : { kind: 'resume', session: id as SessionId },
  set_timeout: ([text]) =>
    withMilliseconds(text, (timeoutMs) => ({ kind: 'set-timeout', timeoutMs })),
  keepalive: ([text]) => withMilliseconds(text, (silenceMs) => ({ kind: 'keepalive', silenceMs })),
  ping: () => ({ kind: 'ping' }),
  auth: ([secret = '']) => ({ kind: 'auth', secret }),
  quit: () => ({ kind: 'quit' }),
  info: ([name]) => ({ kind: 'info', name: name as LockName }),
  locks: ([prefix = '']) => ({ kind: 'locks', prefix }),
  peers: () => ({ kind: 'peers' }),
  stats: () => ({ kind: 'stats' }),
  echo: (words) => ({ kind: 'echo', words }),
  help: () => ({ kind: 'help' }),
};

const TABLE: ReadonlyMap<string, { readonly row: CommandRow; readonly read: Reader }> = new Map(
  COMMANDS.map((row) => [row.word, { row, read: READERS[row.word] }]),
);

/** @param line - one code unit a byte, as `LineSplitter` tells it */
export function parse(line: string): Request {
  const [first, ...words] = wordsOf(line);
  if (first === undefined) return EMPTY;
  const entry = TABLE.get(first);
  if (entry === undefined) return UNKNOWN;
  const [min, max] = entry.row.arguments;
  if (words.length < min || words.length > max) {
    return { kind: 'malformed', problem: `Usage: ${entry.row.syntax}` };
  }
  return entry.read(words);
}

function wordsOf(line: string): string[] {
  const words = line.split(' ');
  return words.includes('') ? words.filter((word) => word !== '') : words;
}

function readLock([name = '', seconds]: readonly string[]): Request {
  if (name.length > LOCK_NAME_BYTES_MAX) return LONG_NAME;
  if (seconds === undefined) return { kind: 'lock', name: name as LockName, waitMs: null };
  return withSeconds(seconds, (waitMs) => ({ kind: 'lock', name: name as LockName, waitMs }));
}

function readQueue([name = '', seconds]: readonly string[]): Request {
  if (name.length > LOCK_NAME_BYTES_MAX) return LONG_NAME;
  return withSeconds(seconds, (waitMs) => ({ kind: 'queue', name: name as LockName, waitMs }));
}

function withSeconds(text: string | undefined, make: (waitMs: number) => Command): Request {
  if (text === undefined || !DECIMAL_NUMBER.test(text)) {
    return { kind: 'malformed', problem: 'SECONDS must be a decimal number, such as 5 or 0.5' };
  }
  return make(countable(Number(text) * 1_000));
}

function withMilliseconds(text: string | undefined, make: (value: number) => Command): Request {
  if (text === undefined || !WHOLE_NUMBER.test(text)) {
    return { kind: 'malformed', problem: 'MS must be a whole number of milliseconds, 0 or more' };
  }
  return make(countable(Number(text)));
}

function countable(value: number): number {
  return Math.min(Math.round(value), Number.MAX_SAFE_INTEGER);
}
