/**
 * A command that runs while a lock is held, as `elock lock` sees it: through its guardian.
 *
 * Owns the guardian's process, and the words to it: for how long the lock is safe, now and then. If
 * the guardian is killed, the command's group is killed from here.
 */
import { type ChildProcess, fork } from 'node:child_process';
import os from 'node:os';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Lock } from '../client/index.ts';
import { ElockError, EXIT } from '../errors.ts';
import { COMMAND_KILL_MS, COMMAND_TERM_MS, VOUCH_MS } from '../limits.ts';
import { type Account, type Order, vouchFor } from './guardian-messages.ts';

/** Beside this file, compiled. */
const GUARDIAN = fileURLToPath(new URL('guardian.js', import.meta.url));
/** Of the time-out: what is kept for stopping a command, if the time-out is short. */
const TERM_SHARE = 4;
const KILL_SHARE = 16;
const SIGNAL_BASE = 128;

/** What is run. */
export interface CommandPlan {
  readonly command: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Of the session that holds the lock. */
  readonly timeoutMs: number;
}

/** The guardian, started before the lock is held, so that holding it costs no start. */
export class GuardedCommand {
  readonly #guardian: ChildProcess;
  #pid: number | null = null;

  constructor() {
    this.#guardian = fork(GUARDIAN, [], { detached: true, execArgv: [] });
    this.#guardian.on('error', () => {});
  }

  /**
   * Runs the command until its end.
   *
   * @returns the exit status: the command's own, or why there is none
   */
  async run(lock: Lock, plan: CommandPlan): Promise<number> {
    const { timeoutMs, command, environment } = plan;
    const account = this.#account();
    this.#order({
      kind: 'run',
      command,
      environment,
      vouch: vouchFor(lock.validForMs()),
      termMs: Math.min(COMMAND_TERM_MS, timeoutMs / TERM_SHARE),
      killMs: Math.min(COMMAND_KILL_MS, timeoutMs / KILL_SHARE),
    });
    const vouching = setInterval(() => {
      const validMs = lock.validForMs();
      if (validMs > 0) this.#order({ kind: 'vouch', vouch: vouchFor(validMs) });
    }, VOUCH_MS);
    const lost = () => this.#order({ kind: 'lost' });
    if (lock.signal.aborted) lost();
    else lock.signal.addEventListener('abort', lost, { once: true });
    const status = statusOf(await account, command[0] ?? '');
    clearInterval(vouching);
    return lock.isHeld || status === EXIT.lockLost ? status : EXIT.lockLost;
  }

  /** Passes a signal on to the command's group. */
  signal(signal: NodeJS.Signals): void {
    this.#order({ kind: 'signal', signal });
  }

  /** Lets the guardian go; it ends whatever still runs. */
  dismiss(): void {
    if (this.#guardian.connected) this.#guardian.disconnect();
  }

  #order(order: Order): void {
    if (this.#guardian.connected) this.#guardian.send(order, () => {});
  }

  #account(): Promise<Account> {
    return new Promise((resolve, reject) => {
      this.#guardian.on('message', (account: Account) => {
        if (account.kind === 'started') this.#pid = account.pid;
        else resolve(account);
      });
      this.#guardian.once('exit', () => {
        this.#killGroup();
        reject(new ElockError('internal', 'the guardian of the command was killed'));
      });
    });
  }

  #killGroup(): void {
    if (this.#pid === null) return;
    try {
      process.kill(-this.#pid, 'SIGKILL');
    } catch {
      // The whole group has ended.
    }
  }
}

/** As shells do: 127 and 126 for what cannot be run, 128 and the signal's number. */
function statusOf(account: Account, file: string): number {
  if (account.kind === 'started') return EXIT.internal;
  if (account.kind === 'failed') {
    const isMissing = account.code === 'ENOENT';
    process.stderr.write(`elock: cannot run ${file}: ${account.code}\n`);
    return isMissing ? EXIT.commandNotFound : EXIT.commandNotRunnable;
  }
  if (account.stopped) return EXIT.lockLost;
  if (account.status !== null) return account.status;
  return SIGNAL_BASE + statusOfSignal(account.signal);
}

function statusOfSignal(signal: NodeJS.Signals | null): number {
  return signal === null ? 0 : os.constants.signals[signal];
}

/** What a process exits with that a signal ended. */
export function statusBySignal(signal: NodeJS.Signals): number {
  return SIGNAL_BASE + statusOfSignal(signal);
}
