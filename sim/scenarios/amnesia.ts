/**
 * One voter crashes before its vote is durable, another loses all its votes.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const amnesia: Scenario = {
  name: 'amnesia',
  shows:
    'A vote that was not durable was never given, and a machine that lost its votes comes back as a new peer without a vote: the lock stays with its holder.',
  knownFrom:
    'Redlock without fsync (Kleppmann, 2016): a node restarts without its keys, and votes again at once.',
  peers: 3,
  peersMin: 3,
  clients: [
    {
      name: 'H',
      at: 'n1',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'hold', lock: 'a', forMs: 15_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'W',
      at: 'n1',
      steps: [
        { do: 'await', mark: 'H has a' },
        { do: 'lock', lock: 'a', waitMs: 30_000, answer: 200 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
  ],
  workload: { clients: 4 },
  syncUs: [20_000, 60_000],
  faults: [
    // The holder has no more votes than it needs.
    { kind: 'cut', at: 0, for: 1_500, links: { isolate: 'last' } },
    { kind: 'crash', at: 2_000, for: 50, machine: 'n2', kept: 'none', power: false },
    { kind: 'crash', at: 5_000, for: 200, machine: 'n2', kept: 'none', power: false },
    { kind: 'lose-directory', at: 9_000, machine: 'last' },
  ],
  expect: [{ never: 'H lost a' }, { mark: 'W has a', before: 25_000 }],
};
