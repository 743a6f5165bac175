/**
 * The nouns of the protocol: who speaks, what is kept, and in what order things happened.
 *
 * Owns no behaviour. Every identifier is branded, so that one cannot be passed for another.
 * Names are kept as strings of one code unit a byte (latin1): bytes stay distinct, and comparing
 * strings by code unit compares the bytes.
 */

declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** A peer's libp2p id in its usual base58 form. */
export type PeerId = Brand<string, 'PeerId'>;
/** What a lock is called: bytes without space and LF, one code unit a byte. */
export type LockName = Brand<string, 'LockName'>;
/** A session's identity and secret, as the client is told it. */
export type SessionId = Brand<string, 'SessionId'>;
/** Names a register: one of a lock or one of a session; see `register.ts`. */
export type RegisterName = Brand<string, 'RegisterName'>;
/** Hash of the first configuration, 64 hexadecimal digits. */
export type ClusterId = Brand<string, 'ClusterId'>;
/** A client's connection to this peer; never used again within one incarnation. */
export type ConnectionId = Brand<number, 'ConnectionId'>;
/** Raised durably by a peer at every start; 1 is the first. */
export type Incarnation = number;

/** Tells two lives of one incarnation apart: drawn at each start; 0: not told (rule 20). */
export type Nonce = number;
/** The number of a configuration; 1 is the first. */
export type Epoch = number;
/** A fencing token: 0 was never given; per lock strictly increasing. */
export type Token = number;
/** A moment in this peer's own milliseconds; never sent to another peer. */
export type Instant = number;

/** The peer of a ballot that belongs to nobody: sorts above every peer id (rule 7). */
export const NOBODY = '~' as PeerId;

/**
 * The right to write a register once: carries one record for ever.
 *
 * Ordered by (epoch, round, peer, incarnation).
 */
export interface Ballot {
  readonly epoch: Epoch;
  readonly round: number;
  readonly peer: PeerId;
  readonly incarnation: Incarnation;
}

/** Names a claim and orders it by age: lower is older (rule 9). */
export interface Stamp {
  /** Lamport counter of the home when the claim was made. */
  readonly counter: number;
  readonly home: PeerId;
  readonly incarnation: Incarnation;
}

/** Who holds a lock: a session, how often it had moved, and the claim that was granted. */
export interface Holder {
  readonly session: SessionId;
  readonly attachment: number;
  readonly stamp: Stamp;
}

/** The value of a lock's register. */
export interface LockRecord {
  readonly kind: 'lock';
  readonly token: Token;
  readonly holder: Holder | null;
}

/** The value of the register in which the voters of an epoch agree on the next (rule 17). */
export interface ConfigurationRecord {
  readonly kind: 'configuration';
  readonly configuration: Configuration;
}

/** The value of a session's register. */
export interface SessionRecord {
  readonly kind: 'session';
  readonly home: PeerId;
  readonly incarnation: Incarnation;
  /** How often the session has moved or come back; rises with every change of hands (rule 16). */
  readonly attachment: number;
  /** For how many ms the locks outlive the connection. */
  readonly timeoutMs: number;
  readonly state: 'live' | 'expired';
}

/** What a register holds. */
export type RegisterRecord = LockRecord | SessionRecord | ConfigurationRecord;

/** What the voters of one epoch agreed on for the next. Lists are distinct, sorted by code unit. */
export interface Configuration {
  readonly cluster: ClusterId;
  readonly epoch: Epoch;
  readonly voters: readonly PeerId[];
  /** The voters of the epoch before: their registers are carried over (rule 18); at first none. */
  readonly before: readonly PeerId[];
  /** How many voters there should be: spares become voters while there are fewer. */
  readonly wanted: number;
  /** Taken out of the voters by hand: they serve clients, and vote again only when told to. */
  readonly resting: readonly PeerId[];
  /** Shut out of the cluster for good. */
  readonly removed: readonly PeerId[];
}

/**
 * What this peer's registers are worth in the present epoch (rule 18).
 *
 * - `serving`: of a voter of this epoch that has merged what was chosen before: it takes part
 * - `sealed`: they stand as they were when the epoch before ended, in which this peer took part
 * - `absent`: those of a voter of the epoch before that took no part in it: there are none, for sure
 * - `empty`: they are not to be read: this peer was no voter of the epoch before, or votes no more
 */
export type Standing = 'serving' | 'sealed' | 'absent' | 'empty';

/**
 * One reading of a peer's clocks, both in ms and never falling.
 *
 * @see rule 12: elapsed time is the larger of what the monotonic and the suspend-counting clock
 * say at a home, the smaller at a voter.
 */
export interface Now {
  /** For everything a home decides: never behind either clock. */
  readonly home: Instant;
  /** For everything a voter decides: never ahead of either clock. */
  readonly voter: Instant;
}

/** Uniform integers in [0, 2^32); unguessable in production, from the seed in simulation. */
export type Random = () => number;
