/**
 * What a guard says when it refuses: errors with stable codes.
 *
 * Errors of the caller's own write are never wrapped: they pass through as they are.
 */

/**
 * What went wrong, as a stable word.
 *
 * - `STALE_TOKEN`: a newer token was seen; the lock is another's by now
 * - `BAD_TOKEN`: not a whole number from 1 to 2^53 − 1
 * - `NO_TOKEN`: a request without a token
 * - `BAD_RESOURCE`: not a name of 1 to 1,024 bytes of well-formed text without NUL
 * - `LIMIT_REACHED`: too many resources, or writes that wait; nothing was written
 * - `STORE_FAILED`: the token could not be remembered or read, or the file not be written
 */
export type FenceErrorCode =
  | 'STALE_TOKEN'
  | 'BAD_TOKEN'
  | 'NO_TOKEN'
  | 'BAD_RESOURCE'
  | 'LIMIT_REACHED'
  | 'STORE_FAILED';

/** A refusal of a guard. */
export class FenceError extends Error {
  override readonly name: string = 'FenceError';
  readonly code: FenceErrorCode;

  constructor(code: FenceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Code `STALE_TOKEN`: the write was refused, and changed nothing. */
export class StaleTokenError extends FenceError {
  override readonly name = 'StaleTokenError';
  readonly resource: string;
  /** The token that was refused. */
  readonly token: number;
  /** The newest token seen. */
  readonly newest: number;

  constructor(resource: string, token: number, newest: number) {
    super(
      'STALE_TOKEN',
      `token ${token} is stale: '${resource}' has seen ${newest}. The lock was lost meanwhile; ` +
        'acquire it again, and begin anew.',
    );
    this.resource = resource;
    this.token = token;
    this.newest = newest;
  }
}

/** Code `STORE_FAILED`, with the cause's own message; refusals pass as they are. */
export function storeFailure(what: string, cause: unknown): FenceError {
  if (cause instanceof FenceError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FenceError('STORE_FAILED', `${what}: ${reason}`, { cause });
}
