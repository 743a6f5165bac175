/**
 * Every command of the text protocol, one row each: the only list of them.
 *
 * `parse.ts` takes words and numbers of words from here, `help` and README's table their rows.
 * Owns no behaviour. Old clients rely on the words, the arities and the codes.
 */

/** What is known of one command without running it. */
export interface CommandRow {
  readonly word: string;
  /** As shown to users: literal words lower case, arguments upper case, `[…]` may be left out. */
  readonly syntax: string;
  /** Words behind the first: at least, and at most. */
  readonly arguments: readonly [min: number, max: number];
  /** One line of ASCII. */
  readonly summary: string;
  /** First lines of its answers; every command may be answered 400 as well. */
  readonly replies: readonly string[];
}

/** In the order in which `help` shows them. */
export const COMMANDS = [
  {
    word: 'lock',
    syntax: 'lock NAME [SECONDS]',
    arguments: [1, 2],
    summary: 'acquire NAME: at once or not at all, or waiting up to SECONDS',
    replies: ['200 Acquired TOKEN MS', '409', '429', '503'],
  },
  {
    word: 'queue',
    syntax: 'queue NAME SECONDS',
    arguments: [2, 2],
    summary: 'as lock, but other commands go on, and its answer is told later; unlock ends it',
    replies: ['202', '429'],
  },
  {
    word: 'unlock',
    syntax: 'unlock NAME',
    arguments: [1, 1],
    summary: 'release NAME',
    replies: ['200', '403', '429'],
  },
  {
    word: 'unlock_all',
    syntax: 'unlock_all',
    arguments: [0, 0],
    summary: 'release every lock of this session',
    replies: ['200', '429'],
  },
  {
    word: 'conn_id',
    syntax: 'conn_id [ID]',
    arguments: [0, 1],
    summary: "tell this session's id, or resume session ID with its locks",
    replies: ['200 ID', '200 Resumed N', '403', '403 No such session', '429', '503'],
  },
  {
    word: 'set_timeout',
    syntax: 'set_timeout MS',
    arguments: [1, 1],
    summary: 'let the locks outlive the connection for MS milliseconds',
    replies: ['200', '429', '503'],
  },
  {
    word: 'keepalive',
    syntax: 'keepalive MS',
    arguments: [1, 1],
    summary: 'take a silence of MS milliseconds for a disconnect, 0: never',
    replies: ['200'],
  },
  {
    word: 'ping',
    syntax: 'ping',
    arguments: [0, 0],
    summary: 'tell for how many milliseconds all locks of this session are safe',
    replies: ['200 PONG MS'],
  },
  {
    word: 'auth',
    syntax: 'auth SECRET',
    arguments: [1, 1],
    summary: 'come in, where a secret is asked for: before anything else',
    replies: ['200', '401', '429'],
  },
  {
    word: 'quit',
    syntax: 'quit',
    arguments: [0, 0],
    summary: 'close the connection; the session can be resumed',
    replies: ['200'],
  },
  {
    word: 'info',
    syntax: 'info NAME',
    arguments: [1, 1],
    summary: 'show how NAME stands',
    replies: ['200 INFO', '503'],
  },
  {
    word: 'locks',
    syntax: 'locks [PREFIX]',
    arguments: [0, 1],
    summary: 'list the locks whose names begin with PREFIX',
    replies: ['200 LOCKS', '503'],
  },
  {
    word: 'peers',
    syntax: 'peers',
    arguments: [0, 0],
    summary: 'list the peers, as seen from this one',
    replies: ['200 PEERS'],
  },
  {
    word: 'stats',
    syntax: 'stats',
    arguments: [0, 0],
    summary: 'show what this peer counts',
    replies: ['200 STATS'],
  },
  {
    word: 'echo',
    syntax: 'echo [WORD]...',
    arguments: [0, Number.POSITIVE_INFINITY],
    summary: 'say the words again, one space between them',
    replies: ['200 WORDS'],
  },
  {
    word: 'help',
    syntax: 'help',
    arguments: [0, 0],
    summary: 'list the commands',
    replies: ['200 HELP'],
  },
] as const satisfies readonly CommandRow[];

/** The first word of a command. */
export type CommandWord = (typeof COMMANDS)[number]['word'];
