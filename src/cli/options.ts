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

/** For whole numbers in a range. */
export function integerBetween(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`expected an integer from ${min} to ${max}`);
  };
}
