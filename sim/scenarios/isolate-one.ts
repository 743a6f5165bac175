/**
 * One peer is cut from all others.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const isolateOne: Scenario = {
  name: 'isolate-one',
  shows:
    'A peer that reaches nobody says so, and the others do not even notice: what they hold they keep, what is free they grant.',
  knownFrom:
    'A study of partition failures (Alquraan et al., OSDI 2018): most need no more than one isolated node.',
  peers: 5,
  peersMin: 3,
  clients: [
    {
      name: 'H',
      at: 'n2',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'hold', lock: 'a', forMs: 18_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'I',
      at: 'n1',
      steps: [
        { do: 'until', atMs: 5_000 },
        { do: 'lock', lock: 'b', waitMs: 1_000, answer: 503 },
        { do: 'lock', lock: 'a', answer: [409, 503] },
        { do: 'lock', lock: 'b', waitMs: 2_000, until: 200 },
        { do: 'unlock', lock: 'b', answer: 200 },
      ],
    },
    {
      name: 'W',
      at: 'last',
      steps: [
        { do: 'until', atMs: 5_000 },
        { do: 'lock', lock: 'c', answer: 200 },
        { do: 'unlock', lock: 'c', answer: 200 },
        { do: 'lock', lock: 'a', waitMs: 20_000, answer: 200 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
  ],
  workload: { clients: 3 },
  faults: [{ kind: 'cut', at: 3_000, for: 12_000, links: { isolate: 'n1' } }],
  expect: [
    { never: 'H lost a' },
    { mark: 'W has c', before: 6_500 },
    { mark: 'I has b', before: 25_000 },
  ],
};
