/**
 * The program and its packages in a few files, for tests that start it often: to find, read and
 * compile seven hundred would be half of what a peer does until it serves.
 *
 * Made before any test, of what was built. What README types is run as it was built.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** The program, built. */
export const MAIN = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url));
const GUARDIAN = fileURLToPath(new URL('../dist/src/cli/guardian.js', import.meta.url));
/** Within the package, whose version and whose packages it looks for. */
const FOLDER = fileURLToPath(new URL('../dist/bundled', import.meta.url));
/** The same, bundled; all but `elock sim swarm` and `explore`, which look for files of their own. */
export const BUNDLED = fileURLToPath(new URL('../dist/bundled/main.js', import.meta.url));

/** Before all tests, and before they run once more where each change is watched. */
export default async function setup(project: TestProject): Promise<void> {
  project.onTestsRerun(bundle);
  await bundle();
}

async function bundle(): Promise<void> {
  // Tests that start nothing run without what is built, too.
  if (!existsSync(MAIN)) return;
  // Here, since tests only want to know where it is.
  const { build } = await import('rolldown');
  await build({
    cwd: ROOT,
    input: { main: MAIN, guardian: GUARDIAN },
    platform: 'node',
    // It has a part that is machine code.
    external: [/^lmdb(\/|$)/],
    logLevel: 'silent',
    output: { dir: FOLDER, entryFileNames: '[name].js', chunkFileNames: '[name].js' },
  });
}
