/**
 * Work that is thrown away, so that just-in-time compilers have done theirs before it is measured.
 */
import { closedLoop } from './closed-loop.ts';
import { connectAll } from './connect-all.ts';
import type { LockSystem } from './lock-system.ts';

/** What a JVM needs; every system gets the same. */
const WARM_UP_MS = 8_000;
const CLIENTS = 24;

/** Locks and unlocks on all servers of a system for a while. */
export async function warmUp(system: LockSystem): Promise<void> {
  const clients = await connectAll(system, CLIENTS);
  await closedLoop(clients.list, {
    nameOf: (client) => `warm-${client}`,
    waitMs: 0,
    holdMs: 0,
    warmUpMs: 0,
    measureMs: WARM_UP_MS,
    pids: system.pids,
  });
  await clients.close();
}
