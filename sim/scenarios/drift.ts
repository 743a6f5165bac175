/**
 * A holder's home is cut off: its clock is slow, those of the voters are fast.
 *
 * The scenario behind `drift-inside` and `drift-outside`, at two rates.
 */
import type { Scenario, ScenarioClient } from '../scenario.ts';

/** Cuts off a holder whose clocks lose `gain` in a million, while all others gain it. */
export function driftClients(gain: number): ScenarioClient[] {
  return [
    {
      name: 'H',
      at: 'n1',
      gain: -gain,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'hold', lock: 'a', forMs: 15_000, everyMs: 20 },
      ],
    },
    {
      name: 'W',
      at: 'last',
      steps: [
        { do: 'await', mark: 'H has a' },
        { do: 'until', atMs: 3_500 },
        { do: 'lock', lock: 'a', waitMs: 15_000, answer: 200 },
        { do: 'hold', lock: 'a', forMs: 2_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
  ];
}

/** What both have in common: a near network, so that nothing but clocks matters. */
export const DRIFT = {
  peers: 3,
  peersMin: 3,
  delayUs: [100, 300],
  syncUs: [50, 200],
  faults: [{ kind: 'cut', at: 3_000, for: 12_000, links: { isolate: 'n1' } }],
} satisfies Partial<Scenario>;
