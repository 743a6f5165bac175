/**
 * What several subcommands share: where a peer's data is, and how repeated options add up.
 */
import { InvalidArgumentError, Option } from 'commander';

const DEFAULT_DATA = '.elock/peer';

/** The data directory of one peer. */
export function dataOption(): Option {
  return new Option('--data <dir>', 'data directory of the peer, made if missing')
    .env('ELOCK_DATA')
    .default(DEFAULT_DATA);
}

/** For options that may be given many times. */
export function append(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** A duration with its unit, such as `10m`, in ms, as an option of the configuration is written. */
export function parseDuration(text: string): string {
  const [, count, unit = ''] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
  const unitMs = UNITS_MS[unit];
  if (count !== undefined && unitMs !== undefined) return String(Number(count) * unitMs);
  throw new InvalidArgumentError('expected a number and s, m or h, such as 10m');
}

/** For whole numbers in a range. */
export function integerBetween(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`expected an integer from ${min} to ${max}`);
  };
}
