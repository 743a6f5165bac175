/**
 * Stories of what is left over, for mutants that leave it for ever. Everybody goes in the end, and
 * rests: then nothing may be there. The seed draws what they leave open.
 */
import type { Hunt } from './hunts.ts';
import { cut, NEAR, SHORT, told } from './story.ts';

/** As told, with rest in the end. */
function resting(scenario: Parameters<typeof told>[0]): Hunt {
  const story = told(scenario);
  return (seed) => ({ ...story(seed), rests: true });
}

/**
 * The first record of H's session is under way to n3 for so long that the session is over, and
 * forgotten, before it comes there; its home n4 stood still meanwhile, and ends it when it cannot
 * tell n3.
 */
function lateRecord(name: string, cutMs: number): Hunt {
  return resting({
    name,
    peers: 4,
    observers: 1,
    faultsMs: 13_000,
    progressMs: 5_000,
    settings: { ...SHORT, forgetMs: 500 },
    ...NEAR,
    detectUs: [20_000_000],
    clients: [
      {
        name: 'H',
        at: 'n4',
        timeoutMs: 1_000,
        startMs: 1_000,
        steps: [{ do: 'lock', lock: 'a', until: 200 }],
      },
      {
        name: 'W',
        at: 'n1',
        timeoutMs: 0,
        steps: [
          { do: 'until', atMs: 3_000 },
          { do: 'lock', lock: 'a', waitMs: 3_000, until: 200 },
          { do: 'unlock', lock: 'a' },
        ],
      },
    ],
    faults: [
      { kind: 'clog', at: 800, for: 6_200, links: { from: 'n4', to: 'n3' } },
      { kind: 'pause', at: 2_000, for: 7_000, machine: 'n4' },
      ...cut(8_500, cutMs, 'n3', 'n4'),
      { kind: 'break', at: 8_600, between: ['n3', 'n4'] },
    ],
    expect: [{ mark: 'W has a', before: 6_000 }],
  });
}

/** n3 hears n4 again before it looks after that record. */
export const lateFirstRecord: Hunt = lateRecord('late-first-record', 1_200);

/** It does not: the voters are to end the session. */
export const lateFirstRecordAlone: Hunt = lateRecord('late-first-record-alone', 4_000);

/** n4, which has no vote, keeps a lock that all forget while it is cut off. */
export const keptUnheard: Hunt = resting({
  name: 'kept-unheard',
  peers: 4,
  observers: 1,
  faultsMs: 8_000,
  progressMs: 3_000,
  settings: { ...SHORT, forgetMs: 500 },
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n4',
      timeoutMs: 0,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'unlock', lock: 'a' },
        { do: 'mark', mark: 'over' },
      ],
    },
  ],
  faults: cut(300, 7_000, 'n4', ['n1', 'n2', 'n3']),
  expect: [{ mark: 'over', before: 300 }],
});
