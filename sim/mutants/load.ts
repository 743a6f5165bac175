/**
 * Loads a changed copy of the core: a mutant, or one whose state can be read.
 *
 * Owns the copy, which lives in a directory of its own for as long as it takes to import it. Works
 * on the sources and on what the compiler made of them alike.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { CreatePeer } from '../world.ts';
import type { Patch } from './mutant.ts';
import { applyPatch } from './patch.ts';

const CORE = fileURLToPath(new URL('../../src/core/', import.meta.url));
/** `.ts` or `.js`, as this file. */
const ENDING = extname(fileURLToPath(import.meta.url));

/** A file of the core, by its name without its ending, becomes another. */
export type Change = (text: string, file: string) => string;

/** Makes peers with that bug; throws where a patch is out of date. */
export async function loadMutant(patches: readonly Patch[]): Promise<CreatePeer> {
  const missing = new Set(patches.map(({ file }) => file));
  const change = patched(patches);
  const createPeer = await loadCopy((text, file) => {
    missing.delete(file);
    return change(text, file);
  });
  if (missing.size === 0) return createPeer;
  throw new Error(`mutant out of date: expected the files ${[...missing].join(', ')} in src/core`);
}

/** Applies patches, each to its file. */
export function patched(patches: readonly Patch[]): Change {
  return (text, file) => patches.filter((patch) => patch.file === file).reduce(applyPatch, text);
}

/** Makes peers of a copy of the core in which every file was changed. */
export async function loadCopy(change: Change): Promise<CreatePeer> {
  const directory = mkdtempSync(join(tmpdir(), 'elock-core-'));
  try {
    for (const name of readdirSync(CORE)) {
      if (!name.endsWith(ENDING) || name.endsWith(`.d${ENDING}`)) continue;
      const text = readFileSync(join(CORE, name), 'utf8');
      writeFileSync(join(directory, name), change(text, basename(name, ENDING)));
    }
    writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
    const url = pathToFileURL(join(directory, `peer${ENDING}`)).href;
    const { Peer } = (await import(
      /* @vite-ignore */ url
    )) as typeof import('../../src/core/peer.ts');
    return (options) => new Peer(options);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
