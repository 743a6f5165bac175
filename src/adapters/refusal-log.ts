/**
 * Says loudly who was refused and why: once for each, however often they come back.
 *
 * Bounded: beyond REFUSALS_LOGGED_MAX one last line says that no more are named, so that strangers
 * who come under ever new names can fill neither memory nor disk.
 */
import { REFUSALS_LOGGED_MAX } from '../limits.ts';
import type { Logger } from '../runtime/ports.ts';

/** Who was refused already. */
export class RefusalLog {
  readonly #logger: Logger;
  readonly #named = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** True when it was news, and logged as a warning. */
  refused(who: string, reason: string, fields: Readonly<Record<string, unknown>>): boolean {
    const key = `${who} ${reason}`;
    if (this.#named.has(key) || this.#named.size > REFUSALS_LOGGED_MAX) return false;
    this.#named.add(key);
    const isLast = this.#named.size > REFUSALS_LOGGED_MAX;
    if (isLast) this.#logger.log('warn', 'many strangers are refused; no more are named', {});
    else this.#logger.log('warn', 'peer refused', { ...fields, reason });
    return !isLast;
  }
}
