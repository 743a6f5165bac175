/**
 * Asking homes that voters wait for whether they still have a session (rules 12 and 14).
 *
 * A voter that missed a move takes the home before for the session's, and refuses *expired* for as
 * long as it hears that. Asked, a home that does not have the session waives it. Decides nothing.
 */
import type { Context } from './context.ts';
import type { Links } from './links.ts';
import type { PeerId, SessionId } from './types.ts';
import type { Write } from './writer.ts';

/** Asks all that the record of a write, if any, and live ones that were read for it, name. */
export function doubtHomes(
  { context, links }: { readonly context: Context; readonly links: Links },
  session: SessionId,
  { record, promises }: Write,
): void {
  const homes = new Set<PeerId>();
  for (const held of [record, ...promises.map(({ accepted }) => accepted?.record)]) {
    if (held?.kind === 'session' && (held === record || held.state === 'live')) {
      if (links.incarnationOf(held.home) === held.incarnation) homes.add(held.home);
    }
  }
  homes.delete(context.self);
  for (const home of homes) context.send(home, { kind: 'doubt', session });
}
