/**
 * `elock lock`: runs a command while a lock is held.
 *
 * Owns the options, which are those of flock(1) where it has them, the signals, and the exit
 * statuses. The lock is the client library's; the command is its guardian's.
 */
import process from 'node:process';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { Client, ClientError, type Lock } from '../client/index.ts';
import { ElockError, EXIT } from '../errors.ts';
import { GOODBYE_MS } from '../limits.ts';
import { isRefusal } from './ask.ts';
import { type CommandEnd, GuardedCommand, statusBySignal } from './guarded-command.ts';
import { integerBetween } from './options.ts';
import { addPeerOptions, type ClientFlags, type Peers, peersFrom } from './peers-option.ts';

const SHELL = '/bin/sh';
const SHELL_FLAGS: readonly string[] = ['-c', '--command'];
const TIMEOUT_MS = { min: 1_000, max: 86_400_000, default: 30_000 };
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;

/** As commander gives them. */
interface LockFlags extends ClientFlags {
  readonly nonblock: boolean;
  readonly wait?: number;
  readonly conflictExitCode: number;
  readonly timeout: number;
  readonly command?: string;
}

/** Adds the subcommand. */
export function addLock(program: Command): void {
  const command = program
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
    .action(run);
  addPeerOptions(command);
}

async function run(name: string, words: readonly string[], flags: LockFlags): Promise<void> {
  const command = commandOf(words, flags);
  const peers = peersFrom(flags, process.env);
  try {
    const { status, message } = await attempt(name, { command, peers }, flags);
    process.exitCode = status;
    if (message !== null) say(message);
  } catch (error) {
    process.exitCode = statusOf(error, flags);
  }
  process.exit();
}

async function attempt(
  name: string,
  { command, peers }: { command: readonly string[]; peers: Peers },
  flags: LockFlags,
): Promise<CommandEnd> {
  const { addresses, access } = peers;
  const client = new Client({ peers: addresses, ...access, timeoutMs: flags.timeout });
  const waiting = new AbortController();
  const guarded = new GuardedCommand((error) => waiting.abort(error));
  let held = false;
  for (const signal of FORWARDED) {
    process.on(signal, () => (held ? guarded.signal(signal) : waiting.abort(signal)));
  }
  try {
    const lock = await acquire(client, name, flags, waiting.signal);
    // Nothing is waited for from here until the command is under way: no signal falls between.
    held = true;
    const peer = client.peer ?? addresses[0];
    const own = { ELOCK_NAME: name, ELOCK_TOKEN: String(lock.token), ELOCK_PEER: peer };
    const environment = { ...process.env, ...peers.environment, ...own };
    const end = await guarded.run(lock, { command, environment, timeoutMs: flags.timeout });
    await lock.release();
    return end;
  } finally {
    guarded.dismiss();
    await closed(client, waiting.signal.aborted);
  }
}

/** Whatever ends the wait, a signal or the guardian's end, ends it at once: in `signal.reason`. */
async function acquire(
  client: Client,
  name: string,
  { nonblock, wait }: LockFlags,
  signal: AbortSignal,
): Promise<Lock> {
  const interrupted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  await Promise.race([client.connect(), interrupted]);
  const waitMs = wait === undefined ? {} : { waitMs: wait * 1_000 };
  const lock = await client.acquire(name, { ifAvailable: nonblock, ...waitMs, signal });
  signal.throwIfAborted();
  return lock;
}

/** Takes back what was asked for; who was told to end does not wait for a silent peer. */
async function closed(client: Client, isHurried: boolean): Promise<void> {
  const late = new Promise((resolve) => setTimeout(resolve, GOODBYE_MS).unref());
  await Promise.race(isHurried ? [client.close(), late] : [client.close()]);
}

function statusOf(error: unknown, flags: LockFlags): number {
  if (typeof error === 'string') return statusBySignal(error as NodeJS.Signals);
  if (error instanceof ElockError) {
    say(error.message);
    return error.exitStatus;
  }
  if (!(error instanceof ClientError)) throw error;
  if (error.code === 'LOCK_HELD' || error.code === 'TIMEOUT') return flags.conflictExitCode;
  say(error.message);
  if (isRefusal(error)) return EXIT.notAllowed;
  return error.code === 'INVALID_ARGUMENT' ? EXIT.usage : EXIT.unavailable;
}

function say(message: string): void {
  process.stderr.write(`elock: ${message}\n`);
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
