/**
 * Three voters become five, and then three others, and then the first again, under load.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const threeToFiveToThree: Scenario = {
  name: '3-to-5-to-3',
  shows:
    'Voters come and go under load, until none is left that ever saw a lock granted, and a holder keeps it with its token; each change takes less than two seconds.',
  knownFrom:
    'Rolling replacement of machines, which in ZooKeeper before 3.5 took a restart of all.',
  peers: 5,
  peersMin: 5,
  observers: 2,
  clients: [
    {
      name: 'H',
      at: 'n2',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'hold', lock: 'a', forMs: 17_000 },
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
  workload: { clients: 8, locks: 4, thinkMs: [1, 50] },
  faults: [],
  wishes: [
    { at: 4_000, machine: 'n1', change: { kind: 'set', voters: 'all' } },
    { at: 8_000, machine: 'last', change: { kind: 'set', voters: ['n3', 'n4', 'n5'] } },
    { at: 12_000, machine: 'n2', change: { kind: 'set', voters: ['n1', 'n2', 'n3'] } },
  ],
  expect: [
    { mark: 'wish 1 changed', before: 6_000 },
    { mark: 'wish 2 changed', before: 10_000 },
    { mark: 'wish 3 changed', before: 14_000 },
    { mark: 'W has a', after: 17_000, before: 20_000 },
    { never: 'H lost a' },
  ],
};
