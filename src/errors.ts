/**
 * Named errors with stable codes, and the exit status of each fatal cause.
 *
 * A message says what was expected, what came, and what to do. Answers to clients are not errors.
 */

/** Exit statuses; the first block follows sysexits(3). */
export const EXIT = {
  ok: 0,
  /** Anything that has no status of its own: a bug. */
  internal: 70,
  usage: 64,
  /** The configuration, or a value in it, is wrong. */
  configuration: 78,
  /** A certificate, a key or a file with a secret cannot be used. */
  credentials: 66,
  /** The store is damaged, or was written by a newer version. */
  storeDamaged: 65,
  /** Another process uses the data directory. */
  dataDirectoryInUse: 75,
  /** The disk refused a write: this peer must not vote on. */
  storeFailed: 74,
  /** A port or address could not be listened on. */
  addressInUse: 69,
  /** Other peers remember a higher incarnation: this is a restored backup (rule 20). */
  staleIncarnation: 73,
  /** No peer could be reached, or none that reaches a quorum. */
  unavailable: 69,
  /** The cluster will not change so: it makes no sense, or not at this moment. */
  changeRefused: 1,
  /** This user may not ask the peer; no peer lets this client in, or none can be trusted. */
  notAllowed: 77,
  /** The lock was not acquired in time. */
  notAcquired: 75,
  /** The lock was lost, and the command that it guarded was stopped. */
  lockLost: 76,
  /** As shells do: a command that is no program, or is not there. */
  commandNotRunnable: 126,
  commandNotFound: 127,
} as const;

/** What went wrong, as a stable word. */
export type ErrorCode = Exclude<keyof typeof EXIT, 'ok'>;

/** A fatal error with its cause's own exit status. */
export class ElockError extends Error {
  override readonly name = 'ElockError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** What the process exits with. */
  get exitStatus(): number {
    return EXIT[this.code];
  }
}
