/**
 * A command that runs while a lock is held, as `elock lock` sees it: through its guardian.
 *
 * Owns the guardian's process, and the words to it: for how long the lock is safe, now and then. The
 * command runs in the guardian's process group, which is there before the command is: there is no
 * moment in which the guardian may end, or hang, and the command be out of reach from here.
 */
import { type ChildProcess, fork } from 'node:child_process';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Lock } from '../client/index.ts';
import { assertNever } from '../core/invariant.ts';
import { ElockError, EXIT } from '../errors.ts';
import { COMMAND_KILL_MS, COMMAND_TERM_MS, GUARDIAN_SILENT_MS, VOUCH_MS } from '../limits.ts';
import { type Account, leftMs, type Order, type Vouch, vouchFor } from './guardian-messages.ts';
import { ProcessGroup } from './process-group.ts';

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

/** How it ended. */
export interface CommandEnd {
  /** The command's own, or why there is none. */
  readonly status: number;
  /** What there is to say about it; `null`: nothing. */
  readonly message: string | null;
}

/**
 * What came of the command. `stopped`: killed, for the lock was not safe any more; `gone`: its
 * guardian was killed; `hung`: that did not answer.
 */
type Outcome =
  | Extract<Account, { kind: 'failed' | 'ended' }>
  | { readonly kind: 'stopped' | 'gone' | 'hung' };

/** The guardian, started before the lock is held, so that holding it costs no start. */
export class GuardedCommand {
  readonly #guardian: ChildProcess;
  /** The guardian's, and the command's; `null`: it could not be started. */
  readonly #group: ProcessGroup | null;
  readonly #outcome: Promise<Outcome>;
  #end: (outcome: Outcome) => void = () => {};
  #isOver = false;
  #isStarted = false;
  #isStopping = false;
  #vouch: Vouch = vouchFor(0);
  /** How often it was to be told that the lock is safe, and had not heard the word before. */
  #unheard: number | null = null;
  #backstop: NodeJS.Timeout | undefined;

  /** @param gone - told when the guardian ends unasked: without one, no lock is to be taken */
  constructor(gone: (error: ElockError) => void) {
    this.#guardian = fork(GUARDIAN, [], { detached: true, execArgv: [] });
    const { pid } = this.#guardian;
    this.#group = pid === undefined ? null : new ProcessGroup(pid);
    this.#outcome = new Promise((resolve) => {
      this.#end = (outcome) => {
        this.#isOver = true;
        resolve(outcome);
      };
    });
    this.#guardian.on('message', (account: Account) => this.#told(account));
    const lost = () => {
      if (this.#isOver) return;
      this.#end({ kind: this.#isStopping ? 'stopped' : 'gone' });
      gone(new ElockError('internal', `${GONE} before the command was started`));
    };
    // Comes after its last word, which its exit need not.
    this.#guardian.once('disconnect', lost).once('error', lost);
  }

  /** Runs the command until its end, and that of whatever it left in its group. */
  async run(lock: Lock, plan: CommandPlan): Promise<CommandEnd> {
    const { timeoutMs, command, environment } = plan;
    const termMs = Math.min(COMMAND_TERM_MS, timeoutMs / TERM_SHARE);
    const killMs = Math.min(COMMAND_KILL_MS, timeoutMs / KILL_SHARE);
    this.#vouch = vouchFor(lock.validForMs());
    this.#order({ kind: 'run', command, environment, vouch: this.#vouch, termMs, killMs });
    const vouching = setInterval(() => this.#renew(lock, killMs), VOUCH_MS);
    const lost = () => this.#order({ kind: 'lost' });
    if (lock.signal.aborted) lost();
    else lock.signal.addEventListener('abort', lost, { once: true });
    const outcome = await this.#outcome;
    clearInterval(vouching);
    clearTimeout(this.#backstop);
    await this.#group?.kill();
    return endOf(outcome, command[0] ?? '', lock.isHeld);
  }

  /** Passes a signal on to the command, and all of its group: the guardian heeds none. */
  signal(signal: NodeJS.Signals): void {
    // Behind the order to run, until the command is there.
    if (!this.#isStarted) this.#order({ kind: 'signal', signal });
    else if (!this.#isOver) this.#group?.signal(signal);
  }

  /** Ends the guardian, and whatever still runs. */
  dismiss(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#group?.signal('SIGKILL');
  }

  #told(account: Account): void {
    if (account.kind === 'started') this.#isStarted = true;
    else if (account.kind === 'stopping') this.#isStopping = true;
    else if (account.kind === 'heard') this.#unheard = null;
    else this.#end(account);
  }

  #order(order: Order): void {
    if (this.#guardian.connected) this.#guardian.send(order, () => {});
  }

  /** Vouches on once the word before was heard, so not at all to a guardian that hangs. */
  #renew(lock: Lock, killMs: number): void {
    const validMs = lock.validForMs();
    if (this.#unheard !== null) this.#wait(this.#unheard + 1);
    else if (validMs > 0) {
      this.#unheard = 0;
      this.#vouch = vouchFor(validMs);
      this.#order({ kind: 'vouch', vouch: this.#vouch });
    }
    clearTimeout(this.#backstop);
    // After a pause of this process: what the guardian said meanwhile is heard first.
    const look = () => setImmediate(() => this.#overrule(killMs));
    this.#backstop = setTimeout(look, Math.max(0, leftMs(this.#vouch) - killMs));
  }

  /** Counts turns of this process, not time: a pause of both is no silence. */
  #wait(unheard: number): void {
    this.#unheard = unheard;
    if (unheard * VOUCH_MS >= GUARDIAN_SILENT_MS) this.#end({ kind: 'hung' });
  }

  /** The guardian had its time: it is stopped, or hangs. */
  #overrule(killMs: number): void {
    if (this.#isOver || leftMs(this.#vouch) > killMs) return;
    this.#group?.signal('SIGKILL');
    this.#end({ kind: 'stopped' });
  }
}

const GONE = 'the guardian of the command was killed';
const HUNG = 'the guardian of the command did not answer, and was killed with the command';
const STOPPED = 'the lock was lost, or soon would have been: the command was stopped';
const LATE = 'the lock was lost as the command ended; nobody else held it while the command ran';

function endOf(outcome: Outcome, file: string, isHeld: boolean): CommandEnd {
  switch (outcome.kind) {
    case 'gone':
      return { status: EXIT.internal, message: `${GONE}, and so was the command` };
    case 'hung':
      return { status: EXIT.internal, message: HUNG };
    case 'stopped':
      return { status: EXIT.lockLost, message: STOPPED };
    case 'failed': {
      const isMissing = outcome.code === 'ENOENT';
      const status = isMissing ? EXIT.commandNotFound : EXIT.commandNotRunnable;
      return { status, message: `cannot run ${file}: ${outcome.code}` };
    }
    case 'ended': {
      if (outcome.stopped) return { status: EXIT.lockLost, message: STOPPED };
      const status = outcome.status ?? statusBySignal(outcome.signal);
      return { status, message: isHeld ? null : LATE };
    }
    default:
      return assertNever(outcome);
  }
}

/** As shells do, what a process exits with that a signal ended: 128 and the signal's number. */
export function statusBySignal(signal: NodeJS.Signals | null): number {
  return SIGNAL_BASE + (signal === null ? 0 : os.constants.signals[signal]);
}
