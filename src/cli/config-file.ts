/**
 * The configuration file of a data directory, and options given in words on the command line.
 *
 * Owns where the file is, and what `elock init` and `elock join` write there at first: where other
 * peers reach this one, which must stay the same. Users may change and add to it.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import type { ConfigKey } from '../config.ts';
import { configKeyOf } from '../config-sources.ts';
import { ElockError } from '../errors.ts';

/** In the data directory. */
export const CONFIG_FILE = 'elock.json';
/** Where peers listen for each other, unless it is taken when a directory is made. */
const PEER_PORT = 11_500;

/** What says where the file is. */
export interface ConfigFlags {
  readonly data: string;
  readonly config?: string;
}

/** A file that was named must be there; that of the data directory need not. */
export function readConfigFile(flags: ConfigFlags): { path: string; text: string } | null {
  const named = flags.config ?? process.env['ELOCK_CONFIG'];
  const path = named ?? join(flags.data, CONFIG_FILE);
  if (named === undefined && !existsSync(path)) return null;
  try {
    return { path, text: readFileSync(path, 'utf8') };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ElockError('configuration', `cannot read the configuration: ${why}`, { cause });
  }
}

/** A flag that was given, by the name of its option. */
export function given(key: ConfigKey, value: string | readonly string[] | undefined) {
  return value === undefined ? {} : { [key]: value };
}

/** What `--set KEY=VALUE` says, each checked for its name. */
export function settingsFrom(pairs: readonly string[]): Partial<Record<ConfigKey, string>> {
  const settings: Partial<Record<ConfigKey, string>> = {};
  for (const pair of pairs) {
    const [name, ...rest] = pair.split('=');
    if (name === undefined || rest.length === 0) {
      throw new ElockError('usage', `--set ${pair}: expected key=value, see elock start --help`);
    }
    settings[configKeyOf(name)] = rest.join('=');
  }
  return settings;
}

/** Writes the first file of a directory, unless there is one. */
export async function writeFirstFile(data: string, listen: readonly string[] | undefined) {
  const path = join(data, CONFIG_FILE);
  if (existsSync(path)) return;
  const addresses = listen ?? [`/ip4/0.0.0.0/tcp/${await choosePort(PEER_PORT)}`];
  writeFileSync(path, `${JSON.stringify({ listen: addresses }, null, 2)}\n`, { mode: 0o600 });
}

/** That port, or if it is taken one of the system's choice. */
function choosePort(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      if (wanted === 0) reject(error);
      else choosePort(0).then(resolve, reject);
    });
    server.listen(wanted, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : wanted;
      server.close(() => resolve(port));
    });
  });
}
