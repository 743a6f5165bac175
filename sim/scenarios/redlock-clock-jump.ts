/**
 * The clock of one voter jumps while the holder is cut off.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const redlockClockJump: Scenario = {
  name: 'redlock-clock-jump',
  shows:
    "One voter's clock that jumps an hour ahead gives its vote away early, and no more: the others still wait, and nobody else gets the lock before its holder has lost it.",
  knownFrom:
    'The attack on Redlock by Kleppmann (2016): the holder has A, B and C; the clock of C jumps; another gets C, D and E.',
  peers: 5,
  peersMin: 5,
  peersMax: 5,
  clients: [
    {
      name: 'H',
      at: 'n1',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'hold', lock: 'a', forMs: 15_000 },
      ],
    },
    {
      name: 'W',
      at: 'last',
      steps: [
        { do: 'await', mark: 'H has a' },
        { do: 'until', atMs: 6_200 },
        { do: 'lock', lock: 'a', waitMs: 15_000, answer: 200 },
        { do: 'hold', lock: 'a', forMs: 1_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
  ],
  faults: [
    // Whoever asks early gets the votes of A, B and C only.
    {
      kind: 'cut',
      at: 0,
      for: 1_000,
      links: {
        split: [
          ['n1', 'n2', 'n3'],
          ['n4', 'n5'],
        ],
      },
    },
    { kind: 'cut', at: 6_000, for: 12_000, links: { isolate: 'n1' } },
    {
      kind: 'step',
      at: 6_100,
      machine: 'n2',
      clocks: ['monotonic', 'boot', 'wall'],
      byMs: 3_600_000,
    },
  ],
  expect: [
    { mark: 'H lost a', after: 6_000, before: 'W has a' },
    { count: 'overlaps', atMost: 0 },
  ],
};
