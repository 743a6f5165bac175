/**
 * Two clients with the id of one session come to two peers at once.
 */
import type { Scenario, ScenarioClient } from '../scenario.ts';

/** Comes with the id as its owner's home dies, and again until it is let in. */
function taker(name: string, at: string): ScenarioClient {
  return {
    name,
    at,
    timeoutMs: 10_000,
    steps: [
      { do: 'await', mark: 'H has a' },
      { do: 'until', atMs: 3_010 },
      { do: 'pose', as: 'H' },
      { do: 'lock', lock: 'a', answer: 200 },
      { do: 'hold', lock: 'a', forMs: 1_500 },
      // The other's turn, by a home that lives and lets go.
      { do: 'leave', how: 'close' },
    ],
  };
}

/** See `shows`. */
export const twoTakers: Scenario = {
  name: 'two-takers',
  shows:
    'Of two that come with the id of one session, one has it, and the other is refused for as long as it is attached; then that one has it, with the same lock.',
  knownFrom:
    'Two ZooKeeper clients that share a session id and password, and take it from one another for ever.',
  peers: 3,
  peersMin: 3,
  clients: [
    {
      name: 'H',
      at: 'n1',
      timeoutMs: 10_000,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 2_990 },
        { do: 'leave', how: 'close' },
      ],
    },
    taker('P', 'n2'),
    taker('Q', 'last'),
    {
      name: 'W',
      at: 'n2',
      steps: [
        { do: 'await', mark: 'H has a' },
        { do: 'lock', lock: 'a', waitMs: 30_000, answer: 200 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
  ],
  faultsMs: 25_000,
  faults: [{ kind: 'crash', at: 3_000, for: 6_000, machine: 'n1', kept: 'none', power: false }],
  expect: [
    // The one that came second, until the first had gone.
    { count: 'refusedAttached', atLeast: 1 },
    { mark: 'P has a', after: 2_990, before: 12_000 },
    { mark: 'Q has a', after: 2_990, before: 12_000 },
    { mark: 'W has a', after: 12_000 },
  ],
};
