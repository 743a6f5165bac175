/**
 * All wall clocks jump forth and back by an hour.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const wallclockBack: Scenario = {
  name: 'wallclock-back',
  shows: 'Nothing here looks at a wall clock: an hour forth and back changes nothing at all.',
  knownFrom:
    'etcd issue 12291: with the clock set back a lease outlived its time; Redlock trusts it by design.',
  peers: 3,
  clients: [
    {
      name: 'H',
      at: 'n1',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'hold', lock: 'a', forMs: 12_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
        { do: 'mark', mark: 'H released' },
      ],
    },
    {
      name: 'W',
      at: 'last',
      steps: [
        { do: 'await', mark: 'H has a' },
        { do: 'lock', lock: 'a', waitMs: 20_000, answer: 200 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
  ],
  workload: { clients: 3 },
  faults: [
    { kind: 'step', at: 3_000, machine: 'all', clocks: ['wall'], byMs: 3_600_000 },
    { kind: 'step', at: 6_000, machine: 'all', clocks: ['wall'], byMs: -7_200_000 },
    { kind: 'step', at: 9_000, machine: 'n1', clocks: ['wall'], byMs: 3_600_000 },
  ],
  expect: [{ never: 'H lost a' }, { mark: 'W has a', after: 12_000, before: 15_000 }],
};
