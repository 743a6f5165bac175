/**
 * How the tests run: whoever waits for an event waits long enough for a busy machine. Files that wait
 * for processes and leases take turns with those that only compute, more at a time than small
 * machines have cores: so no core is idle at first, and none is fought for at last. What is built is
 * tested as built.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { asBuilt } from './test/as-built.ts';

/** Folders and files below `test` that wait, those first whose tests wait longest. */
const WAITING = [
  'end-to-end/forming',
  'end-to-end/lock-command-faults',
  'end-to-end/recover',
  'client/cluster',
  'adapters/private-network',
  'end-to-end/',
  'client/',
  'fence/file-token-store',
  'sim/cli',
  'adapters/',
];
/** Those that compute, the longest first; and what is in neither, which is soon done. */
const COMPUTING = ['sim/mutants', 'sim/scenarios', 'seeds', 'sim/', ''];
/** So many workers wait while one computes. */
const WAITING_WORKERS = 3;

function rankIn(starts: readonly string[], { moduleId }: TestSpecification): number {
  return starts.findIndex((start) => moduleId.includes(`/test/${start}`));
}

/** All of one kind, in the order of its list. */
function ranked(files: readonly TestSpecification[], starts: readonly string[]) {
  return files.toSorted((a, b) => rankIn(starts, a) - rankIn(starts, b));
}

class TakingTurns extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const waits = (file: TestSpecification): boolean => rankIn(WAITING, file) >= 0;
    const waiting = ranked(sorted.filter(waits), WAITING);
    const computing = ranked(
      sorted.filter((file) => !waits(file)),
      COMPUTING,
    );
    const rounds = waiting.flatMap((file, index) =>
      index % WAITING_WORKERS > 0 ? [file] : [file, ...computing.splice(0, 1)],
    );
    return [...rounds, ...computing];
  }
}

export default defineConfig({
  plugins: [asBuilt()],
  test: {
    dir: 'test',
    globalSetup: ['test/bundled.ts'],
    maxWorkers: WAITING_WORKERS + 1,
    // What is built is loaded as users load it.
    server: { deps: { external: [/\/dist\//] } },
    // A process of its own for each file would be a tenth of all the work.
    isolate: false,
    sequence: { sequencer: TakingTurns },
    // Of Node 22 on, a process that tests start need not compile what another has.
    env: {
      NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/node', import.meta.url)),
    },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
