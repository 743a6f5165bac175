/**
 * What a guard says when it refuses.
 */
import { FenceError, type FenceErrorCode } from '../../src/fence/index.ts';

/** Code and words of a refusal. */
export interface Refusal {
  readonly code: FenceErrorCode;
  readonly message: string;
}

/** The refusal that a call throws; fails on anything else. */
export function refusal(call: () => unknown): Refusal {
  try {
    call();
  } catch (error) {
    return told(error);
  }
  throw new Error('not refused');
}

/** The refusal that a promise rejects with; fails on anything else. */
export async function refusalOf(work: Promise<unknown>): Promise<Refusal> {
  const outcome = await work.then(
    () => ({ error: new Error('not refused') }),
    (error: unknown) => ({ error }),
  );
  return told(outcome.error);
}

function told(error: unknown): Refusal {
  if (!(error instanceof FenceError)) throw error;
  return { code: error.code, message: error.message };
}
