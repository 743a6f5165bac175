/**
 * Scopes one behind the other, each a little wider: what `elock sim explore` goes through.
 *
 * Faults and free orders multiply, so a wide scope has them in turns: first orders alone, then one
 * kind of fault each, then several with fewer detours. The first of these take seconds, the last
 * takes all the time that it is given.
 */
import type { ScopeOptions } from './scope.ts';

const CALM: ScopeOptions = { crashes: 0, cuts: 0, jumps: 0 };

/** From the narrowest to the widest; all have three peers. */
export const LADDER: readonly ScopeOptions[] = [
  { ...CALM, clients: 1 },
  { ...CALM, clients: 1, slowDisks: true, slowLeases: true },
  { ...CALM, clients: 1, crashes: 1 },
  { ...CALM, clients: 1, cuts: 1 },
  { ...CALM, clients: 1, jumps: 1 },
  { ...CALM, clients: 2, detours: 4 },
  { ...CALM, clients: 2, detours: 3, slowDisks: true },
  { ...CALM, clients: 2, crashes: 1, detours: 2 },
  { ...CALM, clients: 2, cuts: 1, detours: 1 },
  { ...CALM, clients: 2, jumps: 1, detours: 1 },
  { ...CALM, clients: 2, jumps: 2, detours: 0 },
  { ...CALM, clients: 2, crashes: 1, jumps: 1, detours: 0 },
  { ...CALM, clients: 2, cuts: 1, jumps: 1, detours: 0 },
  { ...CALM, clients: 1, spares: 1, changes: 1, detours: 3 },
  { ...CALM, clients: 1, spares: 1, changes: 1, crashes: 1, detours: 1 },
  { clients: 2, crashes: 1, cuts: 1, jumps: 2, detours: 1 },
];
