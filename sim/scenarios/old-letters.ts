/**
 * Letters of channels that are long gone arrive after ten leases and restarts.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const oldLetters: Scenario = {
  name: 'old-letters',
  shows:
    'What was under way on a channel that broke may arrive half a minute later, at another life of its receiver: it is refused, and changes nothing.',
  knownFrom:
    'Delayed and duplicated packets, against which every proof guards and which few tests bring about.',
  peers: 3,
  faultsMs: 45_000,
  clients: [
    {
      name: 'H',
      at: 'n1',
      steps: [
        { do: 'until', atMs: 30_000 },
        { do: 'lock', lock: 'a', waitMs: 10_000, until: 200 },
        { do: 'hold', lock: 'a', forMs: 5_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
  ],
  workload: { clients: 6, locks: 2, oddPercent: 10 },
  delayUs: [2_000, 5_000, 20_000],
  faults: [
    { kind: 'old-letters', at: 1_000, for: 40_000, links: 'all', lateMs: 30_000 },
    { kind: 'loss', at: 1_000, for: 14_000, links: 'all', perMillion: 20_000 },
    { kind: 'crash', at: 8_000, for: 500, machine: 'n2', kept: 'none', power: false },
    { kind: 'crash', at: 12_000, for: 500, machine: 'n1', kept: 'some', power: false },
  ],
  expect: [{ count: 'refused', atLeast: 5 }, { mark: 'H has a' }],
};
