/**
 * What peers say to each other.
 *
 * Each message travels in an envelope of (epoch, Lamport counter); cluster id, sender and the
 * sender's incarnation belong to the channel (rule 19). Answers repeat the `request` they answer,
 * a number that its maker never uses twice within one incarnation. Durations travel, instants
 * never do. The wire form is in `wire/codec.ts`.
 */
import type {
  Ballot,
  Configuration,
  Holder,
  Incarnation,
  LockName,
  LockRecord,
  PeerId,
  RegisterName,
  RegisterRecord,
  SessionId,
  SessionRecord,
  Stamp,
  Token,
} from './types.ts';

// Writer to voter, and back (rules 1 to 6)

/** Asks for a promise (rule 1). */
export interface Prepare {
  readonly kind: 'prepare';
  readonly request: number;
  readonly register: RegisterName;
  readonly ballot: Ballot;
}

/** The promise, and what this voter has accepted (rule 1). */
export interface PromiseAnswer {
  readonly kind: 'promise';
  readonly request: number;
  /** `null` when this voter does not know the register. */
  readonly accepted: { readonly ballot: Ballot; readonly record: RegisterRecord } | null;
  /** The token of the voter's floor, with which an unknown lock is free (rule 7). */
  readonly floorToken: Token;
  /** For a session: how long this voter would still refuse *expired*; else 0 (rule 14). */
  readonly leaseLeftMs: number;
}

/** Asks a voter to accept a record (rule 2). */
export interface Accept {
  readonly kind: 'accept';
  readonly request: number;
  readonly register: RegisterName;
  readonly ballot: Ballot;
  readonly record: RegisterRecord;
  /** Who may write next without asking. */
  readonly heir: PeerId;
  readonly heirIncarnation: Incarnation;
  /** Whether a quorum holds it under this ballot: no lease is left to wait for (rule 12). */
  readonly chosen: boolean;
}

/** The voter holds that ballot's record durably (rule 2). */
export interface Accepted {
  readonly kind: 'accepted';
  readonly request: number;
}

/** Tells the heir, too, that a voter accepted: saves a hop of a hand-over (rule 2). */
export interface Inherit {
  readonly kind: 'inherit';
  readonly register: RegisterName;
  /** The ballot that was accepted, not the one that the heir may use next. */
  readonly ballot: Ballot;
  readonly record: RegisterRecord;
}

/** A prepare or accept was refused (rules 1, 2, 12). */
export interface Refused {
  readonly kind: 'refused';
  readonly request: number;
  /** What the voter has promised. */
  readonly promised: Ballot;
  /** Above 0: refused for the lease that is left, not for the ballot. */
  readonly leaseLeftMs: number;
}

/** To the peer that had the promise before and lost it (rule 2). */
export interface Superseded {
  readonly kind: 'superseded';
  readonly register: RegisterName;
  readonly promised: Ballot;
}

/** Every voter holds this free or expired record: it may be forgotten (rule 7). */
export interface Forget {
  readonly kind: 'forget';
  readonly register: RegisterName;
  readonly ballot: Ballot;
}

// Leases (rules 12, 13)

/** A home lives. */
export interface Heartbeat {
  readonly kind: 'heartbeat';
  readonly sequence: number;
}

/** A voter heard that heartbeat. */
export interface Alive {
  readonly kind: 'alive';
  readonly sequence: number;
}

/** A voter accepted another record for a session of the receiver's (rule 13). */
export interface Moved {
  readonly kind: 'moved';
  readonly session: SessionId;
  readonly ballot: Ballot;
  readonly record: SessionRecord;
}

/** The sender, its home, vouches for the session no more, and never will again in this life. */
export interface Waive {
  readonly kind: 'waive';
  readonly session: SessionId;
}

/** On a new channel: does the voter hold these records of the sender's sessions? (rule 13) */
export interface Confirm {
  readonly kind: 'confirm';
  readonly sessions: readonly { readonly session: SessionId; readonly attachment: number }[];
}

/** Those of the asked that the voter holds, live, with that home, incarnation and attachment. */
export interface Confirmed {
  readonly kind: 'confirmed';
  readonly sessions: readonly { readonly session: SessionId; readonly attachment: number }[];
  /** Those of the asked that it does not hold so. */
  readonly missing: readonly SessionId[];
}

/** On a new channel, by a keeper: whose locks these are, if not its own (rule 8). */
export interface Keeps {
  readonly kind: 'keeps';
  readonly registers: readonly RegisterName[];
}

// Homes and keepers (rules 8 to 11)

/** A claim as it stands in a keeper's queue. */
export interface QueuedClaim {
  readonly session: SessionId;
  readonly attachment: number;
  readonly stamp: Stamp;
}

/** A home asks the keeper for a lock. */
export interface Claim {
  readonly kind: 'claim';
  readonly lock: LockName;
  readonly claim: QueuedClaim;
  /** False: answer at once, never queue. */
  readonly waits: boolean;
}

/** A chosen record names the claim; the keeper stays where it is. */
export interface Granted {
  readonly kind: 'granted';
  readonly lock: LockName;
  readonly stamp: Stamp;
  readonly token: Token;
}

/** Sent ahead with the accepts: what the heir will keep once the voters have told it (`inherit`). */
export interface Handover {
  readonly kind: 'handover';
  readonly lock: LockName;
  /** The ballot under which `record` is being accepted. */
  readonly ballot: Ballot;
  readonly record: LockRecord;
  readonly queue: readonly QueuedClaim[];
}

/** To a claim that does not wait: held by another. */
export interface Held {
  readonly kind: 'held';
  readonly lock: LockName;
  readonly stamp: Stamp;
}

/** To a claim that waits: it stands in the queue. To any, released ones too: nothing is decided. */
export interface Queued {
  readonly kind: 'queued';
  readonly lock: LockName;
  readonly stamp: Stamp;
}

/** To a claim that waits: the queue is full. */
export interface Busy {
  readonly kind: 'busy';
  readonly lock: LockName;
  readonly stamp: Stamp;
}

/** Not the keeper, or no longer: ask `owner`; `null`: nobody known. */
export interface Ask {
  readonly kind: 'ask';
  readonly lock: LockName;
  readonly stamp: Stamp;
  readonly owner: PeerId | null;
}

/** The claim lives no longer. */
export interface Withdraw {
  readonly kind: 'withdraw';
  readonly lock: LockName;
  readonly stamp: Stamp;
}

/** The holder lets go. */
export interface Release {
  readonly kind: 'release';
  readonly lock: LockName;
  readonly stamp: Stamp;
}

/** A chosen record no longer names the claim. */
export interface Released {
  readonly kind: 'released';
  readonly lock: LockName;
  readonly stamp: Stamp;
}

/** A keeper asks a holder's home whether the claim lives (rule 10). */
export interface Inquire {
  readonly kind: 'inquire';
  readonly lock: LockName;
  readonly holder: Holder;
}

/** It lives, or its home is not yet in a state to say no (rule 10). */
export interface Lives {
  readonly kind: 'lives';
  readonly lock: LockName;
  readonly stamp: Stamp;
}

/** The home vouches for the session no more: let the voters decide whether it is over (rule 14). */
export interface Abandoned {
  readonly kind: 'abandoned';
  readonly lock: LockName;
  readonly stamp: Stamp;
}

/** To the home that a session's record names, which nobody wrote for long: is it still there? */
export interface Doubt {
  readonly kind: 'doubt';
  readonly session: SessionId;
}

// Sessions that move (rule 16)

/** Asks a session's home, or its maker, to let it go. */
export interface Resume {
  readonly kind: 'resume';
  readonly request: number;
  readonly session: SessionId;
}

/**
 * The home's answer. After `detached` it vouches no more; nor after `blank`, of a session that has
 * never been written; `over`: it is being ended there, for its client stayed away too long.
 */
export interface Resumed {
  readonly kind: 'resumed';
  readonly request: number;
  readonly outcome: 'attached' | 'detached' | 'blank' | 'unknown' | 'over';
  /** Of a session that has no record yet. */
  readonly timeoutMs: number;
}

/** Asks a voter which locks its records give to a session; from the `after`th name on. */
export interface Holdings {
  readonly kind: 'holdings';
  readonly request: number;
  readonly session: SessionId;
  /** That with which the session has come to the home that asks. */
  readonly attachment: number;
  /** Only names above this one, by code unit; empty: from the first. */
  readonly after: LockName;
}

/** A page of them, sorted by code unit. */
export interface Holding {
  readonly kind: 'holding';
  readonly request: number;
  readonly locks: readonly LockName[];
  /** False: ask again, after the last of these. */
  readonly last: boolean;
}

// Changing the voters (rules 17 and 18)

/** Asks for the registers of a peer that took part in the epoch before, or does in this one. */
export interface Fetch {
  readonly kind: 'fetch';
  readonly request: number;
  /** 0: from the first. */
  readonly page: number;
}

/** A page of them. */
export interface Fetched {
  readonly kind: 'fetched';
  readonly request: number;
  readonly page: number;
  /** Whether the sender takes part in this epoch: then it alone is enough. */
  readonly serving: boolean;
  readonly registers: readonly FetchedRegister[];
  readonly floorRound: number;
  readonly floorToken: Token;
  /** False: ask for the next page. */
  readonly last: boolean;
}

/** What a voter accepted, to be carried over. */
export interface FetchedRegister {
  readonly register: RegisterName;
  readonly ballot: Ballot;
  readonly record: RegisterRecord;
}

/** From now on the sender takes part in this epoch: what it was asked before was not answered. */
export interface Serving {
  readonly kind: 'serving';
}

/** Asks a voter for how long it has not heard another: is that one lost? */
export interface SilenceOf {
  readonly kind: 'silence-of';
  readonly request: number;
  readonly peer: PeerId;
}

/** For how long, as far as the sender served and could have heard it. */
export interface Silence {
  readonly kind: 'silence';
  readonly request: number;
  readonly forMs: number;
}

// What people look at

/** Asks a keeper how a lock stands. */
export interface Inspect {
  readonly kind: 'inspect';
  readonly request: number;
  readonly lock: LockName;
}

/** How it stands, as this peer knows. */
export interface Inspected {
  readonly kind: 'inspected';
  readonly request: number;
  /** False: the sender is not the keeper. */
  readonly keeper: boolean;
  readonly record: LockRecord;
  readonly waiters: number;
  readonly heldMs: number;
}

// Configuration (rule 19)

/** The sender's configuration, to a peer that knows only an older one. */
export interface Configured {
  readonly kind: 'configured';
  readonly configuration: Configuration;
}

/** Asks for the receiver's configuration, which is newer. */
export interface AskConfiguration {
  readonly kind: 'ask-configuration';
}

/** Everything a peer may say. */
export type Message =
  | Prepare
  | PromiseAnswer
  | Accept
  | Accepted
  | Inherit
  | Refused
  | Superseded
  | Forget
  | Heartbeat
  | Alive
  | Moved
  | Waive
  | Confirm
  | Confirmed
  | Keeps
  | Claim
  | Granted
  | Handover
  | Held
  | Queued
  | Busy
  | Ask
  | Withdraw
  | Release
  | Released
  | Inquire
  | Lives
  | Abandoned
  | Doubt
  | Resume
  | Resumed
  | Holdings
  | Holding
  | Fetch
  | Fetched
  | Serving
  | SilenceOf
  | Silence
  | Inspect
  | Inspected
  | Configured
  | AskConfiguration;
