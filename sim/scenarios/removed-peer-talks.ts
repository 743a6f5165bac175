/**
 * A voter is shut out while it is cut off, and comes back as if nothing had been.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const removedPeerTalks: Scenario = {
  name: 'removed-peer-talks',
  shows:
    'A peer that was shut out is refused by everybody as soon as they know, however often it comes; its clients are told 503, and nobody else notices.',
  knownFrom:
    'Removed Raft servers that go on calling elections (Ongaro, 2014, section 4.2.3), and stolen or sold machines.',
  peers: 4,
  peersMin: 4,
  peersMax: 4,
  observers: 1,
  clients: [
    {
      name: 'H',
      at: 'n1',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'hold', lock: 'a', forMs: 16_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'M',
      at: 'n2',
      steps: [
        { do: 'lock', lock: 'b', until: 200 },
        { do: 'hold', lock: 'b', forMs: 8_000 },
        { do: 'until', atMs: 12_000 },
        { do: 'lock', lock: 'b', answer: 503 },
        { do: 'lock', lock: 'a', answer: 503 },
      ],
    },
    {
      name: 'W',
      at: 'last',
      steps: [
        { do: 'await', mark: 'M has b' },
        { do: 'lock', lock: 'b', waitMs: 15_000, answer: 200 },
        { do: 'unlock', lock: 'b', answer: 200 },
      ],
    },
  ],
  faults: [{ kind: 'cut', at: 3_000, for: 5_000, links: { isolate: 'n2' } }],
  wishes: [{ at: 4_500, machine: 'n1', change: { kind: 'expel', peer: 'n2' } }],
  heal: { core: ['n1', 'n3', 'last'] },
  expect: [
    { mark: 'wish 1 changed', before: 6_500 },
    { mark: 'M lost b', before: 'W has b' },
    { mark: 'W has b', before: 11_000 },
    { count: 'refused-peer', atLeast: 2 },
    { never: 'n2 in epoch 2' },
    { never: 'H lost a' },
  ],
};
