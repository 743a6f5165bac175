/**
 * `elock lock`: runs a command while a lock is held.
 *
 * Owns the options, which are those of flock(1) where it has them, the signals, and the exit
 * statuses. The lock is the client library's; the command is its guardian's.
 */
import process from 'node:process';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Client, ClientError, connect, type Lock } from '../client/index.ts';
import { ElockError, EXIT } from '../errors.ts';
import { GuardedCommand, statusBySignal } from './guarded-command.ts';
import { integerBetween } from './options.ts';
import { peersFrom, peersOption } from './peers-option.ts';

const SHELL = '/bin/sh';
const SHELL_FLAGS: readonly string[] = ['-c', '--command'];
const TIMEOUT_MS = { min: 1_000, max: 86_400_000, default: 30_000 };
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;

/** As commander gives them. */
interface LockFlags {
  readonly nonblock: boolean;
  readonly wait?: number;
  readonly conflictExitCode: number;
  readonly timeout: number;
  readonly command?: string;
  readonly peer?: readonly string[];
}

/** Adds the subcommand. */
export function addLock(program: Command): void {
  program
    .command('lock')
    .description('Run a command while a lock is held.')
    .usage(
      '[options] <name> [--] <command> [argument...]\n       elock lock [options] <name> -c <line>',
    )
    .argument('<name>', 'of the lock')
    .argument('[command...]', 'what to run, with its arguments; by no shell')
    .passThroughOptions()
    .option('-n, --nonblock', 'do not wait', false)
    .addOption(new Option('-w, --wait <seconds>', 'wait that long at most').argParser(seconds))
    .addOption(
      new Option('-E, --conflict-exit-code <status>', 'exit status when not acquired in time')
        .argParser(integerBetween(0, 255))
        .default(EXIT.notAcquired),
    )
    .addOption(
      new Option('--timeout <ms>', 'for how long the lock outlives its peer, or this program')
        .argParser(integerBetween(TIMEOUT_MS.min, TIMEOUT_MS.max))
        .default(TIMEOUT_MS.default),
    )
    .option('-c, --command <line>', 'a line for the shell instead of a command')
    .addOption(peersOption())
    .action(run);
}

async function run(name: string, words: readonly string[], flags: LockFlags): Promise<void> {
  const command = commandOf(words, flags);
  const peers = peersFrom(flags.peer, process.env);
  const guarded = new GuardedCommand();
  const waiting = new AbortController();
  let held = false;
  for (const signal of FORWARDED) {
    process.on(signal, () => (held ? guarded.signal(signal) : waiting.abort(signal)));
  }
  let client: Client | null = null;
  try {
    client = await connect({ peers, timeoutMs: flags.timeout });
    const lock = await acquire(client, name, flags, waiting.signal);
    held = true;
    const peer = client.peer ?? peers[0];
    const own = { ELOCK_NAME: name, ELOCK_TOKEN: String(lock.token), ELOCK_PEER: peer };
    const environment = { ...process.env, ...own };
    process.exitCode = await guarded.run(lock, { command, environment, timeoutMs: flags.timeout });
    if (process.exitCode === EXIT.lockLost) process.stderr.write('elock: the lock was lost\n');
    await lock.release();
  } catch (error) {
    process.exitCode = statusOf(error, flags);
  }
  guarded.dismiss();
  await client?.close();
  process.exit();
}

function acquire(
  client: Client,
  name: string,
  { nonblock, wait }: LockFlags,
  signal: AbortSignal,
): Promise<Lock> {
  const waitMs = wait === undefined ? {} : { waitMs: wait * 1_000 };
  return client.acquire(name, { ifAvailable: nonblock, ...waitMs, signal });
}

function statusOf(error: unknown, flags: LockFlags): number {
  if (typeof error === 'string') return statusBySignal(error as NodeJS.Signals);
  if (!(error instanceof ClientError)) throw error;
  if (error.code === 'LOCK_HELD' || error.code === 'TIMEOUT') return flags.conflictExitCode;
  process.stderr.write(`elock: ${error.message}\n`);
  return error.code === 'INVALID_ARGUMENT' ? EXIT.usage : EXIT.unavailable;
}

function commandOf(words: readonly string[], { command }: LockFlags): readonly string[] {
  const [first = '', line, ...more] = words;
  if (command !== undefined && words.length === 0) return [SHELL, '-c', command];
  if (command === undefined && SHELL_FLAGS.includes(first) && line !== undefined) {
    if (more.length === 0) return [SHELL, '-c', line];
  }
  const given = first === '--' ? words.slice(1) : words;
  if (command === undefined && given.length > 0 && (first === '--' || !first.startsWith('-'))) {
    return given;
  }
  throw new ElockError('usage', 'expected one command to run: elock lock NAME -- COMMAND');
}

function seconds(text: string): number {
  const value = Number(text);
  if (/^\d+(?:\.\d+)?$/.test(text) && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('expected seconds, 0 or more, such as 1.5');
}
