/**
 * Who decides what a client does next: chance (`client-turns.ts`) or a script (`script-turns.ts`).
 */
import type { LockName } from '../src/core/types.ts';

/** One client's mind. */
export interface Turns {
  /** What of its own plan has not come about; `null`: nothing. */
  readonly unfinished: string | null;
  /** When it connects for the first time (ms after the world began). */
  startMs(): number;
  /** The machine to connect to next; `null`: it stays away. */
  where(): number | null;
  /** What a new session sets for its time-out (ms). */
  timeoutMs(): number;
  /** It is connected, with a new session. */
  think(): void;
  /** It is connected, its session is resumed; `certain`: with just the locks that it knows of. */
  goOn(certain: boolean): void;
  /** A lock is no longer safe. */
  lost(lock: LockName): void;
  /** Faults have ended. */
  progressBegins(): void;
}
