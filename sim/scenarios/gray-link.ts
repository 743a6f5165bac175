/**
 * Links that lose channels now and then, and are slow at times.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const grayLink: Scenario = {
  name: 'gray-link',
  shows:
    'Links of one peer that are neither up nor down cost time, and no locks: no storm of expired sessions follows.',
  knownFrom: 'Gray failure (Huang et al., HotOS 2017): the detector sees a node that works.',
  peers: 5,
  peersMin: 3,
  clients: [
    {
      name: 'H',
      at: 'n1',
      timeoutMs: 6_000,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'hold', lock: 'a', forMs: 17_000 },
        { do: 'unlock', lock: 'a', until: 200 },
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
  workload: { clients: 4 },
  faults: [
    { kind: 'loss', at: 2_000, for: 16_000, links: { isolate: 'n1' }, perMillion: 20_000 },
    {
      kind: 'delay',
      at: 2_000,
      for: 16_000,
      links: { isolate: 'n1' },
      delayUs: [500, 1_000, 3_000, 20_000, 250_000],
    },
  ],
  expect: [{ never: 'H lost a' }, { mark: 'W has a', before: 25_000 }],
};
