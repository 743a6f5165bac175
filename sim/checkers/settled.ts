/**
 * *settled*: once everybody has gone, and some time has passed, nothing is left over.
 *
 * Looked at in the end, where a plan gives a whole world rest. By then sessions have ended, their
 * locks are free, those of dead homes, too, and every voter has forgotten all registers: none holds
 * what another does not, who votes no more holds nothing, and no queue, claim or session is left in
 * anybody's memory. How long that may take is `settlingMs`.
 */
import type { RegisterState } from '../../src/core/event.ts';
import { CONFIGURATION_REGISTER } from '../../src/core/names.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import type { RegisterName } from '../../src/core/types.ts';
import { describeRecord } from '../describe.ts';
import type { Machine } from '../machine.ts';
import type { Plan } from '../plan.ts';
import type { Verdict } from './verdict.ts';

/** For what is under way, backed off, or asked again (ms). */
const SLACK_MS = 5_000;

/**
 * How long it takes at most until nothing is left (ms): a session ends, or the lease of its dead
 * home does; its locks stay idle until somebody looks after them, then they are free, and stay idle
 * until they are forgotten; then the session itself is.
 */
export function settlingMs({ settings, workload }: Plan): number {
  const { minimumLeaseMs, driftPermille, forgetMs } = { ...DEFAULT_SETTINGS, ...settings };
  const longest = Math.max(minimumLeaseMs, ...workload.timeoutsMs);
  const slowest = Math.ceil((longest * (1_000 + driftPermille)) / 1_000);
  return 2 * slowest + 3 * forgetMs + SLACK_MS;
}

/** Looks at all disks, and at what each peer says of itself. */
export function checkSettled(verdict: Verdict, machines: readonly Machine[]): void {
  for (const machine of machines) {
    const { name, disk } = machine;
    const [left] = [...disk.registers].filter(isLeft);
    if (left !== undefined) {
      const [register, { accepted }] = left;
      const record = accepted === null ? 'no record' : describeRecord(accepted.record);
      const count = `one of ${disk.registers.size}`;
      verdict.fail('settled', `${name} still has ${register}, ${count}, with ${record}`);
    }
    const statistics = machine.statistics();
    if (statistics === null) continue;
    for (const what of ['locks', 'waiting', 'sessions', 'kept'] as const) {
      const size = statistics[what];
      if (size > 0) verdict.fail('settled', `${name} still has ${what} ${size}`);
    }
  }
}

/** Whom the voters promised the next configuration is no matter, as long as there is none. */
function isLeft([name, { accepted }]: readonly [RegisterName, RegisterState]): boolean {
  return name !== CONFIGURATION_REGISTER || accepted !== null;
}
