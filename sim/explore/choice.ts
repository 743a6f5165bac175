/**
 * What can happen next in an explored world.
 *
 * Names only. Letters and clients are described by the world that has them.
 */

/** Something that happens without a fault. */
export type Step = { readonly isDetour: boolean } & (
  | { readonly kind: 'deliver'; readonly from: number; readonly to: number }
  | { readonly kind: 'tick'; readonly peer: number }
  | { readonly kind: 'ask'; readonly client: number }
);

/** Something that can happen next. */
export type Choice =
  | Step
  | { readonly kind: 'crash'; readonly peer: number; readonly kept: boolean }
  | { readonly kind: 'restart'; readonly peer: number }
  | { readonly kind: 'cut'; readonly peer: number }
  | { readonly kind: 'heal'; readonly peer: number }
  /** The first peer is asked for the change of the scope. */
  | { readonly kind: 'wish' }
  | { readonly kind: 'jump'; readonly ms: number };

/** A choice that concerns peers and time alone, in words. */
export function describeOther(
  choice: Exclude<Choice, { kind: 'deliver' | 'ask' }>,
  nameOf: (peer: number) => string,
): string {
  if (choice.kind === 'jump') return `${choice.ms} ms pass`;
  if (choice.kind === 'wish') return `${nameOf(0)} is asked to change the voters`;
  if (choice.kind !== 'crash') return `${nameOf(choice.peer)}: ${choice.kind}`;
  const letters = choice.kept ? 'its letters arrive' : 'its letters are lost';
  return `${nameOf(choice.peer)} crashes, ${letters}`;
}
