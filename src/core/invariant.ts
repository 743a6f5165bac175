/**
 * Broken invariants are bugs: these crash, in production too, and nobody catches them.
 */

/** A state that the protocol rules out was reached. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Crashes unless `condition` holds. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** The end of every exhaustive `switch`. */
export function assertNever(value: never): never {
  throw new InvariantError(`unexpected value: ${JSON.stringify(value)}`);
}
