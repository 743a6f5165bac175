/**
 * What is told to whoever records a run, as it happens.
 *
 * Names only: `report/` collects a page from it. A recorder changes nothing and draws nothing; a
 * run is the same, to the digest, with and without one. Times are the world's (`scheduler.now`).
 */
import type { Change, Effect, Event } from '../src/core/event.ts';
import type { Machine } from './machine.ts';
import type { Note } from './trace.ts';
import type { World } from './world.ts';

/** What became of a letter; one that is only `sent` was under way when the run ended. */
export type Fate = 'sent' | 'heard' | 'refused' | 'lost';

/** Frames between peers, or text between a client and a peer; told apart by identity. */
export interface Letter {
  readonly bytes: Uint8Array | string;
}

/** Hears of everything that happens in one world. */
export interface Recorder {
  /** The world is made, and nothing has happened. */
  begins(world: World): void;
  /** Something with a text, as in the trace. */
  noted(note: Note, who: string, whom: string, detail: string): void;
  /** Ends are names: `n1`, `c2`. */
  letter(fate: Fate, from: string, to: string, letter: Letter): void;
  /** The core of a machine has handled an event. */
  stepped(machine: Machine, event: Event, effects: readonly Effect[]): void;
  /** A change has become durable there. */
  durable(machine: Machine, change: Change): void;
}
