/**
 * Which tests are given of a source: what was compiled of it, or itself where that has changed since.
 */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from './adapters/temporary-directory.ts';
import { builtOf, isBuilt } from './as-built.ts';

/** A repository of those files, each with how long it has been there, in seconds. */
function repository(ages: Readonly<Record<string, number>>): string {
  const root = join(temporaryDirectory(), '/');
  mkdirSync(join(root, 'sim'), { recursive: true });
  for (const [name, age] of Object.entries(ages)) {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
    utimesSync(path, 1_000_000 - age, 1_000_000 - age);
  }
  return root;
}

describe('what is built of a source', () => {
  it.each([
    ['/r/src/core/peer.ts', '/r/dist/src/core/peer.js'],
    ['/r/sim/main.ts', '/r/dist/sim/main.js'],
    ['/r/test/core/post.ts', null],
    ['/r/srcs/a.ts', null],
    ['/r/src/page.css', null],
    ['/r/dist/src/core/peer.js', null],
  ])('%s: %s', (source, built) => {
    expect(builtOf(source, '/r/')).toBe(built);
  });
});

describe('sources', () => {
  it.each([
    ['are built once each was compiled', true, { 'dist/src/a.js': 1, 'dist/src/b/c.js': 1 }],
    ['are not while one was never compiled', false, { 'dist/src/a.js': 1 }],
    ['are not while one has changed since', false, { 'dist/src/a.js': 1, 'dist/src/b/c.js': 9 }],
  ])('%s', (_what, expected, built) => {
    const root = repository({ 'src/a.ts': 5, 'src/b/c.ts': 5, 'src/b/note.md': 0, ...built });
    expect(isBuilt(root)).toBe(expected);
  });
});
