/**
 * Links that come and go faster than anybody can settle.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const flap: Scenario = {
  name: 'flap',
  shows:
    'Links of one peer that come and go at the pace of heartbeats, and then at that of leases, disturb nobody else, and no waiter starves.',
  knownFrom: 'Flapping switch ports, which turn failure detectors into the failure.',
  peers: 5,
  peersMin: 3,
  clients: [
    {
      name: 'H',
      at: 'n2',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'hold', lock: 'a', forMs: 16_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'W',
      at: 'last',
      steps: [
        { do: 'await', mark: 'H has a' },
        { do: 'lock', lock: 'a', waitMs: 30_000, answer: 200 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
  ],
  workload: { clients: 5 },
  faults: [
    { kind: 'flap', at: 2_000, for: 7_000, links: { isolate: 'n1' }, periodMs: 150 },
    { kind: 'flap', at: 10_000, for: 9_000, links: { isolate: 'n1' }, periodMs: 1_500 },
  ],
  expect: [{ never: 'H lost a' }, { mark: 'W has a', before: 20_000 }],
};
