/**
 * Clients that wait for a lock lose their home, or leave it, and wait on elsewhere.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const resumeWhileWaiting: Scenario = {
  name: 'resume-while-waiting',
  shows:
    'A session that waits for one lock and holds another moves with what it holds, and waits anew; its old claim, orphaned at the keeper, blocks nobody.',
  knownFrom:
    "ZooKeeper's lock recipe, whose waiters found their own old nodes in the queue after a lost connection (the ghost of Curator's protection mode).",
  peers: 3,
  peersMin: 3,
  clients: [
    {
      name: 'F',
      at: 'last',
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'hold', lock: 'a', forMs: 7_000 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'H',
      at: 'n1',
      timeoutMs: 10_000,
      steps: [
        { do: 'await', mark: 'F has a' },
        { do: 'lock', lock: 'b', until: 200 },
        { do: 'lock', lock: 'a', waitMs: 25_000, answer: 0 },
        { do: 'go', to: 'n2' },
        { do: 'lock', lock: 'a', waitMs: 25_000, answer: 200 },
        { do: 'lock', lock: 'b', answer: 200 },
        { do: 'hold', lock: 'a', forMs: 2_000 },
        { do: 'mark', mark: 'H lets go' },
        { do: 'unlock', lock: 'a', answer: 200 },
        { do: 'unlock', lock: 'b', answer: 200 },
      ],
    },
    {
      name: 'V',
      at: 'last',
      steps: [
        { do: 'await', mark: 'H resumed' },
        { do: 'wait', forMs: 1_500 },
        { do: 'lock', lock: 'a', waitMs: 25_000, answer: 200 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'U',
      at: 'n2',
      steps: [
        { do: 'await', mark: 'H has b' },
        { do: 'lock', lock: 'b', waitMs: 25_000, answer: 200 },
        { do: 'unlock', lock: 'b', answer: 200 },
      ],
    },
  ],
  faults: [{ kind: 'crash', at: 3_000, for: 12_000, machine: 'n1', kept: 'none', power: false }],
  expect: [
    { mark: 'H resumed', after: 3_000, before: 6_000 },
    { never: 'H lost b' },
    { mark: 'H has a', after: 7_000, before: 11_000 },
    { mark: 'V has a', after: 'H has a' },
    { mark: 'U has b', after: 'H lets go' },
  ],
};
