/**
 * How the tests run: whoever waits for an event waits long enough for a busy machine. Files that wait
 * for processes and leases come first, more at a time than small machines have cores; those that
 * only compute fill up what is left. What is built is tested as built.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { asBuilt } from './test/as-built.ts';

/** Folders and files below `test`, those first whose tests wait longest. */
const WAITING = [
  'end-to-end/forming',
  'end-to-end/',
  'client/',
  'sim/cli',
  'adapters/',
  'sim/',
  'seeds',
];

class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const rank = WAITING.findIndex((start) => moduleId.includes(`/test/${start}`));
      return rank < 0 ? WAITING.length : rank;
    };
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}

export default defineConfig({
  plugins: [asBuilt()],
  test: {
    dir: 'test',
    globalSetup: ['test/bundled.ts'],
    maxWorkers: 4,
    // What is built is loaded as users load it.
    server: { deps: { external: [/\/dist\//] } },
    // A process of its own for each file would be a tenth of all the work.
    isolate: false,
    sequence: { sequencer: WaitingFirst },
    // Of Node 22 on, a process that tests start need not compile what another has.
    env: {
      NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/node', import.meta.url)),
    },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
