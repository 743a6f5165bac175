/**
 * The version of this very program, as its package says.
 *
 * Reads the package's own file, wherever it is installed.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** For people, and for other peers. */
export function elockVersion(): string {
  const file = fileURLToPath(import.meta.resolve('elock/package.json'));
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return version;
}
