/**
 * What can go wrong for a program that takes locks: one class, and one stable `code`, for each.
 *
 * A message says what was expected, what came, and what to do; only the code is for programs. An
 * error that another one led to carries it as `cause`. Owns no behaviour.
 */

/** The base of all errors of the client library. */
export abstract class ClientError extends Error {
  /** Stable: what programs decide by. */
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** `LOCK_HELD`: another session holds the lock, or waits for it, and this was a try. */
export class LockHeldError extends ClientError {
  readonly code = 'LOCK_HELD' as const;
}

/** `TIMEOUT`: the lock was not granted within `waitMs`, or a try not answered in time. */
export class WaitTimeoutError extends ClientError {
  readonly code = 'TIMEOUT' as const;
}

/** `NO_QUORUM`: no majority of the voters answered the peer. Neither yes nor no: try again. */
export class NoQuorumError extends ClientError {
  readonly code = 'NO_QUORUM' as const;
}

/** Why a lock was lost. */
export type LossCause =
  /** The peer said that it can no longer vouch for the lock (`410`). */
  | 'told'
  /** No peer answered for so long that soon somebody else could hold it. */
  | 'silence'
  /** The session is over: it could not be resumed at any peer. */
  | 'expired'
  /** The session was resumed, but without this lock. */
  | 'missing';

/** `LOCK_LOST`: the lock was granted, and is this client's no longer; stop what it guards. */
export class LockLostError extends ClientError {
  readonly code = 'LOCK_LOST' as const;
  /** The name of the lock. */
  readonly lock: string;
  /** The fencing token that it was held with. */
  readonly token: number;
  /** Why; where an error led to it (`silence`, `expired`), that is the `cause`. */
  readonly why: LossCause;

  constructor(lost: { lock: string; token: number; why: LossCause }, options?: ErrorOptions) {
    super(`lock ${quoted(lost.lock)} (token ${lost.token}) is lost: ${LOSSES[lost.why]}`, options);
    this.lock = lost.lock;
    this.token = lost.token;
    this.why = lost.why;
  }
}

const LOSSES: Readonly<Record<LossCause, string>> = {
  told: 'its peer can no longer vouch for it',
  silence: 'no peer answered in time',
  expired: 'its session has expired',
  missing: 'its session came back without it',
};

/** `SESSION_EXPIRED`: the peers know this client's session no more, nor any lock of it. */
export class SessionExpiredError extends ClientError {
  readonly code = 'SESSION_EXPIRED' as const;
}

/** What went wrong with one peer. */
export interface PeerFailure {
  /** As `HOST:PORT` or `unix:PATH`. */
  readonly peer: string;
  readonly error: ClientError;
}

/** `UNREACHABLE`: no peer could be talked to; `failures` says why, peer by peer. */
export class UnreachableError extends ClientError {
  readonly code = 'UNREACHABLE' as const;
  readonly failures: readonly PeerFailure[];

  constructor(failures: readonly PeerFailure[]) {
    const each = failures.map(({ peer, error }) => `${peer}: ${error.message}`);
    super(`no peer can be reached: ${each.join('; ')}`, { cause: failures[0]?.error });
    this.failures = failures;
  }
}

/** `NO_CONNECTION`: no connection to one peer came to stand. */
export class NoConnectionError extends ClientError {
  readonly code = 'NO_CONNECTION' as const;
}

/** `AUTH_FAILED`: a peer asks for a secret or a certificate, and this client's is none, or wrong. */
export class AuthFailedError extends ClientError {
  readonly code = 'AUTH_FAILED' as const;
}

/** `PEER_UNTRUSTED`: the certificate of a peer is none that this client trusts. */
export class UntrustedPeerError extends ClientError {
  readonly code = 'PEER_UNTRUSTED' as const;
}

/** `DISCONNECTED`: a connection ended before the answer came: it may have been carried out. */
export class DisconnectedError extends ClientError {
  readonly code = 'DISCONNECTED' as const;
}

/** `PEER_SILENT`: a peer took the connection, and then did not answer. */
export class PeerSilentError extends ClientError {
  readonly code = 'PEER_SILENT' as const;
}

/** `NOT_ELOCK`: whatever answers there does not speak the text protocol of elock. */
export class NotElockError extends ClientError {
  readonly code = 'NOT_ELOCK' as const;
}

/** `LIMIT_REACHED`: a limit of the peer (`429`) or of this library was reached. */
export class LimitError extends ClientError {
  readonly code = 'LIMIT_REACHED' as const;
}

/** `INVALID_ARGUMENT`: a name, an address or a number that cannot be right. */
export class InvalidArgumentError extends ClientError {
  readonly code = 'INVALID_ARGUMENT' as const;
}

/** `CLOSED`: the client was closed. */
export class ClosedError extends ClientError {
  readonly code = 'CLOSED' as const;
}

/** A text in a message: in quotes, its control characters shown, and cut short. */
export function quoted(text: string, charactersMax = 60): string {
  return JSON.stringify(text.length > charactersMax ? `${text.slice(0, charactersMax)}…` : text);
}
