/**
 * The public API of the client library, `elock/client`.
 *
 * What is exported here is kept stable; everything else in the folder may change.
 */
export { Access, type AccessOptions, type TlsOptions } from './access.ts';
export {
  type AcquireOptions,
  Client,
  type ClientOptions,
  connect,
  type LockCallback,
  type LockManager,
  type LockSnapshot,
} from './client.ts';
export type { Moment, ReadClocks } from './deadline.ts';
export {
  AuthFailedError,
  ClientError,
  ClosedError,
  DisconnectedError,
  InvalidArgumentError,
  LimitError,
  LockHeldError,
  LockLostError,
  type LossCause,
  NoConnectionError,
  NoQuorumError,
  NotElockError,
  type PeerFailure,
  PeerSilentError,
  SessionExpiredError,
  UnreachableError,
  UntrustedPeerError,
  WaitTimeoutError,
} from './errors.ts';
export { ClientEvent, type ClientEventMap } from './events.ts';
export {
  LineConnection,
  type LineConnectionOptions,
  type Reply,
  type RequestOptions,
} from './line-connection.ts';
export { Lock } from './lock.ts';
export { DEFAULT_PORT, type PeerAddress, parsePeerAddress } from './peer-address.ts';
export type { ListedLock } from './rows.ts';
