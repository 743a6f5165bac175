import { describe, expect, it } from 'vitest';
import { Told } from '../../../sim/checkers/told.ts';
import { Verdict } from '../../../sim/checkers/verdict.ts';
import type { SimulatedConnection } from '../../../sim/connection.ts';
import type { Machine } from '../../../sim/machine.ts';
import { Scheduler } from '../../../sim/scheduler.ts';
import type { LockName } from '../../../src/core/types.ts';

const LOCK = 'db' as LockName;
const verdict = () => new Verdict(new Scheduler());
const connection = (session: string) => ({ session }) as SimulatedConnection;
const clock = { stands: () => false };
const machine = (name: string) => ({ name, life: {}, awake: true, clock }) as unknown as Machine;

describe('told', () => {
  it('catches a lock that another gets before its holder is told', () => {
    const found = verdict();
    const told = new Told(found);
    told.acquired(machine('n1'), connection('c1'), LOCK);
    told.acquired(machine('n2'), connection('c2'), LOCK);
    expect(found.violations[0]?.detail).toBe('c2 got db, and n1 has not told c1 that it is lost');
  });

  it('is content when the holder was told, let go, moved, or the lock is its own', () => {
    const found = verdict();
    const told = new Told(found);
    const first = connection('c1');
    told.acquired(machine('n1'), first, LOCK);
    told.over(first);
    told.acquired(machine('n2'), connection('c2'), LOCK);
    told.letsGo(connection('c2'), LOCK);
    told.acquired(machine('n2'), connection('c3'), LOCK);
    told.acquired(machine('n1'), connection('c3'), LOCK);
    told.letsGoOfAll(connection('c3'));
    told.acquired(machine('n1'), connection('c4'), LOCK);
    expect(found.failed).toBe(false);
  });

  it('excuses a home that is paused, has died, or whose timer stands still', () => {
    const found = verdict();
    const told = new Told(found);
    told.acquired({ ...machine('n1'), awake: false } as Machine, connection('c1'), LOCK);
    const dead = machine('n2');
    told.acquired(dead, connection('c2'), LOCK);
    dead.life = null;
    const frozen = { ...machine('n3'), clock: { stands: () => true } } as unknown as Machine;
    told.acquired(frozen, connection('c3'), LOCK);
    told.acquired(machine('n1'), connection('c4'), LOCK);
    expect(found.failed).toBe(false);
  });
});
