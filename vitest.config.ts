/**
 * How the tests run: whoever waits for an event waits long enough for a busy machine, and, as many
 * tests wait for leases to end, one file more at a time than small machines have cores.
 */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    dir: 'test',
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
