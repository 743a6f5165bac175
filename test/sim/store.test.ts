import { describe, expect, it } from 'vitest';
import { SimulatedProcess } from '../../sim/process.ts';
import { RandomStream } from '../../sim/random.ts';
import { Scheduler } from '../../sim/scheduler.ts';
import { type Kept, SimulatedDisk } from '../../sim/store.ts';
import type { Change } from '../../src/core/event.ts';
import type { PeerId, RegisterName } from '../../src/core/types.ts';
import { firstVoters } from './checkers/first-voters.ts';

const never = () => false;
const SYNC_US = 1_000;
const FIRST = { configuration: firstVoters(1).latest, standing: 'serving' } as const;

function write(round: number): Change[] {
  const promised = { epoch: 1, round, peer: 'n1' as PeerId, incarnation: 1 };
  return [
    { kind: 'register', name: `L${round}` as RegisterName, state: { promised, accepted: null } },
  ];
}

function world() {
  const scheduler = new Scheduler();
  const disk = new SimulatedDisk(scheduler, new RandomStream(1, 'disk'), [SYNC_US], FIRST);
  const process = new SimulatedProcess(scheduler);
  const { store } = disk.open(process);
  const done: string[] = [];
  const put = (round: number) =>
    store.write(write(round), (error) =>
      done.push(error === null ? `${round}` : `${round} failed`),
    );
  return { scheduler, disk, process, done, put };
}

const rounds = (disk: SimulatedDisk) => [...disk.registers.keys()].map((name) => name.slice(1));

describe('simulated disk', () => {
  it('calls back in order, once durable, not before the call has returned', () => {
    const { scheduler, disk, done, put } = world();
    put(1);
    put(2);
    expect(done).toEqual([]);
    scheduler.run(SYNC_US - 1, never);
    expect(rounds(disk)).toEqual([]);
    scheduler.run(SYNC_US, never);
    expect(done).toEqual(['1', '2']);
    expect(rounds(disk)).toEqual(['1', '2']);
  });

  it('lets writes that come during a sync share the next one', () => {
    const { scheduler, done, put } = world();
    put(1);
    scheduler.run(500, never);
    put(2);
    put(3);
    scheduler.run(SYNC_US, never);
    expect(done).toEqual(['1']);
    scheduler.run(2 * SYNC_US, never);
    expect(done).toEqual(['1', '2', '3']);
  });

  it.each<[Kept, number[]]>([
    ['none', [1]],
    ['all', [1, 2, 3, 4]],
  ])('keeps %s of what was not acknowledged when its machine crashes', (kept, expected) => {
    const { scheduler, disk, process, put } = world();
    put(1);
    scheduler.run(SYNC_US, never);
    for (const round of [2, 3, 4]) put(round);
    process.end();
    disk.crash(kept);
    scheduler.run(10 * SYNC_US, never);
    expect(rounds(disk)).toEqual(expected.map(String));
  });

  it('keeps a prefix, never a later write without the earlier', () => {
    const lengths = new Set<number>();
    for (let seed = 0; seed < 40; seed++) {
      const scheduler = new Scheduler();
      const disk = new SimulatedDisk(scheduler, new RandomStream(seed, 'disk'), [SYNC_US], FIRST);
      const { store } = disk.open(new SimulatedProcess(scheduler));
      for (const round of [1, 2, 3]) store.write(write(round), () => expect.unreachable());
      disk.crash('some');
      const kept = rounds(disk);
      expect(kept).toEqual(['1', '2', '3'].slice(0, kept.length));
      lengths.add(kept.length);
    }
    expect([...lengths].sort()).toEqual([0, 1, 2, 3]);
  });

  it('acknowledges nothing while it is stuck, and goes on in order', () => {
    const { scheduler, disk, done, put } = world();
    disk.stick();
    put(1);
    scheduler.run(50 * SYNC_US, never);
    put(2);
    expect(done).toEqual([]);
    disk.unstick();
    expect(done).toEqual(['1']);
    scheduler.run(60 * SYNC_US, never);
    expect(done).toEqual(['1', '2']);
  });

  it('fails every write while it is full, and keeps nothing of it', () => {
    const { scheduler, disk, done, put } = world();
    disk.fill();
    put(1);
    scheduler.run(SYNC_US, never);
    expect(done).toEqual(['1 failed']);
    expect(rounds(disk)).toEqual([]);
  });

  it('raises the incarnation at every opening, and gives back what is durable', () => {
    const { scheduler, disk, process, put } = world();
    put(1);
    scheduler.run(SYNC_US, never);
    process.end();
    disk.crash('none');
    const { store, incarnation } = disk.open(new SimulatedProcess(scheduler));
    expect(incarnation).toBe(2);
    expect([...store.durable.registers].map(([name]) => name)).toEqual(['L1']);
  });
});
