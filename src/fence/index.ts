/**
 * `elock/fence`: guards for what a lock protects. Each refuses a token older than the newest that
 * it has seen, in one step with the write.
 *
 * What is exported here is kept stable; it needs nothing but Node itself.
 */

export { Fence, type FenceOptions } from './fence.ts';
export { FenceError, type FenceErrorCode, StaleTokenError } from './fence-error.ts';
export {
  type FenceMiddleware,
  type FenceRequestsOptions,
  fenceRequests,
} from './fence-requests.ts';
export { type Change, type Content, FencedFile } from './fenced-file.ts';
export { FileTokenStore } from './file-token-store.ts';
export type { Write } from './lane.ts';
export {
  type SqlConnection,
  type SqlDialect,
  SqlFence,
  type SqlFenceOptions,
  type SqlResult,
  type SqlRow,
} from './sql-fence.ts';
export { checkToken, parseToken, type Token } from './token.ts';
export { MemoryTokenStore, type MemoryTokenStoreOptions, type TokenStore } from './token-store.ts';
