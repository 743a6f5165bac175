/**
 * Stories of keepers that do not hear what becomes of their locks. The seed draws what they leave
 * open.
 */
import type { Hunt } from './hunts.ts';
import { cut, NEAR, told } from './story.ts';

/**
 * H's home n4 has no vote and keeps the lock. It is cut off while H moves to n5 with the lock and
 * lets go of it there; what the voters said of that to n4 is lost. W tries at n4 when that is back.
 */
export const keptUnheard: Hunt = told({
  name: 'kept-unheard',
  peers: 5,
  observers: 2,
  faultsMs: 7_000,
  progressMs: 8_000,
  ...NEAR,
  clients: [
    {
      name: 'H',
      at: 'n4',
      timeoutMs: 12_000,
      steps: [
        { do: 'lock', lock: 'a', until: 200 },
        { do: 'until', atMs: 3_100 },
        { do: 'go', to: 'n5' },
        { do: 'unlock', lock: 'a', answer: 200 },
      ],
    },
    {
      name: 'W',
      at: 'n4',
      steps: [
        { do: 'until', atMs: 6_500 },
        { do: 'lock', lock: 'a', answer: 200 },
      ],
    },
  ],
  faults: [
    ...cut(2_900, 1_500, 'n4', ['n1', 'n2', 'n3', 'n5']),
    { kind: 'break', at: 4_390, between: ['n4', 'n1'] },
    { kind: 'break', at: 4_390, between: ['n4', 'n2'] },
    { kind: 'break', at: 4_390, between: ['n4', 'n3'] },
  ],
  expect: [{ mark: 'W has a', before: 7_000 }],
});
