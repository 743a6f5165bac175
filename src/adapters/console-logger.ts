/**
 * Log lines on stderr: for people on a terminal, JSON lines for everything else.
 *
 * Owns the form of a line; what is worth one is decided where it is logged. Standard output is
 * never touched: it carries only what was asked for. Wall time is for readers, nothing else.
 */
import process from 'node:process';
import type { Level, Logger } from '../runtime/ports.ts';

const RANK: Readonly<Record<Level, number>> = { debug: 0, info: 1, warn: 2, error: 3 };
const CLOCK = { start: 11, end: 23 };

/** What a logger is made of. */
export interface ConsoleLoggerOptions {
  /** True: for people; false: JSON lines. */
  readonly human: boolean;
  /** The least severity that is written. */
  readonly level: Level;
  /** Who speaks: in every line. */
  readonly label: string;
  readonly stream?: { write(line: string): unknown };
}

/** Writes each line at once. */
export class ConsoleLogger implements Logger {
  readonly #options: ConsoleLoggerOptions;
  readonly #stream: NonNullable<ConsoleLoggerOptions['stream']>;

  constructor(options: ConsoleLoggerOptions) {
    this.#options = options;
    this.#stream = options.stream ?? process.stderr;
  }

  log(level: Level, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    if (RANK[level] < RANK[this.#options.level]) return;
    const time = new Date().toISOString();
    const { label, human } = this.#options;
    const line = human
      ? `${time.slice(CLOCK.start, CLOCK.end)} ${level.padEnd(5)} ${label}: ${message}${tail(fields)}`
      : JSON.stringify({ level, time, label, message, ...fields });
    this.#stream.write(`${line}\n`);
  }
}

function tail(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('');
}
