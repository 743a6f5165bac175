/**
 * A holder's home stands still, loses its session to another peer, and wakes.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const zombieHome: Scenario = {
  name: 'zombie-home',
  shows:
    'A home that wakes after its session has moved away takes nothing back: it releases no lock of it, ends it not, and has it again only with its locks when the client returns.',
  knownFrom:
    'Long pauses of HBase region servers, which woke and went on as though nothing had happened (Soztutar, 2013).',
  peers: 3,
  peersMin: 3,
  clients: [
    {
      name: 'H',
      at: 'n1',
      timeoutMs: 8_000,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'lock', lock: 'b', until: 200 },
        { do: 'read', lock: 'b', outcome: 'read' },
        { do: 'until', atMs: 3_200 },
        { do: 'go', to: 'last' },
        { do: 'mark', mark: 'H moved' },
        { do: 'unlock', lock: 'a', answer: 200 },
        // Here its old home wakes.
        { do: 'hold', lock: 'b', forMs: 9_000 },
        { do: 'go', to: 'n1' },
        { do: 'lock', lock: 'b', answer: 200 },
        { do: 'write', lock: 'b', outcome: 'written' },
        { do: 'mark', mark: 'H returned' },
        { do: 'unlock', lock: 'b', answer: 200 },
      ],
    },
    {
      name: 'W',
      at: 'n2',
      steps: [
        { do: 'await', mark: 'H has b' },
        { do: 'lock', lock: 'a', waitMs: 20_000, answer: 200 },
        { do: 'unlock', lock: 'a', answer: 200 },
        { do: 'lock', lock: 'b', waitMs: 25_000, answer: 200 },
        { do: 'unlock', lock: 'b', answer: 200 },
      ],
    },
  ],
  faults: [{ kind: 'pause', at: 3_000, for: 7_000, machine: 'n1' }],
  expect: [
    { mark: 'H moved', after: 3_200, before: 7_000 },
    { mark: 'W has a', after: 'H moved', before: 10_000 },
    { never: 'H lost b' },
    { mark: 'H returned', after: 12_000 },
    { mark: 'W has b', after: 'H returned' },
  ],
};
