/**
 * The conversation of README with `elock lock`, on real peers.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../adapters/temporary-directory.ts';
import { MAIN } from '../bundled.ts';
import { README } from '../readme-programs.ts';
import { TestCluster } from './dev-cluster.ts';

/** A directory for the path that has `elock` in it, and nothing else. */
function directoryWithElock(): string {
  const directory = temporaryDirectory();
  const script = `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`;
  writeFileSync(join(directory, 'elock'), script, { mode: 0o755 });
  return directory;
}

it('elock lock prints what README says', async () => {
  const section = README.slice(README.indexOf('\n### `elock lock`\n'));
  const conversation = /```\n(\$ elock lock [\s\S]*?)```/.exec(section)?.[1] ?? '';
  const turns = conversation.split(/^\$ /m).slice(1);
  expect(turns).toHaveLength(4);
  const { peers } = await TestCluster.start({ peers: 1, main: MAIN });
  const PATH = [directoryWithElock(), process.env['PATH']].join(delimiter);
  const env = { ...process.env, PATH, ELOCK_PEER: `127.0.0.1:${peers[0]!.port}` };
  for (const turn of turns) {
    const [line = '', ...printed] = turn.split('\n');
    const { stdout } = spawnSync('sh', ['-c', `{ ${line}; } 2>&1`], { env, encoding: 'utf8' });
    expect(stdout, line).toBe(printed.join('\n'));
  }
});
