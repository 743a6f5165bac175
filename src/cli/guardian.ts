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
import { ProcessGroup } from './process-group.ts';

type RunOrder = Extract<Order, { kind: 'run' }>;

/** One command, from its start to the end of its group. */
class Guard {
  readonly #order: RunOrder;
  readonly #group: ProcessGroup;
  readonly #looks: NodeJS.Timeout;
  #vouch: Vouch;
  #stopped = false;
  #isOver = false;
  #kill: NodeJS.Timeout | undefined;

  constructor(order: RunOrder, child: ChildProcess, pid: number) {
    this.#order = order;
    this.#vouch = order.vouch;
    this.#group = new ProcessGroup(pid);
    child.once('exit', (status, signal) => void this.#ended(status, signal));
    // After a pause of this process: what happened meanwhile is heard before clocks are judged.
    this.#looks = setInterval(() => setImmediate(() => this.#look()), GUARDIAN_LOOK_MS);
  }

  vouch(vouch: Vouch): void {
    this.#vouch = vouch;
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.#isOver) this.#group.signal(signal);
  }

  /** SIGTERM now, SIGKILL while the lock is still safe. */
  stop(): void {
    if (this.#stopped || this.#isOver) return;
    this.#stopped = true;
    this.signal('SIGTERM');
    this.signal('SIGCONT');
    const graceMs = Math.min(COMMAND_STOP_MS, leftMs(this.#vouch) - this.#order.killMs);
    this.#kill = setTimeout(() => this.signal('SIGKILL'), Math.max(0, graceMs));
  }

  #look(): void {
    if (this.#isOver) return;
    const left = leftMs(this.#vouch);
    if (left <= this.#order.termMs) this.stop();
    if (left <= this.#order.killMs) this.signal('SIGKILL');
  }

  /** What the command left behind in its group ends, too: the lock is about to be released. */
  async #ended(status: number | null, signal: NodeJS.Signals | null): Promise<void> {
    this.#isOver = true;
    clearInterval(this.#looks);
    clearTimeout(this.#kill);
    await this.#group.kill();
    finish({ kind: 'ended', status, signal, stopped: this.#stopped });
  }
}

/** Starts the command; told at once, so that it has no moment that `elock lock` knows nothing of. */
function start(order: RunOrder): Guard | null {
  const [file = '', ...args] = order.command;
  const failed = (error: NodeJS.ErrnoException) => {
    finish({ kind: 'failed', code: error.code ?? error.message });
  };
  try {
    const child = spawn(file, args, { stdio: 'inherit', detached: true, env: order.environment });
    child.once('error', failed);
    if (child.pid === undefined) return null;
    tell({ kind: 'started', pid: child.pid });
    return new Guard(order, child, child.pid);
  } catch (error) {
    failed(error as NodeJS.ErrnoException);
    return null;
  }
}

function heard(vouch: Vouch): void {
  guard?.vouch(vouch);
  tell({ kind: 'heard' });
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
  if (order.kind === 'run') guard = start(order);
  else if (order.kind === 'vouch') heard(order.vouch);
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
