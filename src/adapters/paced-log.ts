/**
 * A line of the log for what strangers can cause as often as they like.
 *
 * Owns the pace: the first is told at once, those that follow within a while as one, with how many
 * they were.
 */
import { REPEATED_LOG_MS } from '../limits.ts';
import type { Level, Logger } from '../runtime/ports.ts';

/** One kind of line. */
export class PacedLog {
  readonly #logger: Logger;
  readonly #level: Level;
  readonly #message: string;
  #times = 0;
  #fields: Readonly<Record<string, unknown>> = {};
  #timer: NodeJS.Timeout | undefined;

  constructor(logger: Logger, level: Level, message: string) {
    this.#logger = logger;
    this.#level = level;
    this.#message = message;
  }

  /** It happened; of several at once the fields of the last are told. */
  log(fields: Readonly<Record<string, unknown>>): void {
    this.#times += 1;
    this.#fields = fields;
    if (this.#timer === undefined) this.#tell();
  }

  /** Tells what has not been told, and keeps no timer. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#times > 0) this.#write();
  }

  #tell(): void {
    this.#write();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#times > 0) this.#tell();
    }, REPEATED_LOG_MS).unref();
  }

  #write(): void {
    this.#logger.log(this.#level, this.#message, { ...this.#fields, times: this.#times });
    this.#times = 0;
  }
}
