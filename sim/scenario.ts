/**
 * A scenario: a named story of clients, faults and what must come of it, as data.
 *
 * Names only; `compile.ts` makes a plan of it for a seed and a number of peers. In TypeScript it is
 * a typed constant, as JSON the very same object (`scenario-file.ts`). Times are ms since the world
 * began. Machines are named by place, so that one scenario fits clusters of several sizes. What it
 * leaves open (delays, disks, clocks inside the drift bound, other clients) the seed draws.
 */
import type { Settings } from '../src/core/settings.ts';
import type { Direction, Fault, PlannedChange, WorkloadPlan } from './plan.ts';
import type { Expectation, Step } from './script.ts';
import type { ShapeName } from './shapes.ts';
import type { Table } from './table.ts';

/**
 * One machine or several:
 *
 *   `n1`, `n2` …   that one                    `last`         the one with the highest number
 *   `all`          all                         `others`       all but n1
 *   `minority`     the first that are too few  `majority`     all the rest
 *   `first-half`   the first half of voters    `second-half`  all the rest
 *   `voters`       those that vote at first    `spares`       all the rest
 *
 * or a list of these.
 */
export type Group = string | readonly string[];

/** Which directions a fault of links takes; both ways unless it says otherwise. */
export type Links =
  /** Between all of these groups, not inside them. */
  | { readonly split: readonly Group[] }
  /** Between so many parts of all machines, as even as can be. */
  | { readonly parts: number }
  /** To and from all others. */
  | { readonly isolate: Group }
  /** One way: nothing reaches them. */
  | { readonly deaf: Group }
  /** One way: nothing of theirs arrives. */
  | { readonly mute: Group }
  /** One way, from these to those. */
  | { readonly from: Group; readonly to: Group }
  /** All links, or those of a shape in which each machine stands at the place of its number. */
  | 'all'
  | { readonly shape: ShapeName };

type Placed<Value> = {
  readonly [Key in keyof Value]: Key extends 'links'
    ? Links
    : Key extends 'machine'
      ? Group
      : Key extends 'client' | 'as'
        ? string
        : Value[Key] extends Direction
          ? readonly [string, string]
          : Value[Key];
};

type Distributed<Value> = Value extends unknown ? Placed<Value> : never;

/** A fault of a plan, with places for machines and names for clients; a group: one fault each. */
export type ScenarioFault = Distributed<Fault>;

type PlacedPeers<Value> = {
  readonly [Key in keyof Value]: Value[Key] extends readonly number[]
    ? Group
    : Key extends 'peer' | 'by'
      ? string
      : Value[Key];
};

type DistributedPeers<Value> = Value extends unknown ? PlacedPeers<Value> : never;

/** A wish to change the voters, at one place and about others. */
export interface ScenarioWish {
  readonly at: number;
  readonly machine: string;
  readonly change: DistributedPeers<PlannedChange>;
}

type Elsewhere = { readonly do: 'go'; readonly to: string };

/** A step of a script, with places for machines. */
export type ScenarioStep = Exclude<Step, { do: 'go' }> | Elsewhere;

/** A client that follows a script. */
export interface ScenarioClient {
  readonly name: string;
  /** So many of them (1), called `name1`, `name2` … */
  readonly count?: number;
  /** Where it connects; of a group each takes the next. */
  readonly at: Group;
  /** What it sets for its session (3 s: the shortest lease). */
  readonly timeoutMs?: number;
  /** When it connects (0); of many, each a little later, until `startMs + overMs`. */
  readonly startMs?: number;
  readonly overMs?: number;
  /** How many µs in a million its clock gains (0). */
  readonly gain?: number;
  readonly steps: readonly ScenarioStep[];
}

/** What is whole once the faults are over: everything, a core, or the links of one machine. */
export type ScenarioHeal = 'all' | { readonly core: Group } | { readonly star: string };

/** One scenario. */
export interface Scenario {
  readonly name: string;
  /** What it shows, and what it is known from: a sentence each. */
  readonly shows: string;
  readonly knownFrom: string;
  /** How many peers unless a run says otherwise, and how few and how many make sense. */
  readonly peers: number;
  readonly peersMin?: number;
  readonly peersMax?: number;
  /** The last so many peers are no voters (0). */
  readonly observers?: number;
  /** With an odd number of peers the last is no voter. */
  readonly evenVoters?: boolean;
  /** For how long faults come (20 s), and everybody must get on after that (15 s). */
  readonly faultsMs?: number;
  readonly progressMs?: number;
  readonly settings?: Partial<Settings>;
  /** What a link, an end that hears nothing, and a sync take (µs). */
  readonly delayUs?: Table;
  readonly detectUs?: Table;
  readonly syncUs?: Table;
  /** How many µs in a million the clocks of groups gain. */
  readonly gains?: Readonly<Record<string, number>>;
  readonly clients: readonly ScenarioClient[];
  /** Clients besides, who do as chance has it (none). */
  readonly workload?: Partial<WorkloadPlan>;
  readonly faults: readonly ScenarioFault[];
  /** Changes of the voters (none). */
  readonly wishes?: readonly ScenarioWish[];
  readonly heal?: ScenarioHeal;
  /** Beyond what checkers watch in every run. */
  readonly expect?: readonly Expectation[];
}

/** A scenario or plan says something that cannot be; the message says where. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}
