/**
 * The guardian of one command: a process beside `elock lock` that outlives it by a moment.
 *
 * Owns the command's process group: starts it, passes signals on, and ends all of it when the lock is
 * lost, when nobody vouches for it any more, or when `elock lock` is gone, even by SIGKILL. Knows
 * nothing of peers: only until when the lock was last said to be safe.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { COMMAND_STOP_MS, GUARDIAN_LOOK_MS } from '../limits.ts';
import { type Account, leftMs, type Order, type Vouch } from './guardian-messages.ts';

type RunOrder = Extract<Order, { kind: 'run' }>;

/** One command, from its start to the end of its group. */
class Guard {
  readonly #order: RunOrder;
  readonly #child: ChildProcess;
  readonly #looks: NodeJS.Timeout;
  #vouch: Vouch;
  #stopped = false;
  #kill: NodeJS.Timeout | undefined;

  constructor(order: RunOrder) {
    this.#order = order;
    this.#vouch = order.vouch;
    const [file = '', ...args] = order.command;
    this.#child = spawn(file, args, { stdio: 'inherit', detached: true, env: order.environment });
    this.#child.once('error', (error: NodeJS.ErrnoException) => {
      finish({ kind: 'failed', code: error.code ?? error.message });
    });
    this.#child.once('spawn', () => tell({ kind: 'started', pid: this.#child.pid ?? 0 }));
    this.#child.once('exit', (status, signal) => this.#ended(status, signal));
    this.#looks = setInterval(() => this.#look(), GUARDIAN_LOOK_MS);
  }

  vouch(vouch: Vouch): void {
    this.#vouch = vouch;
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // The whole group has ended.
    }
  }

  /** SIGTERM now, SIGKILL while the lock is still safe. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.signal('SIGTERM');
    this.signal('SIGCONT');
    const graceMs = Math.min(COMMAND_STOP_MS, leftMs(this.#vouch) - this.#order.killMs);
    this.#kill = setTimeout(() => this.signal('SIGKILL'), Math.max(0, graceMs));
  }

  #look(): void {
    const left = leftMs(this.#vouch);
    if (left <= this.#order.termMs) this.stop();
    if (left <= this.#order.killMs) this.signal('SIGKILL');
  }

  /** What the command left behind in its group ends, too: the lock is about to be released. */
  #ended(status: number | null, signal: NodeJS.Signals | null): void {
    clearInterval(this.#looks);
    clearTimeout(this.#kill);
    this.signal('SIGKILL');
    finish({ kind: 'ended', status, signal, stopped: this.#stopped });
  }
}

function tell(account: Account, told: () => void = () => {}): void {
  if (process.connected) process.send?.(account, undefined, undefined, told);
  else told();
}

function finish(account: Account): void {
  tell(account, () => process.exit());
}

let guard: Guard | null = null;
process.on('message', (order: Order) => {
  if (order.kind === 'run') guard = new Guard(order);
  else if (order.kind === 'vouch') guard?.vouch(order.vouch);
  else if (order.kind === 'signal') guard?.signal(order.signal);
  else guard?.stop();
});
process.on('disconnect', () => {
  if (guard === null) process.exit();
  guard.stop();
});
// Only the end of the command ends the guardian.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
  process.on(signal, () => {});
}
