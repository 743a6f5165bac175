// Writes a guarded file, but stands still just before it renames anything: says 'paused', and does
// nothing at all until its input ends: node paused-before-rename.mjs FILE TOKEN CONTENT
import { readSync, writeSync } from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const rename = fs.rename;
fs.rename = (...paths) => {
  writeSync(1, 'paused\n');
  while (readSync(0, Buffer.alloc(1)) > 0);
  return rename(...paths);
};
syncBuiltinESMExports();

const { FencedFile } = await import('../../../dist/src/fence/index.js');
const [path, token, content] = process.argv.slice(2);
try {
  await new FencedFile(path).write(Number(token), content);
  console.log('written');
} catch (error) {
  console.log(error.code);
}
