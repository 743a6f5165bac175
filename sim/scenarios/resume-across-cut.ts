/**
 * A holder's home is cut off with its client, who finds another peer on the other side.
 */
import type { Scenario } from '../scenario.ts';

/** See `shows`. */
export const resumeAcrossCut: Scenario = {
  name: 'resume-across-cut',
  shows:
    'A session whose home is alive but cut off is taken over by the majority with its lock; the old home grants nothing, and when the cut heals it does not take the lock back.',
  knownFrom:
    'Half of a Consul or etcd cluster that went on serving clients after the other half had moved on (Jepsen, 2014).',
  peers: 3,
  peersMin: 3,
  clients: [
    {
      name: 'H',
      at: 'n1',
      timeoutMs: 8_000,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'read', lock: 'a', outcome: 'read' },
        { do: 'until', atMs: 3_300 },
        { do: 'go', to: 'last' },
        { do: 'lock', lock: 'a', answer: 200 },
        { do: 'write', lock: 'a', outcome: 'written' },
        { do: 'hold', lock: 'a', forMs: 11_000 },
        { do: 'mark', mark: 'H lets go' },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'C',
      at: 'n1',
      steps: [
        { do: 'until', atMs: 5_500 },
        { do: 'lock', lock: 'a', answer: [0, 503] },
        { do: 'mark', mark: 'C was refused' },
      ],
    },
    {
      name: 'W',
      at: 'n2',
      steps: [
        { do: 'await', mark: 'H has a' },
        { do: 'lock', lock: 'a', waitMs: 25_000, answer: 200 },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
  ],
  faults: [{ kind: 'cut', at: 3_000, for: 9_000, links: { isolate: 'n1' } }],
  expect: [
    { mark: 'H resumed', after: 3_300, before: 7_500 },
    { never: 'H lost a' },
    { mark: 'C was refused', after: 5_500, before: 10_000 },
    { mark: 'W has a', after: 'H lets go' },
  ],
};
