/**
 * Listings that miss what comes and goes meanwhile, as POSIX lets them.
 */
import { readdirSync } from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Look, TokenDirectory } from '../../src/fence/token-directory.ts';
import { temporaryDirectory } from '../adapters/temporary-directory.ts';
import { refusalOf } from './refusal.ts';

/** What the next listings show instead of what is there. */
const listings: string[][] = [];

/** Undone at the end: other files may run in the same process later. */
beforeAll(() => {
  const { readdir } = fs;
  const listed = async (path: string) => listings.shift() ?? (await readdir(path));
  Object.assign(fs, { readdir: listed });
  syncBuiltinESMExports();
  return () => {
    Object.assign(fs, { readdir });
    syncBuiltinESMExports();
  };
});

const TOKEN_1 = 'token-0000000000000001';

function newDirectory(): TokenDirectory {
  return new TokenDirectory(join(temporaryDirectory(), 'tokens'));
}

async function raiseAndTidy(directory: TokenDirectory, token: number): Promise<Look> {
  return directory.raise(token, async (look) => {
    const seen = await look();
    await directory.tidy(seen);
    return seen;
  });
}

describe('TokenDirectory', () => {
  it('keeps the newest token only, once tidied', async () => {
    const directory = newDirectory();
    for (const token of [1, 10, 2]) await raiseAndTidy(directory, token);
    expect(readdirSync(directory.path)).toEqual(['token-0000000000000010']);
  });

  it('looks again if its own token is gone: the listing missed a newer one', async () => {
    const directory = newDirectory();
    const seen = await directory.raise(1, async (look) => {
      await raiseAndTidy(new TokenDirectory(directory.path), 3);
      listings.push([TOKEN_1], []);
      return look();
    });
    expect(listings).toEqual([]);
    expect(seen.newest).toBe(3);
  });

  it('is not deceived by another of its own token, made anew', async () => {
    const directory = newDirectory();
    const seen = await directory.raise(1, async (look) => {
      await raiseAndTidy(new TokenDirectory(directory.path), 3);
      return new TokenDirectory(directory.path).raise(1, () => {
        listings.push([TOKEN_1]);
        return look();
      });
    });
    expect(seen.newest).toBe(3);
  });

  it('gives up if tokens are deleted by a stranger', async () => {
    const directory = newDirectory();
    const looked = directory.raise(1, async (look) => {
      await directory.remove(TOKEN_1);
      return look();
    });
    expect((await refusalOf(looked)).message).toContain('tokens vanish');
  });
});
