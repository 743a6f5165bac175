/**
 * The command line of the bench.
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Extent } from './cell.ts';

/** What to run, and for how long. */
export interface Options {
  readonly cells: readonly string[];
  readonly rivals: readonly string[];
  readonly passes: number;
  readonly extent: Extent;
  /** Where the figures go as JSON, or null. */
  readonly json: string | null;
}

interface Flags {
  readonly only: readonly string[];
  readonly rivals: readonly string[];
  readonly passes: number;
  readonly seconds: number;
  readonly load: number;
  readonly held: number;
  readonly kills: number;
  readonly json?: string;
}

/** Reads the command line; ends the process on `--help` and on what cannot be understood. */
export function readOptions(
  argv: readonly string[],
  cells: readonly string[],
  rivals: readonly string[],
): Options {
  const flags = new Command('bench')
    .description('Measures elock and its rivals side by side on this machine.')
    .addOption(listOption('--only <cells>', cells))
    .addOption(listOption('--rivals <names>', rivals))
    .option('--passes <count>', 'over all systems; medians are told', positive, 3)
    .option('--seconds <seconds>', 'that each short cell measures for', positive, 3)
    .option('--load <seconds>', 'that the load of 1,000 clients lasts', positive, 15)
    .option('--held <locks>', 'held at once by 100 sessions', positive, 10_000)
    .option('--kills <count>', 'of the peer of most sessions', positive, 10)
    .option('--json <file>', 'write all figures there too')
    .parse(argv)
    .opts<Flags>();
  return {
    cells: flags.only,
    rivals: flags.rivals,
    passes: flags.passes,
    extent: {
      measureMs: flags.seconds * 1_000,
      loadMs: flags.load * 1_000,
      heldLocks: flags.held,
      kills: flags.kills,
    },
    json: flags.json ?? null,
  };
}

function listOption(flags: string, known: readonly string[]): Option {
  const parse = (text: string): readonly string[] => {
    const words = text === 'none' ? [] : text.split(',');
    const strange = words.find((word) => !known.includes(word));
    if (strange === undefined) return words;
    throw new InvalidArgumentError(`expected none or names of the list, got ${strange}`);
  };
  const description = `none, or some of ${known.join(',')}`;
  return new Option(flags, description).argParser(parse).default(known, 'all');
}

function positive(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError(`expected a whole number above 0, got ${text}`);
}
