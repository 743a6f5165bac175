/**
 * All peers lose their power at once, and come back one after another.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const blackout: Scenario = {
  name: 'blackout',
  shows:
    'After all peers were gone at once, what was promised is still there: a holder within its time-out resumes with its lock, and no token comes twice.',
  knownFrom: 'Power cuts, and every store that acknowledged what was only in memory.',
  peers: 3,
  peersMin: 3,
  clients: [
    {
      name: 'H',
      at: 'n1',
      timeoutMs: 30_000,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'await', mark: 'H resumed' },
        { do: 'hold', lock: 'a', forMs: 3_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'W',
      at: 'last',
      timeoutMs: 30_000,
      steps: [
        { do: 'await', mark: 'H has a' },
        { do: 'lock', lock: 'a', waitMs: 30_000, until: 200 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
  ],
  workload: { clients: 4, timeoutsMs: [0, 20_000] },
  faults: [
    { kind: 'crash', at: 4_000, for: 7_000, machine: 'n1', kept: 'some', power: false },
    { kind: 'crash', at: 4_000, for: 3_000, machine: 'others', kept: 'none', power: false },
  ],
  expect: [
    { mark: 'H resumed', after: 11_000, before: 20_000 },
    { never: 'H lost a' },
    { mark: 'W has a', after: 'H resumed' },
  ],
};
