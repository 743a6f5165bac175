/**
 * How a command ends that cannot go on: one message on stderr, one exit status by cause.
 */
import process from 'node:process';
import { ElockError, EXIT } from '../errors.ts';
import type { Logger } from '../runtime/ports.ts';

/** Says why, and exits; what is no `ElockError` is a bug, and shown with its stack. */
export function exitBecause(error: unknown, logger: Logger = plainLogger): never {
  if (error instanceof ElockError) {
    logger.log('error', error.message, { code: error.code });
    process.exit(error.exitStatus);
  }
  const stack = error instanceof Error ? error.stack : String(error);
  logger.log('error', `a bug in elock: ${stack}`, { code: 'internal' });
  process.exit(EXIT.internal);
}

/** From now on whatever nobody caught ends the process: it may have left a state half changed. */
export function exitOnUncaught(logger: Logger): void {
  // A log that nobody reads any more is no reason to end.
  process.stderr.on('error', () => {});
  process.on('uncaughtException', (error) => exitBecause(error, logger));
  process.on('unhandledRejection', (reason) => exitBecause(reason, logger));
}

/** Before there is a configuration to say how to log. */
const plainLogger: Logger = {
  log: (_level, message) => void process.stderr.write(`elock: ${message}\n`),
};
