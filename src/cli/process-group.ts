/**
 * A process group: signals to all of it, and its end.
 *
 * Owns nothing but its number. Whoever leaves the group, as setsid(1) does, is out of its reach.
 */
import process from 'node:process';
import { COMMAND_KILL_MS, GUARDIAN_LOOK_MS } from '../limits.ts';

/** The group that a process leads. */
export class ProcessGroup {
  readonly #id: number;

  /** @param leader - its process id */
  constructor(leader: number) {
    this.#id = leader;
  }

  /** Signals all of it. @returns whether anybody is left in it */
  signal(signal: NodeJS.Signals | 0): boolean {
    try {
      return process.kill(-this.#id, signal);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EPERM';
    }
  }

  /** SIGKILL; resolves once all have ended, or after the time that the system gets for that. */
  async kill(): Promise<void> {
    for (let waitedMs = 0; this.signal('SIGKILL'); waitedMs += GUARDIAN_LOOK_MS) {
      if (waitedMs >= COMMAND_KILL_MS) return;
      await new Promise((resolve) => setTimeout(resolve, GUARDIAN_LOOK_MS));
    }
  }
}
