/**
 * Applies patches to the text of the core.
 *
 * Owns what "found exactly once" means: white space is free, for the compiler indents otherwise
 * than the source. Touches no file.
 */
import type { Patch } from './mutant.ts';

/** The text with the patch applied; throws where the patch is out of date. */
export function applyPatch(text: string, { file, before, after }: Patch): string {
  const parts = text.split(pattern(before));
  if (parts.length !== 2) {
    throw new Error(
      `mutant out of date: expected ${JSON.stringify(before)} once in src/core/${file}, ` +
        `found it ${parts.length - 1} times; bring the patch up to date`,
    );
  }
  return parts.join(after);
}

function pattern(before: string): RegExp {
  const words = before.trim().split(/\s+/);
  return new RegExp(words.map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('\\s+'));
}
