/**
 * Clock rates differ by nearly as much as the drift bound allows.
 */
import type { Scenario } from '../scenario.ts';
import { DRIFT, driftClients } from './drift.ts';

/** 1.98 % apart, where 2 % is allowed. */
const GAIN = 9_900;

/** See `shows`. */
export const driftInside: Scenario = {
  ...DRIFT,
  name: 'drift-inside',
  shows:
    'A home whose clock is slow, and voters whose clocks are fast, by as much as is allowed: the holder has lost the lock before the next one gets it.',
  knownFrom:
    'Leases (Gray and Cheriton, 1989): only the rates of clocks matter, and a bound on them must be paid for.',
  clients: driftClients(GAIN),
  gains: { n1: -GAIN, others: GAIN },
  expect: [
    { mark: 'H lost a', before: 'W has a' },
    { mark: 'W has a', before: 8_000 },
    { count: 'overlaps', atMost: 0 },
  ],
};
