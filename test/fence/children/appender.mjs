// Appends lines to a guarded file, under tokens that it draws from a directory shared with others
// of its kind, and says what became of each. Begins when its input ends:
// node appender.mjs FILE TOKENS LINES
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { FencedFile } from '../../../dist/src/fence/index.js';

const [path, tokens, lines] = process.argv.slice(2);
const file = new FencedFile(path);
let token = 0;

function drawToken() {
  for (;;) {
    token++;
    try {
      closeSync(openSync(join(tokens, String(token)), 'wx'));
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
  }
}

async function append(line) {
  try {
    await file.update(token, (present) => `${present ?? ''}${line}\n`);
    return 'written';
  } catch (error) {
    if (error.code !== 'STALE_TOKEN') throw error;
    return 'stale';
  }
}

writeSync(1, 'ready\n');
while (readSync(0, Buffer.alloc(1)) > 0);
for (let number = 0; number < Number(lines); number++) {
  // Several lines a token, so that others overtake it at any moment of any of them.
  if (number % 3 === 0) drawToken();
  const line = `${token} ${process.pid} ${number}`;
  // At once, past all buffers: what was told was written, whatever happens next.
  writeSync(1, `${await append(line)} ${line}\n`);
}
