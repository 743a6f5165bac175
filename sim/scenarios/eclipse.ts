/**
 * A peer hears nobody but a voter of an epoch that is over.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const eclipse: Scenario = {
  name: 'eclipse',
  shows:
    'A peer that sees only a voter who knows nothing of the newer epoch gets no lock and grants none, however well the two hear each other; once it hears anybody else it catches up.',
  knownFrom:
    'Eclipse attacks on peer-to-peer networks (Heilman et al., USENIX Security 2015): whoever chooses your neighbours chooses your truth.',
  peers: 5,
  peersMin: 5,
  peersMax: 5,
  observers: 2,
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
      at: 'n5',
      steps: [
        { do: 'until', atMs: 6_500 },
        { do: 'lock', lock: 'a', answer: 503 },
        { do: 'lock', lock: 'b', answer: 503 },
        { do: 'await', mark: 'n5 in epoch 2' },
        { do: 'lock', lock: 'b', waitMs: 5_000, until: 200 },
        { do: 'unlock', lock: 'b', answer: 200 },
      ],
    },
    {
      name: 'W',
      at: 'n4',
      steps: [
        { do: 'until', atMs: 7_000 },
        { do: 'lock', lock: 'b', answer: 200 },
        { do: 'unlock', lock: 'b', answer: 200 },
      ],
    },
  ],
  faults: [
    {
      kind: 'cut',
      at: 3_000,
      for: 12_000,
      links: {
        split: [
          ['n3', 'n5'],
          ['n1', 'n2', 'n4'],
        ],
      },
    },
  ],
  wishes: [
    { at: 4_500, machine: 'n2', change: { kind: 'replace', peer: 'n3', by: 'n4', rests: true } },
  ],
  expect: [
    { mark: 'wish 1 changed', before: 6_500 },
    { mark: 'n5 in epoch 2', after: 15_000, before: 19_000 },
    { mark: 'n3 in epoch 2', after: 15_000, before: 19_000 },
    { mark: 'M has b', after: 15_000 },
    { never: 'H lost a' },
  ],
};
