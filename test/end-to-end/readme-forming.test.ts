/**
 * "Forming a cluster" in README, command by command: what it shows is what comes.
 */
import { execFile } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../adapters/temporary-directory.ts';
import { MAIN } from '../bundled.ts';
import { ElockProcess } from './dev-cluster.ts';

/** Between two looks, each of which is a process. */
const PACE_MS = 200;
const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

interface Step {
  readonly command: string;
  readonly output: string;
}

function stepsOf(transcript: string): Step[] {
  return transcript.split(/^\$ /m).flatMap((part) => {
    const [command = '', ...lines] = part.split('\n');
    return command === '' ? [] : [{ command, output: lines.join('\n') }];
  });
}

/** Without what differs from run to run: ids, which of them comes first, times. */
function lasting(output: string): string[] {
  return output
    .replace(/12D3KooW\w{44}/g, 'ID')
    .replace(/\b[0-9a-f]{12}\b/g, 'HEX')
    .replace(' (this)', '')
    .replace(/ +\d+ +(?=\d+\.\d+\.\d+$)/gm, ' MS ')
    .split('\n')
    .map((line) => line.replace(/ +/g, ' ').trim());
}

it('the transcript of README forms a cluster of three', async () => {
  const [, transcript = ''] = /## Forming a cluster[\s\S]*?```\n([\s\S]*?)```/.exec(README) ?? [];
  const steps = stepsOf(transcript);
  expect(steps.length).toBeGreaterThan(5);
  const directory = temporaryDirectory();
  const elock = join(directory, 'elock');
  writeFileSync(elock, `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
  chmodSync(elock, 0o755);
  const env = { ...process.env, PATH: `${directory}${delimiter}${process.env['PATH']}` };
  const run = async (command: string) => {
    const options = { cwd: directory, env };
    return (await promisify(execFile)('sh', ['-c', command], options)).stdout;
  };
  for (const { command, output } of steps) {
    const [, data] = /^elock start --data (\w+) --port \d+ 2> \w+\.log &$/.exec(command) ?? [];
    if (data !== undefined) {
      const words = ['start', '--data', join(directory, data), '--port', '0'];
      const peer = new ElockProcess(words, {}, '', MAIN);
      await peer.logged('"message":"started"');
      continue;
    }
    let said = lasting(await run(command));
    // A machine that came in becomes a voter a moment later.
    while (command.includes('status') && said.join() !== lasting(output).join()) {
      await setTimeout(PACE_MS);
      said = lasting(await run(`${command} || true`));
    }
    expect(said).toEqual(lasting(output));
  }
}, 120_000);
