/**
 * One peer: composes voter, writer, keeper, home and leases; the only `step`.
 *
 * Owns all state of the protocol in memory; never touches time, randomness or the world by itself.
 */
import type { DurableState, Effect, Event } from './event.ts';
import type { Settings } from './settings.ts';
import type { Configuration, Incarnation, Instant, Now, PeerId, Random } from './types.ts';

/** What a peer is made of. */
export interface PeerOptions {
  readonly self: PeerId;
  /** Raised durably before this. */
  readonly incarnation: Incarnation;
  readonly configuration: Configuration;
  readonly settings: Settings;
  readonly durable: DurableState;
  readonly random: Random;
  readonly now: Now;
}

/** The whole protocol as a synchronous, deterministic state machine. */
export class Peer {
  constructor(_options: PeerOptions) {}

  /** When to send the next `tick`, in `Now.home`; Infinity: never. */
  get deadline(): Instant {
    return Number.POSITIVE_INFINITY;
  }

  /** Handles one event; the effects are to be performed in order (see `event.ts`). */
  step(_event: Event, _now: Now): readonly Effect[] {
    return [];
  }
}
