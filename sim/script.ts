/**
 * What a scripted client does, step by step, and what a plan expects beyond the checkers: as data.
 *
 * Names only. A step ends before the next one begins. What happens in a run leaves *marks*, each
 * with the time of its first occurrence: scripts wait for them, expectations look at them. Besides
 * those that steps set there are, for each scripted client `H`:
 *
 *   `H has a`      it was told that it acquired lock a
 *   `H lost a`     it was told (410) that a is no longer safe
 *   `H heard 503`  an answer with that code
 *   `H resumed`    its session goes on over another connection
 *   `H refused a`  the guarded resource of a refused its token
 *   `H done`       its script has ended
 */

/** Answers: codes of the text protocol; 0 stands for a connection that ended instead. */
export type Codes = number | readonly number[];

/** What a step that asks for something may say of the answer. */
interface Asks {
  /** Anything else is a violation. Without: any answer will do. */
  readonly answer?: Codes;
  /** Asks again, on the next connection if need be, until one of these comes. */
  readonly until?: Codes;
}

/** One step of a script. Times in ms. */
export type Step =
  /** `lock NAME [SECONDS]`; without `waitMs` it does not wait. */
  | (Asks & { readonly do: 'lock'; readonly lock: string; readonly waitMs?: number })
  | (Asks & { readonly do: 'unlock'; readonly lock: string })
  /** Asks for how long its locks are safe. */
  | (Asks & { readonly do: 'ping' })
  /** Any other line of the text protocol. */
  | (Asks & { readonly do: 'ask'; readonly line: string })
  /** Does nothing for so long. */
  | { readonly do: 'wait'; readonly forMs: number }
  /** Does nothing until the world is that old. */
  | { readonly do: 'until'; readonly atMs: number }
  /** Does nothing until somebody has left that mark. */
  | { readonly do: 'await'; readonly mark: string }
  | { readonly do: 'mark'; readonly mark: string }
  /** Pings every `everyMs` (200) for so long, or until it is told that the lock is lost. */
  | {
      readonly do: 'hold';
      readonly lock: string;
      readonly forMs: number;
      readonly everyMs?: number;
    }
  /** Shows the guarded resource its token and reads. */
  | { readonly do: 'read'; readonly lock: string; readonly outcome?: 'read' | 'refused' }
  /** Writes what follows from what it read last; its unguarded twin takes every write. */
  | { readonly do: 'write'; readonly lock: string; readonly outcome?: 'written' | 'refused' }
  /** Goes to another machine, with its session if that has an id; goes on once it is there. */
  | { readonly do: 'go'; readonly to: number }
  /** Goes on as another client's session, as a program does that opens a second connection. */
  | { readonly do: 'pose'; readonly as: string }
  /** Ends its side of the connection and stays away until it goes somewhere. */
  | { readonly do: 'leave'; readonly how: 'vanish' | 'reset' | 'close' };

/** One scripted client. */
export interface Script {
  readonly client: string;
  /** The machine that it connects to, and comes back to. */
  readonly at: number;
  /** The time-out that it sets for its session (ms). */
  readonly timeoutMs: number;
  /** It connects when the world is that old. */
  readonly startMs: number;
  readonly steps: readonly Step[];
}

/** A mark, or a time of the world (ms). */
export type Moment = string | number;

/** What must come of a run, beyond what checkers watch. */
export type Expectation =
  /** That mark is left, after and before those moments. */
  | { readonly mark: string; readonly after?: Moment; readonly before?: Moment }
  | { readonly never: string }
  /** One of the counts of a run. */
  | { readonly count: string; readonly atLeast?: number; readonly atMost?: number };
