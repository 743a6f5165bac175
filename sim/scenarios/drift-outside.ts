/**
 * Clock rates differ by more than the drift bound allows.
 */
import type { Scenario } from '../scenario.ts';
import { DRIFT, driftClients } from './drift.ts';

/** 22 % apart, where 2 % is allowed. */
const GAIN = 100_000;

/** See `shows`. */
export const driftOutside: Scenario = {
  ...DRIFT,
  name: 'drift-outside',
  shows:
    'With clock rates far outside the bound two sessions do believe in one lock, for no longer than the rates explain, and the token still tells the resource who comes first.',
  knownFrom:
    'The same derivation the other way round: a harness that sees no overlap here would see none anywhere.',
  clients: driftClients(GAIN),
  gains: { n1: -GAIN, others: GAIN },
  expect: [
    { mark: 'W has a', before: 'H lost a' },
    { count: 'overlaps', atLeast: 1 },
    { count: 'overlapUs', atLeast: 450_000 },
  ],
};
