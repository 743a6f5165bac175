/**
 * What all commands share that ask the peer of a data directory.
 */
import process from 'node:process';
import type { Command } from 'commander';
import { dataOption } from './options.ts';

/** As commander gives them. */
export interface PeerFlags {
  readonly data: string;
  readonly json: boolean;
}

/** A subcommand with `--data` and `--json`. */
export function peerCommand(parent: Command, usage: string): Command {
  return parent
    .command(usage)
    .addOption(dataOption())
    .option('--json', 'print one line of JSON', false);
}

/** One line of JSON. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
