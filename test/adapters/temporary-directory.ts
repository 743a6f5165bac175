/**
 * Directories that vanish when the test that asked for them is over.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** An empty directory of this test's own, or of whoever calls what `atEnd` is given. */
export function temporaryDirectory(atEnd: (end: () => void) => void = onTestFinished): string {
  const path = mkdtempSync(join(tmpdir(), 'elock-test-'));
  atEnd(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
