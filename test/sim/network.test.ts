import { describe, expect, it } from 'vitest';
import { SimulatedNetwork } from '../../sim/network.ts';
import { SimulatedProcess } from '../../sim/process.ts';
import { Scheduler } from '../../sim/scheduler.ts';
import type { Table } from '../../sim/table.ts';
import { Journal } from '../../sim/trace.ts';
import type { PeerId } from '../../src/core/types.ts';
import type { Transport } from '../../src/runtime/ports.ts';

const SECOND = 1_000_000;
const DETECT_US = 2 * SECOND;

interface End {
  readonly id: PeerId;
  readonly process: SimulatedProcess;
  readonly transport: Transport;
  /** What its driver was told: `+b.1` opened, `-b` closed, `b:7` a frame. */
  readonly heard: string[];
}

/** Peers a, b, c … on machines 0, 1, 2 …, each with a listener that writes down what it hears. */
class World {
  readonly scheduler = new Scheduler();
  readonly network: SimulatedNetwork;
  readonly ends: End[] = [];

  constructor(machines: number, seed = 1, delayUs: Table = [100, 300, 5_000]) {
    this.network = new SimulatedNetwork({
      scheduler: this.scheduler,
      journal: new Journal(this.scheduler, null),
      seed,
      machines,
      delayUs,
      detectUs: [DETECT_US],
    });
    for (let machine = 0; machine < machines; machine++) this.ends.push(this.join(machine, 1));
  }

  join(machine: number, incarnation: number): End {
    const id = 'abcdefg'[machine] as PeerId;
    const process = new SimulatedProcess(this.scheduler);
    const transport = this.network.attach(machine, id, incarnation, process);
    const heard: string[] = [];
    transport.listen({
      opened: (peer, theirs) => heard.push(`+${peer}.${theirs}`),
      closed: (peer) => heard.push(`-${peer}`),
      frame: (peer, frame) => heard.push(`${peer}:${frame[0]}`),
    });
    return { id, process, transport, heard };
  }

  run(forUs: number): this {
    this.scheduler.run(this.scheduler.now + forUs, () => false);
    return this;
  }

  /** Sends numbered frames from one machine to another, one a ms. */
  stream(from: number, to: number, count: number, first = 0): void {
    for (let i = 0; i < count; i++) {
      this.scheduler.after(i * 1_000, () => {
        const bytes = Uint8Array.of(0, 0, 0, 1, first + i);
        this.ends[from]!.transport.send(this.ends[to]!.id, bytes);
      });
    }
  }

  take(machine: number): string[] {
    return this.ends[machine]!.heard.splice(0);
  }
}

const numbers = (from: string, count: number, first = 0) =>
  Array.from({ length: count }, (_, i) => `${from}:${first + i}`);

const connected = (seed = 1) => {
  const world = new World(2, seed).run(SECOND);
  expect(world.take(0)).toEqual(['+b.1']);
  expect(world.take(1)).toEqual(['+a.1']);
  return world;
};

describe('simulated network', () => {
  it('opens one channel for each pair, with both incarnations', () => {
    const world = new World(3).run(SECOND);
    expect(world.network.counts.channels).toBe(3);
    expect(world.take(0).sort()).toEqual(['+b.1', '+c.1']);
    expect(world.network.connected(0, 1)).toBe(true);
  });

  it('delivers everything, once and in order, whatever the delays', () => {
    const world = connected();
    world.stream(0, 1, 100);
    world.stream(1, 0, 50);
    world.run(SECOND);
    expect(world.take(1)).toEqual(numbers('a', 100));
    expect(world.take(0)).toEqual(numbers('b', 50));
  });

  it('drops what is sent where no channel stands', () => {
    const world = new World(2);
    world.stream(0, 1, 5);
    world.run(SECOND);
    expect(world.take(1)).toEqual(['+a.1']);
  });

  it('delivers a prefix across a break, tells both ends, and opens a newer channel', () => {
    const prefixes = new Set<number>();
    for (let seed = 0; seed < 30; seed++) {
      const world = connected(seed);
      world.network.links.link(0, 1).addDelay([20_000]);
      world.stream(0, 1, 20);
      world.run(10_000);
      world.network.break(0, 1);
      world.run(2 * SECOND);
      const heard = world.take(1);
      const prefix = heard.indexOf('-a');
      expect(heard).toEqual([...numbers('a', prefix), '-a', '+a.1']);
      expect(world.take(0)).toEqual(['-b', '+b.1']);
      prefixes.add(prefix);
    }
    expect(prefixes.size).toBeGreaterThan(3);
  });

  it('refuses the letters of an older channel, however late they come', () => {
    const world = connected();
    const link = world.network.links.link(0, 1);
    link.lateUs = 30 * SECOND;
    link.addDelay([50_000]);
    world.stream(0, 1, 20);
    world.run(20_000);
    world.network.break(0, 1);
    world.run(60 * SECOND);
    expect(world.network.counts.refused).toBeGreaterThan(0);
    const heard = world.take(1);
    expect(heard.slice(heard.indexOf('-a'))).toEqual(['-a', '+a.1']);
  });

  it('breaks the channel when a segment is lost', () => {
    const world = connected();
    world.network.links.link(0, 1).changeLoss(1_000_000);
    world.stream(0, 1, 1);
    world.run(40_000);
    expect(world.network.counts.broken).toBe(1);
    expect(world.take(0)).toContain('-b');
  });

  it('stalls what is clogged, and goes on in order without anybody noticing', () => {
    const world = connected();
    world.network.links.clog(0, 1);
    world.stream(0, 1, 10);
    world.stream(1, 0, 10);
    world.run(60 * SECOND);
    expect(world.take(1)).toEqual([]);
    expect(world.take(0)).toEqual(numbers('b', 10));
    world.network.links.unclog(0, 1);
    world.run(5 * SECOND);
    expect(world.take(1)).toEqual(numbers('a', 10));
  });

  it('stalls one direction of a cut, and breaks once an end has noticed', () => {
    const world = connected();
    world.network.links.cut(0, 1);
    world.stream(0, 1, 10);
    world.stream(1, 0, 10);
    world.run(DETECT_US - 1);
    expect(world.take(0)).toEqual(numbers('b', 10));
    expect(world.take(1)).toEqual([]);
    world.run(10 * SECOND);
    expect(world.take(0)).toEqual(['-b']);
    expect(world.take(1)).toEqual(['-a']);
    world.network.links.uncut(0, 1);
    world.run(10 * SECOND);
    expect(world.take(0)).toEqual(['+b.1']);
    expect(world.take(1)).toEqual(['+a.1']);
  });

  it('loses nothing in a cut that ends before anybody noticed', () => {
    const world = connected();
    world.network.links.cut(0, 1);
    world.stream(0, 1, 10);
    world.run(DETECT_US / 2);
    world.network.links.uncut(0, 1);
    world.run(10 * SECOND);
    expect(world.take(1)).toEqual(numbers('a', 10));
    expect(world.take(0)).toEqual([]);
  });

  it('delivers as fast as the capacity allows', () => {
    const world = new World(2, 1, [100]).run(SECOND);
    world.take(1);
    world.network.links.link(0, 1).addCapacity(1);
    world.stream(0, 1, 100);
    world.run(250_000);
    // 5 bytes a frame at 1 byte a ms: 50 of them in 250 ms.
    expect(world.take(1).length).toBe(49);
  });

  it('delivers what waited for a limited capacity as soon as the limit ends, in order', () => {
    const world = new World(2, 1, [100]).run(SECOND);
    world.take(1);
    world.network.links.link(0, 1).addCapacity(1);
    world.stream(0, 1, 100);
    world.run(250_000);
    world.network.links.uncap(0, 1, 1);
    world.stream(0, 1, 20, 100);
    world.run(25_000);
    expect(world.take(1)).toEqual(numbers('a', 120));
  });

  it('delivers what waited as fast as the limit that is left allows', () => {
    const world = new World(2, 1, [100]).run(SECOND);
    world.take(1);
    const link = world.network.links.link(0, 1);
    link.addCapacity(5);
    link.addCapacity(1);
    world.stream(0, 1, 100);
    world.run(250_000);
    world.network.links.uncap(0, 1, 1);
    world.take(1);
    // 51 frames are left: one a ms, and the first of them has partly left.
    world.run(20_500);
    expect(world.take(1).length).toBe(21);
    world.run(40_000);
    expect(world.take(1).length).toBe(30);
  });

  it('tells the others when a process ends, and joins its next life', () => {
    const world = connected();
    world.ends[1]!.process.end();
    world.network.detach(1, false);
    world.run(SECOND);
    expect(world.take(0)).toEqual(['-b']);
    world.ends[1] = world.join(1, 2);
    world.run(10 * SECOND);
    expect(world.take(0)).toEqual(['+b.2']);
    expect(world.take(1)).toEqual(['+a.1']);
  });

  it('leaves the others to notice when a machine loses its power', () => {
    const world = connected();
    world.ends[1]!.process.end();
    world.network.detach(1, true);
    world.stream(0, 1, 3);
    world.run(DETECT_US - 1);
    expect(world.take(0)).toEqual([]);
    world.run(1);
    expect(world.take(0)).toEqual(['-b']);
  });

  it('replaces a channel whose other end has forgotten it', () => {
    const world = connected();
    world.ends[0]!.process.end();
    world.network.detach(0, true);
    world.ends[0] = world.join(0, 2);
    world.run(SECOND);
    expect(world.take(1)).toEqual(['+a.2']);
  });

  it('keeps for a paused process what arrives meanwhile', () => {
    const world = connected();
    world.ends[1]!.process.pause();
    world.stream(0, 1, 5);
    world.run(SECOND);
    expect(world.take(1)).toEqual([]);
    world.ends[1]!.process.goOn();
    expect(world.take(1)).toEqual(numbers('a', 5));
  });

  it('closes a channel that its driver does not want, and tells the other end', () => {
    const world = connected();
    world.ends[1]!.transport.disconnect('a' as PeerId, 'malformed frame', 'any');
    world.run(20_000);
    expect(world.take(0)).toEqual(['-b']);
    world.run(SECOND);
    expect(world.network.connected(0, 1)).toBe(true);
  });
});
