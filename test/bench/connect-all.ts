/**
 * Connects many clients of a system at once, over all of its servers.
 */
import type { LockClient, LockSystem } from './lock-system.ts';

/** Clients 0 to `count` - 1, and how to be rid of them all. */
export async function connectAll(
  system: LockSystem,
  count: number,
): Promise<{ readonly list: readonly LockClient[]; close(): Promise<void> }> {
  const connecting = Array.from({ length: count }, (_, index) => system.connect(index));
  const list = await Promise.all(connecting);
  return {
    list,
    async close() {
      await Promise.all(list.map((client) => client.close()));
    },
  };
}
