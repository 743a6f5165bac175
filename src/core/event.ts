/**
 * What happens to a peer, what it does about it, and in which order.
 *
 * The contract: `Peer.step(event, now)` first applies every expiry due at `now`, then handles the
 * event, and returns effects in order. The driver performs them left to right, batch after batch,
 * but for one thing: a `send` with `durable` set is held back until every `persist` before it (of
 * this batch and of earlier ones) is on disk. Those are a voter's words; nothing is spoken before
 * it is durable. What homes and keepers say rests on votes that were durable when they were spoken,
 * and is not held back. A message to oneself leaves as a `send` and returns as a `message`.
 */
import type { Command, LostLock, Response } from './command.ts';
import type { MembershipChange } from './configuration.ts';
import type { Message } from './message.ts';
import type {
  Ballot,
  Configuration,
  ConnectionId,
  Epoch,
  Incarnation,
  LockName,
  Nonce,
  PeerId,
  RegisterName,
  RegisterRecord,
  SessionId,
  Standing,
  Token,
} from './types.ts';

/** Everything that can happen to a peer. */
export type Event =
  /** Time has passed; sent when `Peer.deadline` is reached, harmless at any time. */
  | { readonly kind: 'tick' }
  /** A channel stands, hello exchanged; it replaces any older one to that peer. */
  | {
      readonly kind: 'channel-opened';
      readonly peer: PeerId;
      readonly incarnation: Incarnation;
      /** Default: not told. */
      readonly nonce?: Nonce;
      /** It is only made once something is to be said: not for a heartbeat. Neither side votes. */
      readonly asleep?: boolean;
    }
  | { readonly kind: 'channel-closed'; readonly peer: PeerId }
  /** That peer, which has a channel, is said to have a configuration of that epoch (rule 19). */
  | { readonly kind: 'epoch-heard'; readonly peer: PeerId; readonly epoch: Epoch }
  /** Came over the channel that stands; `from` is authenticated, never read from the message. */
  | {
      readonly kind: 'message';
      readonly from: PeerId;
      readonly epoch: Epoch;
      /** The sender's Lamport counter. */
      readonly counter: number;
      readonly message: Message;
    }
  | { readonly kind: 'command'; readonly connection: ConnectionId; readonly command: Command }
  /** Bytes came from a client that asked for `keepalive`. */
  | { readonly kind: 'input'; readonly connection: ConnectionId }
  /** The client shut its sending side: it may be gone, or may still read. */
  | { readonly kind: 'input-ended'; readonly connection: ConnectionId }
  /** `broken`: it ended with an error, so that what was last written may not have arrived. */
  | { readonly kind: 'disconnected'; readonly connection: ConnectionId; readonly broken: boolean }
  /** Somebody who runs this peer wants the voters changed (rule 17); answered once. */
  | { readonly kind: 'reconfigure'; readonly request: number; readonly change: MembershipChange };

/** What came of the wish to change the voters. */
export type MembershipOutcome =
  /** Chosen, and a quorum of the new voters takes part; or nothing had to change. */
  | { readonly kind: 'changed'; readonly configuration: Configuration }
  /** Chosen, but no quorum of the new voters was heard to take part in time. */
  | { readonly kind: 'chosen'; readonly configuration: Configuration }
  /** Nothing was asked of the voters. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Not agreed on in time; it may be yet. */
  | { readonly kind: 'indeterminate'; readonly reached: number; readonly needed: number };

/** What a voter keeps of one register. */
export interface RegisterState {
  readonly promised: Ballot;
  /** `null`: promised, nothing accepted yet. */
  readonly accepted: { readonly ballot: Ballot; readonly record: RegisterRecord } | null;
}

/** At least as high as all that a voter has forgotten (rule 7). */
export interface Floor {
  readonly round: number;
  readonly token: Token;
}

/** An epoch, and what a peer's registers are worth there (rule 18). */
export interface EpochState {
  readonly configuration: Configuration;
  readonly standing: Standing;
}

/** One thing that must survive a crash. */
export type Change =
  | { readonly kind: 'register'; readonly name: RegisterName; readonly state: RegisterState | null }
  | { readonly kind: 'floor'; readonly floor: Floor }
  /** The epoch that this peer is in (rule 18). */
  | { readonly kind: 'epoch'; readonly state: EpochState }
  /** The highest incarnation known of another peer, and that life's nonce (rule 20). */
  | {
      readonly kind: 'remember';
      readonly peer: PeerId;
      readonly incarnation: Incarnation;
      readonly nonce: Nonce;
    };

/** What the store gave back at the start. */
export interface DurableState {
  readonly registers: Iterable<readonly [RegisterName, RegisterState]>;
  readonly floor: Floor;
  /** The epoch known last; `null`: none since the configuration that the peer was given. */
  readonly epoch: EpochState | null;
  readonly remembered: Iterable<readonly [PeerId, Incarnation, Nonce?]>;
}

/** Everything a peer can do to the world. */
export type Effect =
  /** All or nothing, in order. */
  | { readonly kind: 'persist'; readonly changes: readonly Change[] }
  | {
      readonly kind: 'send';
      readonly to: PeerId;
      readonly epoch: Epoch;
      readonly counter: number;
      readonly message: Message;
      /** Held back until every earlier `persist` is durable. */
      readonly durable: boolean;
      /** May leave together with what is said next to that peer: a heartbeat, at the latest. */
      readonly patient?: true;
    }
  /** The one response to the command under way on that connection. */
  | { readonly kind: 'respond'; readonly connection: ConnectionId; readonly response: Response }
  /** What came of a `queue`; answers nothing, and never comes before the response to it. */
  | {
      readonly kind: 'tell';
      readonly connection: ConnectionId;
      readonly lock: LockName;
      readonly response: Response;
    }
  /** Tell these losses (410), instead of any response under way, then close. */
  | {
      readonly kind: 'lost';
      readonly connection: ConnectionId;
      readonly locks: readonly LostLock[];
    }
  /** Close the connection: its silence was too long, or its session moved. */
  | { readonly kind: 'close'; readonly connection: ConnectionId }
  /** Close the channel to a restored backup (rule 20), or to one shut out; for the log: why. */
  | {
      readonly kind: 'disconnect';
      readonly peer: PeerId;
      readonly cause: 'stale-incarnation' | 'removed';
      readonly reason: string;
    }
  /** What this peer goes by from now on, and whose channels are to be refused. */
  | {
      readonly kind: 'configured';
      readonly configuration: Configuration;
      readonly refused: readonly PeerId[];
    }
  /** What came of a `reconfigure`. */
  | {
      readonly kind: 'reconfigured';
      readonly request: number;
      readonly outcome: MembershipOutcome;
    }
  /** For logs, traces and coverage; changes nothing. */
  | { readonly kind: 'observe'; readonly observation: Observation };

/** What is worth a line in a log or a count in a simulator run. */
export type Observation =
  | {
      readonly kind: 'granted';
      readonly lock: LockName;
      readonly session: SessionId;
      readonly token: Token;
    }
  | {
      readonly kind: 'chosen';
      readonly register: RegisterName;
      readonly ballot: Ballot;
      readonly record: RegisterRecord;
    }
  | { readonly kind: 'session-lost'; readonly session: SessionId; readonly locks: number }
  | { readonly kind: 'session-expired'; readonly session: SessionId; readonly home: PeerId }
  | { readonly kind: 'session-taken'; readonly session: SessionId; readonly from: PeerId | null }
  | {
      readonly kind: 'quorum';
      readonly reached: number;
      readonly needed: number;
      readonly has: boolean;
    }
  | { readonly kind: 'refused-peer'; readonly peer: PeerId; readonly reason: string }
  /** This peer has learned of an epoch. */
  | { readonly kind: 'epoch'; readonly configuration: Configuration }
  /** This voter has merged, and takes part in its epoch (rule 18). */
  | { readonly kind: 'serving'; readonly epoch: Epoch; readonly registers: number };
