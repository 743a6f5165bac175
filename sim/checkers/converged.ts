/**
 * *live*, of changes of the voters: each wish is answered in bounded time, and once the world is
 * whole all peers go by the newest configuration, all voters take part, and nobody stays sealed.
 *
 * Looked at when the progress phase ends. A peer that was shut out, or is an old copy that others
 * refuse, is told of nothing and is not asked.
 */
import type { Settings } from '../../src/core/settings.ts';
import type { Machine } from '../machine.ts';
import type { PendingWish } from '../wishes.ts';
import { isSealed } from './carried.ts';
import type { Verdict } from './verdict.ts';
import type { Voters } from './voters.ts';

/** Within this of the last change, and of the faults' end, all have learned of it (µs). */
export const CONVERGED_US = 10_000_000;
/** A peer's clock may be slow, and it may stand still for a while (µs). */
const ANSWER_SLACK_US = 12_000_000;

/** Looks at the wishes that wait for an answer. */
export function checkWishes(
  verdict: Verdict,
  pending: readonly PendingWish[],
  { membershipMs }: Settings,
): void {
  for (const { number, machine, since } of pending) {
    const forUs = verdict.now - since;
    if (!machine.awake || forUs <= membershipMs * 1_000 + ANSWER_SLACK_US) continue;
    const late = `${Math.floor(forUs / 1_000)} ms`;
    verdict.fail('live', `${machine.name} has not answered wish ${number} for ${late}`);
  }
}

/** Looks at every peer that runs. */
export function checkConverged(
  verdict: Verdict,
  { latest }: Voters,
  machines: readonly Machine[],
): void {
  for (const machine of machines) {
    if (!machine.awake || latest.removed.includes(machine.id)) continue;
    const problem = problemOf(machine, latest);
    if (problem !== null) verdict.fail('live', `${machine.name} ${problem}`);
  }
}

function problemOf(machine: Machine, { epoch, voters }: Voters['latest']): string | null {
  if (machine.epoch !== epoch) return `is in epoch ${machine.epoch} still, not ${epoch}`;
  if (isSealed(machine)) return `is sealed still in epoch ${epoch}`;
  if (!voters.includes(machine.id)) return null;
  const { standing } = machine.disk.epoch;
  return standing === 'serving' ? null : `has a vote in epoch ${epoch}, and takes no part`;
}
