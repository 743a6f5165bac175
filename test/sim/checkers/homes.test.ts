import { describe, expect, it } from 'vitest';
import { Exclusive } from '../../../sim/checkers/exclusive.ts';
import { Homes } from '../../../sim/checkers/homes.ts';
import { Verdict } from '../../../sim/checkers/verdict.ts';
import type { Machine } from '../../../sim/machine.ts';
import { Scheduler } from '../../../sim/scheduler.ts';
import type { PeerId, RegisterRecord } from '../../../src/core/types.ts';

const machine = (name: string) => ({ name, id: name as PeerId, life: null }) as Machine;
const [N1, N2, N3] = [machine('n1'), machine('n2'), machine('n3')];
const at = ({ id: home }: Machine, attachment: number): RegisterRecord => ({
  kind: 'session',
  home,
  incarnation: 1,
  attachment,
  timeoutMs: 0,
  state: 'live',
});

/** Homes of one session, taken over so. */
function taken(...takes: readonly (readonly [Machine, RegisterRecord | null])[]): Homes {
  const homes = new Homes(new Exclusive(new Verdict(new Scheduler()), 0));
  for (const [taker, record] of takes) homes.takes(taker, 'c1#1', record);
  return homes;
}

describe('the newest home', () => {
  it('is wherever the session is, as long as it does not move', () => {
    expect(taken().isFormer(N1, 'c1#1')).toBe(false);
  });

  it('is the one that took it over last', () => {
    const homes = taken([N2, at(N2, 2)], [N3, at(N3, 3)]);
    expect([N1, N2, N3].map((home) => homes.isFormer(home, 'c1#1'))).toEqual([true, true, false]);
    expect(homes.find('c1#1')?.name).toBe('n3 for c1#1');
  });

  it('is not one that hears late that it had taken it over, when another has it', () => {
    const homes = taken([N3, at(N3, 3)], [N2, at(N3, 3)]);
    expect([N1, N2, N3].map((home) => homes.isFormer(home, 'c1#1'))).toEqual([true, true, false]);
    expect(homes.find('c1#1')?.name).toBe('n3 for c1#1');
  });

  it('is the taker of a session that has no record yet', () => {
    expect(taken([N2, null]).isFormer(N1, 'c1#1')).toBe(true);
  });

  it('is forgotten with its session', () => {
    const homes = taken([N2, at(N2, 2)]);
    homes.forget('c1#1');
    expect(homes.find('c1#1')).toBeUndefined();
    expect(homes.isFormer(N1, 'c1#1')).toBe(false);
  });
});
