/**
 * Loads a mutant: a copy of the core beside this simulator, patched, and imported.
 *
 * Owns the copy, which lives in a directory of its own for as long as it takes to import it. Works
 * on the sources and on what the compiler made of them alike.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { CreatePeer } from '../world.ts';
import type { Patch } from './mutant.ts';
import { applyPatch } from './patch.ts';

const CORE = fileURLToPath(new URL('../../src/core/', import.meta.url));
/** `.ts` or `.js`, as this file. */
const ENDING = extname(fileURLToPath(import.meta.url));

/** Makes peers with that bug; throws where a patch is out of date. */
export async function loadMutant(patches: readonly Patch[]): Promise<CreatePeer> {
  const directory = await mkdtemp(join(tmpdir(), 'elock-mutant-'));
  try {
    await cp(CORE, directory, { recursive: true });
    await writeFile(join(directory, 'package.json'), '{"type":"module"}');
    for (const patch of patches) await applyTo(directory, patch);
    const url = pathToFileURL(join(directory, `peer${ENDING}`)).href;
    const { Peer } = (await import(
      /* @vite-ignore */ url
    )) as typeof import('../../src/core/peer.ts');
    return (options) => new Peer(options);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function applyTo(directory: string, patch: Patch): Promise<void> {
  const path = join(directory, `${patch.file}${ENDING}`);
  await writeFile(path, applyPatch(await readFile(path, 'utf8'), patch));
}
