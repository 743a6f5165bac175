/**
 * What the parts of one simulated world share.
 *
 * Names only; `simulation.ts` makes it and owns how it runs.
 */
import type { PeerOptions } from '../src/core/peer.ts';
import type { Settings } from '../src/core/settings.ts';
import type { Configuration, PeerId } from '../src/core/types.ts';
import type { StepMachine } from '../src/runtime/ports.ts';
import type { Checkers } from './checkers/checkers.ts';
import type { Client } from './client.ts';
import type { History } from './history.ts';
import type { Machine } from './machine.ts';
import type { Marks } from './marks.ts';
import type { SimulatedNetwork } from './network.ts';
import type { Plan } from './plan.ts';
import type { Recorder } from './recorder.ts';
import type { FencedResource, UnguardedResource } from './resource.ts';
import type { Scheduler } from './scheduler.ts';
import type { Journal } from './trace.ts';

/** Makes the core of a peer: the production one, or one with a seeded bug. */
export type CreatePeer = (options: PeerOptions) => StepMachine;

/** One world. */
export interface World {
  readonly plan: Plan;
  readonly scheduler: Scheduler;
  readonly journal: Journal;
  readonly network: SimulatedNetwork;
  readonly checkers: Checkers;
  readonly history: History;
  readonly resource: FencedResource;
  readonly unguarded: UnguardedResource;
  readonly marks: Marks;
  readonly configuration: Configuration;
  readonly settings: Settings;
  readonly createPeer: CreatePeer;
  /** Hears of everything; `null`: nobody records. */
  readonly recorder: Recorder | null;
  readonly machines: readonly Machine[];
  readonly clients: readonly Client[];
  /** Machines that clients may choose: in the progress phase only those that are served. */
  readonly served: readonly number[];
  /** The machine on which that peer lives or lived. */
  nameOf(peer: PeerId): string;
}
