/**
 * What the driver needs of the world. Production gives the adapters, the simulator its own world.
 *
 * Callbacks, not promises: the order in which they come is the order in which things happened, and
 * a simulator decides it. No callback is called before the method that takes it has returned.
 */
import type { Command, LostLock, Response } from '../core/command.ts';
import type { Change, DurableState, Effect, Event } from '../core/event.ts';
import type {
  ConnectionId,
  Incarnation,
  Instant,
  LockName,
  Nonce,
  Now,
  PeerId,
} from '../core/types.ts';
import type { FarewellCause } from '../wire/control-codec.ts';

/** What is driven: `Peer`, or anything else with the same one step. */
export interface StepMachine {
  /** When to send the next `tick`, in `Now.home`; Infinity: never. */
  readonly deadline: Instant;
  /** Handles one event; the effects are performed in order. */
  step(event: Event, now: Now): readonly Effect[];
}

/** Time, and the only timer. */
export interface Clock {
  /** Both readings in whole ms, never falling (rule 12). */
  now(): Now;
  /** Calls once, when `now().home` has reached `at` or soon after; replaces the alarm set before. */
  alarm(at: Instant, ring: () => void): void;
  /** Calls once, at the end of this turn of the loop: when input at hand has been taken in. */
  endOfTurn(call: () => void): void;
  /** Ends the alarm. */
  stop(): void;
}

/** Durable registers (rules 1, 2, 7). */
export interface RegisterStore {
  /**
   * Writes changes, all or nothing; calls back in the order of the calls, once they are durable.
   * An error is fatal to the peer: a voter that may have forgotten must not vote.
   */
  write(changes: readonly Change[], done: (error: Error | null) => void): void;
}

/** What was on disk at the start. */
export interface OpenedStore extends RegisterStore {
  readonly durable: DurableState;
}

/** What a transport tells the driver. */
export interface TransportListener {
  /**
   * Hello was exchanged; replaces the channel before, without a `closed`.
   *
   * @param asleep - the channel is only made once something is to be said
   */
  opened(peer: PeerId, incarnation: Incarnation, nonce?: Nonce, asleep?: boolean): void;
  closed(peer: PeerId): void;
  /** One frame of that channel, whole: see `wire/codec.ts`. */
  frame(peer: PeerId, frame: Uint8Array): void;
}

/** One ordered channel to each peer that is reached. */
export interface Transport {
  /** To be called once, before anything else. */
  listen(listener: TransportListener): void;
  /** Frames of one turn, joined; dropped where there is no channel. */
  send(peer: PeerId, frames: Uint8Array): void;
  /** Closes the channel, which may come back; the other side is told the cause. */
  disconnect(peer: PeerId, reason: string, cause: FarewellCause): void;
}

/** Severity of a line in the log. */
export type Level = 'debug' | 'info' | 'warn' | 'error';

/** Structured lines; a field named like a secret is the caller's mistake. */
export interface Logger {
  log(level: Level, message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Where answers to clients go: conversations over sockets, real or simulated. */
export interface Clients {
  /** The one response to the command under way on that connection. */
  respond(connection: ConnectionId, response: Response): void;
  /** A line `210`: what came of a `queue`. */
  tell(connection: ConnectionId, lock: LockName, response: Response): void;
  /** A line `410` for each, then the connection is closed. */
  lost(connection: ConnectionId, locks: readonly LostLock[]): void;
  /** Flush what was answered, then close. */
  close(connection: ConnectionId): void;
}

/** What connections tell the driver; it may be told so from inside a method of `Clients`. */
export interface ClientEvents {
  connect(): ConnectionId;
  /** One at a time for a connection; its response may come before this returns. */
  command(connection: ConnectionId, command: Command): void;
  /** Bytes came on a connection that asked for `keepalive`. */
  input(connection: ConnectionId): void;
  /** The client shut its sending side; commands that it sent before may still follow. */
  inputEnded(connection: ConnectionId): void;
  /** Once, and nothing more of that connection; `broken`: its last answers may not have arrived. */
  disconnected(connection: ConnectionId, broken: boolean): void;
}
