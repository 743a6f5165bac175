/**
 * Sessions that come back sooner and later than the moment at which they end.
 *
 * What `resume-races-expiry` and `resume-races-grace-release` have in common: the first comes well
 * before that moment and must have its lock, the last well after it and must not, and those between
 * may have it or not, but never while their waiters do.
 */
import type { ScenarioClient } from '../scenario.ts';
import type { Expectation } from '../script.ts';

/** Who comes, and when (ms): `early` and `late` are certain. */
type Comers = Readonly<Record<string, number>>;

/** Holders who leave at `leaveMs`, by the name of their lock, each with one who waits for it. */
export function racers(comers: Comers, leaveMs: number, timeoutMs: number): ScenarioClient[] {
  return Object.entries(comers).flatMap(([lock, atMs]): ScenarioClient[] => {
    const resumed = lock === 'early' || lock === 'late';
    return [
      {
        name: `H-${lock}`,
        at: 'n1',
        timeoutMs,
        steps: [
          { do: 'lock', lock, until: 200 },
          { do: 'until', atMs: leaveMs },
          { do: 'leave', how: 'close' },
          { do: 'until', atMs },
          { do: 'go', to: 'last' },
          // A lock that it has no more is its waiter's for now.
          { do: 'lock', lock, answer: resumed ? (lock === 'early' ? 200 : 409) : [200, 409] },
          { do: 'hold', lock, forMs: 2_000 },
          { do: 'mark', mark: `H-${lock} lets go` },
          { do: 'unlock', lock },
        ],
      },
      {
        name: `W-${lock}`,
        at: 'n2',
        steps: [
          { do: 'await', mark: `H-${lock} has ${lock}` },
          { do: 'lock', lock, waitMs: 20_000, answer: 200 },
          { do: 'hold', lock, forMs: 6_000 },
          { do: 'unlock', lock, answer: 200 },
        ],
      },
    ];
  });
}

/** What must come of them; all are over at `endedMs`. */
export function outcomes(comers: Comers, endedMs: number): Expectation[] {
  return [
    { mark: 'H-early resumed', before: endedMs },
    { mark: 'W-early has early', after: 'H-early lets go' },
    { never: 'H-late resumed' },
    { mark: 'W-late has late', before: endedMs },
    ...Object.keys(comers).map((lock) => ({ mark: `W-${lock} has ${lock}` })),
  ];
}
