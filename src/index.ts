/**
 * The public API: runs a peer inside another program, as `elock start` does.
 *
 * What is exported here is kept stable; everything else in the package may change.
 */
export { type Config, type ConfigKey, createConfig } from './config.ts';
export type { PeerId } from './core/types.ts';
export { Daemon, type DaemonOptions } from './daemon.ts';
export { ElockError, type ErrorCode, EXIT } from './errors.ts';
export type { Level, Logger } from './runtime/ports.ts';
