/**
 * A run as data: everything that distinguishes it from other runs, faults included.
 *
 * A seed makes a plan (`faults.ts`), and the plan is what runs: what a person edits, shrinks and
 * keeps. Times are ms since the world began, machines and clients are numbered from 0. The same
 * plan gives the same run.
 */
import type { Settings } from '../src/core/settings.ts';
import type { ClockName } from './clock.ts';
import type { Expectation, Script } from './script.ts';
import type { Kept } from './store.ts';
import type { Table } from './table.ts';

/** A direction, from one machine to another. */
export type Direction = readonly [from: number, to: number];

interface Lasting {
  readonly at: number;
  /** For how long; cut short where the faults end. */
  readonly for: number;
}

interface Momentary {
  readonly at: number;
}

/** Something that goes wrong. */
export type Fault =
  /** Nothing arrives in these directions; both ends notice after a while. */
  | (Lasting & { readonly kind: 'cut'; readonly links: readonly Direction[] })
  /** Cut and healed again and again; each half lasts `periodMs`. */
  | (Lasting & {
      readonly kind: 'flap';
      readonly links: readonly Direction[];
      readonly periodMs: number;
    })
  /** Nothing arrives in these directions, and nobody notices. */
  | (Lasting & { readonly kind: 'clog'; readonly links: readonly Direction[] })
  | (Lasting & {
      readonly kind: 'delay';
      readonly links: readonly Direction[];
      readonly delayUs: Table;
    })
  /** The chance that what is sent breaks the channel. */
  | (Lasting & {
      readonly kind: 'loss';
      readonly links: readonly Direction[];
      readonly perMillion: number;
    })
  | (Lasting & {
      readonly kind: 'capacity';
      readonly links: readonly Direction[];
      readonly bytesPerMs: number;
    })
  /** What a broken channel had under way may arrive this much later. */
  | (Lasting & {
      readonly kind: 'old-letters';
      readonly links: readonly Direction[];
      readonly lateMs: number;
    })
  /** The channel between two machines breaks, once. */
  | (Momentary & { readonly kind: 'break'; readonly between: Direction })
  /** The process is gone, then starts anew. `power`: its machine's power went, silently. */
  | (Lasting & {
      readonly kind: 'crash';
      readonly machine: number;
      readonly kept: Kept;
      readonly power: boolean;
    })
  /** The process stops in good order, then starts anew. */
  | (Lasting & { readonly kind: 'shutdown'; readonly machine: number })
  /** The process stands still, its machine does not: SIGSTOP, or a long collection of garbage. */
  | (Lasting & { readonly kind: 'pause'; readonly machine: number })
  | (Lasting & { readonly kind: 'slow-sync'; readonly machine: number; readonly syncUs: Table })
  | (Lasting & { readonly kind: 'stuck-sync'; readonly machine: number })
  /** Every write fails; the peer stops, and starts anew when there is room. */
  | (Lasting & { readonly kind: 'disk-full'; readonly machine: number })
  /** Data directory and key are gone: a new peer, and no voter, starts there. */
  | (Momentary & { readonly kind: 'lose-directory'; readonly machine: number })
  /** A copy of the data directory is made, while the peer runs. */
  | (Momentary & { readonly kind: 'copy-directory'; readonly machine: number })
  /** The copy that was made last is put back, and a peer starts from it: a restored backup. */
  | (Momentary & { readonly kind: 'restore-directory'; readonly machine: number })
  /** Clocks gain so many µs in a million. */
  | (Lasting & {
      readonly kind: 'rate';
      readonly machine: number;
      readonly clocks: readonly ClockName[];
      readonly gain: number;
    })
  | (Momentary & {
      readonly kind: 'step';
      readonly machine: number;
      readonly clocks: readonly ClockName[];
      readonly byMs: number;
    })
  | (Lasting & {
      readonly kind: 'freeze';
      readonly machine: number;
      readonly clocks: readonly ClockName[];
    })
  /** The machine sleeps. `counted`: its monotonic clock goes on, as on macOS. */
  | (Lasting & { readonly kind: 'suspend'; readonly machine: number; readonly counted: boolean })
  /**
   * A client's end: `vanish`: its machine is gone, silently; `reset`: its process is; `half-close`:
   * it shuts its sending side and reads on; `close`: it closes, whatever is under way.
   */
  | (Momentary & {
      readonly kind: 'client';
      readonly client: number;
      readonly act: 'vanish' | 'reset' | 'half-close' | 'close';
    })
  /** A client stands still, between check and write for example. */
  | (Lasting & { readonly kind: 'client-pause'; readonly client: number })
  /**
   * A client comes to that machine as the session of another, which goes on, too: a program with a
   * second connection. Behind it the client begins a session of its own. As itself it just moves.
   */
  | (Lasting & {
      readonly kind: 'pose';
      readonly client: number;
      readonly as: number;
      readonly machine: number;
    });

/** What a kind of fault is called. */
export type FaultKind = Fault['kind'];

/** A change of the voters, of machines: whichever peer lives there, or votes though it is gone. */
export type PlannedChange =
  | { readonly kind: 'add' | 'remove'; readonly peers: readonly number[] }
  | {
      readonly kind: 'replace';
      readonly peer: number;
      readonly by: number;
      readonly rests: boolean;
    }
  | { readonly kind: 'set'; readonly voters: readonly number[] }
  /** How many there should be. */
  | { readonly kind: 'want'; readonly voters: number }
  | { readonly kind: 'expel'; readonly peer: number };

/** Somebody who runs a peer wants the voters changed (rule 17). */
export interface PlannedWish {
  readonly at: number;
  /** Whose peer is told; where none runs nothing comes of it. */
  readonly machine: number;
  readonly change: PlannedChange;
}

/** What is whole once the faults are over. */
export type Heal =
  | { readonly kind: 'all' }
  /** Only these machines, and the links among them. */
  | { readonly kind: 'core'; readonly machines: readonly number[] }
  /** All machines, but only the links to and from one. */
  | { readonly kind: 'star'; readonly center: number };

/** What clients do. */
export interface WorkloadPlan {
  readonly clients: number;
  readonly locks: number;
  /** Between two requests, and while a lock is held (ms). */
  readonly thinkMs: Table;
  readonly holdMs: Table;
  /** For how long a waiting client waits (ms). */
  readonly waitMs: Table;
  /** Of a hundred requests for a lock, how many do not wait. */
  readonly tryPercent: number;
  /** Of a hundred turns, how many are something else: a move, a burst, a look, a `quit`. */
  readonly oddPercent: number;
  /** Of a hundred waits, how many are beside other commands, by `queue`; without: none. */
  readonly queuePercent?: number;
  /** Whether they write to the guarded resource, also late; without: they do. */
  readonly writes?: boolean;
  /** The time-outs that sessions choose from (ms). */
  readonly timeoutsMs: readonly number[];
}

/** One run. */
export interface Plan {
  /** Draws what the plan leaves open: delays, tokens of chance, what clients do next. */
  readonly seed: number;
  readonly machines: number;
  /** The first so many machines are the voters, to begin with; the rest are spares. */
  readonly voters: number;
  /** For how long faults are let loose, and how long everything must work after that. */
  readonly faultsMs: number;
  readonly progressMs: number;
  /** Whether, after that, everybody goes, and nothing must be left over in the end. */
  readonly rests?: boolean;
  readonly settings: Partial<Settings>;
  /** What a link, an end that hears nothing, and a sync take (µs). */
  readonly delayUs: Table;
  readonly detectUs: Table;
  readonly syncUs: Table;
  /** How many µs in a million each machine's clocks gain, and each client's. */
  readonly gains: readonly number[];
  readonly clientGains: readonly number[];
  readonly workload: WorkloadPlan;
  readonly faults: readonly Fault[];
  /** Changes of the voters, in the order of their times (none). */
  readonly wishes?: readonly PlannedWish[];
  readonly heal: Heal;
  /** The scenario that it was made of; a swarm's have none. */
  readonly scenario?: string;
  /** Clients that follow a script; their numbers follow those of the workload's clients. */
  readonly scripts?: readonly Script[];
  /** What must come of it, beyond what checkers watch. */
  readonly expectations?: readonly Expectation[];
}
