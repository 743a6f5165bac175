/**
 * What a client may ask of the core, and what it hears.
 *
 * `echo` and `help` never reach the core: the text layer answers them. A connection has at most one
 * command under way; its next one follows the response (see `text/conversation.ts`).
 */
import type { LockName, PeerId, SessionId, Token } from './types.ts';

/** One request of a client. */
export type Command =
  /** `waitMs` null: never wait. */
  | { readonly kind: 'lock'; readonly name: LockName; readonly waitMs: number | null }
  /** A `lock` that does not hold up its connection: what comes of it is told later. */
  | { readonly kind: 'queue'; readonly name: LockName; readonly waitMs: number }
  | { readonly kind: 'unlock'; readonly name: LockName }
  | { readonly kind: 'unlock-all' }
  | { readonly kind: 'conn-id' }
  | { readonly kind: 'resume'; readonly session: SessionId }
  | { readonly kind: 'set-timeout'; readonly timeoutMs: number }
  | { readonly kind: 'keepalive'; readonly silenceMs: number }
  | { readonly kind: 'ping' }
  | { readonly kind: 'quit' }
  | { readonly kind: 'stats' }
  | { readonly kind: 'info'; readonly name: LockName }
  | { readonly kind: 'locks'; readonly prefix: string }
  | { readonly kind: 'peers' };

/** How one lock stands, as told by its keeper, or, where it does not answer, by this peer's vote. */
export interface LockStatus {
  readonly name: LockName;
  readonly token: Token;
  /** Where its holder is attached; `null`: the lock is free. */
  readonly home: PeerId | null;
  /** 0 where only a vote tells of it. */
  readonly heldMs: number;
  /** 0 where only a vote tells of it. */
  readonly waiters: number;
  /** `vote`: what one voter stored, which may be out of date. */
  readonly source: 'keeper' | 'vote';
}

/** How another peer (or this one) looks from here. */
export interface PeerStatus {
  readonly peer: PeerId;
  readonly voter: boolean;
  readonly self: boolean;
  readonly reachable: boolean;
  /** Since it was last heard; `null`: not since this peer started. */
  readonly lastHeardMs: number | null;
}

/** Counts of this peer, in the order in which `stats` shows them. */
export interface Statistics {
  readonly clients: number;
  readonly locks: number;
  readonly waiting: number;
  readonly sessions: number;
  readonly kept: number;
  readonly registers: number;
  readonly peers: number;
  readonly votersReached: number;
  readonly quorum: number;
  readonly epoch: number;
}

/** Why a request was not carried out. */
export type RefusalReason =
  /** 409: another session holds it, or older claims wait for it, this session's own included. */
  | 'held'
  /** 403: this session does not hold it. */
  | 'not-owner'
  /** 403: this connection has a session already. */
  | 'has-session'
  /** 403: that session is connected somewhere. */
  | 'attached'
  /** 403: never issued, or expired. */
  | 'unknown-session'
  /** 429: more locks than a session may hold. */
  | 'too-many-locks'
  /** 429: more waiters than a keeper may queue. */
  | 'too-many-waiters'
  /** 429: more sessions than a peer may serve. */
  | 'too-many-sessions';

/** One answer to one command. */
export type Response =
  /** 200 with token and validity: for how many ms from now the lock is safe. */
  | { readonly kind: 'acquired'; readonly token: Token; readonly validityMs: number }
  /** 202: the answer that a `lock` would have been given is told when it is known. */
  | { readonly kind: 'queued' }
  | { readonly kind: 'released' }
  | { readonly kind: 'released-all'; readonly count: number }
  | { readonly kind: 'session'; readonly session: SessionId }
  | { readonly kind: 'resumed'; readonly locks: number }
  | { readonly kind: 'timeout-set'; readonly timeoutMs: number }
  | { readonly kind: 'keepalive-set'; readonly silenceMs: number }
  | { readonly kind: 'pong'; readonly validityMs: number }
  | { readonly kind: 'bye' }
  | { readonly kind: 'stats'; readonly statistics: Statistics }
  | { readonly kind: 'info'; readonly lock: LockStatus }
  | { readonly kind: 'locks'; readonly locks: readonly LockStatus[]; readonly complete: boolean }
  | {
      readonly kind: 'peers';
      readonly epoch: number;
      readonly quorum: number;
      readonly peers: readonly PeerStatus[];
    }
  | { readonly kind: 'refused'; readonly reason: RefusalReason }
  /** 503: neither yes nor no. */
  | { readonly kind: 'indeterminate'; readonly reached: number; readonly needed: number };

/** A lock that this peer can no longer vouch for: 410. */
export interface LostLock {
  readonly name: LockName;
  readonly token: Token;
}
