/**
 * The guardian of one command: a process beside `elock lock` that outlives it by a moment.
 *
 * Leads the process group that the command runs in: starts it, passes signals on, and ends all of
 * it when the lock is lost, when nobody vouches for it any more, when `elock lock` is gone, even by
 * SIGKILL, and when the command has ended, with whatever that left. Its own end is part of that.
 * Knows nothing of peers: only until when the lock was last said to be safe.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { COMMAND_STOP_MS, GUARDIAN_LOOK_MS } from '../limits.ts';
import { type Account, leftMs, type Order, type Vouch } from './guardian-messages.ts';
import { ProcessGroup } from './process-group.ts';

/** `elock lock` starts it detached: it leads a group of its own. */
const GROUP = new ProcessGroup(process.pid);
/** What the group may be sent, by whomever: only the end of the command ends the guardian. */
const UNHEEDED = [
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
  'SIGQUIT',
  'SIGUSR1',
  'SIGUSR2',
  'SIGALRM',
  'SIGVTALRM',
  'SIGXCPU',
  'SIGTSTP',
  'SIGTTIN',
  'SIGTTOU',
] as const;

type RunOrder = Extract<Order, { kind: 'run' }>;

/** One command, from its start to the end of its group. */
class Guard {
  readonly #order: RunOrder;
  readonly #looks: NodeJS.Timeout;
  #vouch: Vouch;
  #stopped = false;
  #isOver = false;
  #kill: NodeJS.Timeout | undefined;

  constructor(order: RunOrder, child: ChildProcess) {
    this.#order = order;
    this.#vouch = order.vouch;
    child.once('exit', (status, signal) => this.#ended(status, signal));
    // After a pause of this process: what happened meanwhile is heard before clocks are judged.
    this.#looks = setInterval(() => setImmediate(() => this.#look()), GUARDIAN_LOOK_MS);
  }

  vouch(vouch: Vouch): void {
    this.#vouch = vouch;
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.#isOver) GROUP.signal(signal);
  }

  /** SIGTERM now, SIGKILL while the lock is still safe. */
  stop(): void {
    if (this.#stopped || this.#isOver) return;
    this.#stopped = true;
    tell({ kind: 'stopping' });
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

  #ended(status: number | null, signal: NodeJS.Signals | null): void {
    this.#isOver = true;
    clearInterval(this.#looks);
    clearTimeout(this.#kill);
    finish({ kind: 'ended', status, signal, stopped: this.#stopped });
  }
}

/**
 * Starts the command, in this group; told, so that signals that come before it is there wait. Not
 * where the order was late, for this process stood still: the lock may be another's by now.
 */
function start(order: RunOrder): Guard | null {
  if (leftMs(order.vouch) <= order.killMs) {
    finish({ kind: 'ended', status: null, signal: null, stopped: true });
    return null;
  }
  const [file = '', ...args] = order.command;
  const failed = (error: NodeJS.ErrnoException) => {
    finish({ kind: 'failed', code: error.code ?? error.message });
  };
  try {
    const child = spawn(file, args, { stdio: 'inherit', env: order.environment });
    child.once('error', failed);
    if (child.pid === undefined) return null;
    tell({ kind: 'started' });
    return new Guard(order, child);
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

/** Ends what is left in the group, before the lock can be released, and so itself. */
function finish(account: Account): void {
  tell(account, () => GROUP.signal('SIGKILL'));
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
for (const signal of UNHEEDED) process.on(signal, () => {});
