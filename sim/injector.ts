/**
 * Brings a plan's faults about, ends them, and heals.
 *
 * Owns what each kind of fault does to the world, and how it is undone. Draws nothing: the plan
 * says all. Every fault is over when the faults' time is.
 */
import { assertNever } from '../src/core/invariant.ts';
import type { ClockName } from './clock.ts';
import { clientName, machineName } from './names.ts';
import type { Direction, Fault, Heal } from './plan.ts';
import type { World } from './world.ts';

const MS = 1_000;
const ALL_CLOCKS: readonly ClockName[] = ['monotonic', 'boot', 'wall'];

/** Undoes a fault. */
type Undo = () => void;

const NOTHING: Undo = () => {};

/** Puts all faults of the plan on the scheduler, and the healing behind them. */
export function schedulePlan(world: World, healed: () => void): void {
  const { plan, scheduler } = world;
  for (const fault of plan.faults) {
    const at = Math.min(fault.at, plan.faultsMs);
    scheduler.at(at * MS, () => bring(world, fault));
  }
  scheduler.at(plan.faultsMs * MS, () => {
    heal(world, plan.heal);
    healed();
    // Behind what ends with the faults: a peer may have failed after what it failed for was over.
    scheduler.after(0, () => startAll(world));
  });
}

function startAll({ machines }: World): void {
  for (const machine of machines) machine.start();
}

function bring(world: World, fault: Fault): void {
  world.journal.note('fault', '', '', describeFault(fault));
  const undo = begin(world, fault);
  if (undo === NOTHING) return;
  const end = 'for' in fault ? fault.at + fault.for : fault.at;
  world.scheduler.at(Math.min(end, world.plan.faultsMs) * MS, () => {
    world.journal.note('healed', '', '', describeFault(fault));
    undo();
  });
}

function begin(world: World, fault: Fault): Undo {
  switch (fault.kind) {
    case 'cut':
    case 'flap':
    case 'clog':
    case 'delay':
    case 'loss':
    case 'capacity':
    case 'old-letters':
    case 'break':
      return beginOnLinks(world, fault);
    case 'rate':
    case 'step':
    case 'freeze':
    case 'suspend':
      return beginOnClocks(world, fault);
    case 'client':
      world.clients[fault.client]!.interrupt(fault.act);
      return NOTHING;
    case 'client-pause': {
      const { process } = world.clients[fault.client]!;
      process.pause();
      return () => process.goOn();
    }
    case 'pose':
      return pose(world, fault);
    default:
      return beginOnMachine(world, fault);
  }
}

function pose({ clients }: World, fault: Extract<Fault, { kind: 'pose' }>): Undo {
  const client = clients[fault.client]!;
  const session = client.pose(clients[fault.as]!, fault.machine);
  if (session === null || fault.client === fault.as) return NOTHING;
  return () => client.stopPosing(session);
}

type LinkFault = Extract<Fault, { links: readonly Direction[] } | { kind: 'break' }>;
type ClockFault = Extract<Fault, { kind: 'rate' | 'step' | 'freeze' | 'suspend' }>;
type MachineFault = Exclude<Fault, LinkFault | ClockFault | { client: number }>;

function beginOnLinks(world: World, fault: LinkFault): Undo {
  const { network } = world;
  switch (fault.kind) {
    case 'cut':
      return onEach(fault.links, (from, to) => {
        network.links.cut(from, to);
        return () => network.links.uncut(from, to);
      });
    case 'flap':
      return flap(world, fault.links, fault.periodMs);
    case 'clog':
      return onEach(fault.links, (from, to) => {
        network.links.clog(from, to);
        return () => network.links.unclog(from, to);
      });
    case 'delay':
      return onEach(fault.links, (from, to) => {
        network.links.link(from, to).addDelay(fault.delayUs);
        return () => network.links.link(from, to).removeDelay(fault.delayUs);
      });
    case 'loss':
      return onEach(fault.links, (from, to) => {
        network.links.link(from, to).changeLoss(fault.perMillion);
        return () => network.links.link(from, to).changeLoss(-fault.perMillion);
      });
    case 'capacity':
      return onEach(fault.links, (from, to) => {
        network.links.link(from, to).addCapacity(fault.bytesPerMs);
        return () => network.links.uncap(from, to, fault.bytesPerMs);
      });
    case 'old-letters':
      return onEach(fault.links, (from, to) => {
        network.links.link(from, to).lateUs = fault.lateMs * MS;
        return () => {
          network.links.link(from, to).lateUs = 0;
        };
      });
    case 'break':
      network.break(...fault.between);
      return NOTHING;
    default:
      return assertNever(fault);
  }
}

function onEach(links: readonly Direction[], on: (from: number, to: number) => Undo): Undo {
  const undos = links.map(([from, to]) => on(from, to));
  return () => {
    for (const undo of undos) undo();
  };
}

function flap(world: World, links: readonly Direction[], periodMs: number): Undo {
  const { network, scheduler } = world;
  let cut = false;
  let over = false;
  const toggle = () => {
    if (over && !cut) return;
    cut = !cut;
    for (const link of links) {
      if (cut) network.links.cut(...link);
      else network.links.uncut(...link);
    }
    if (!over) scheduler.after(periodMs * MS, toggle);
  };
  toggle();
  return () => {
    over = true;
    if (cut) toggle();
  };
}

function beginOnClocks(world: World, fault: ClockFault): Undo {
  const machine = world.machines[fault.machine]!;
  const { clock } = machine;
  switch (fault.kind) {
    case 'rate': {
      const usual = world.plan.gains[fault.machine] ?? 0;
      clock.change(fault.clocks, (one, now) => one.setGain(now, fault.gain));
      return () => clock.change(fault.clocks, (one, now) => one.setGain(now, usual));
    }
    case 'step':
      clock.change(fault.clocks, (one, now) => one.step(now, fault.byMs * MS));
      return NOTHING;
    case 'freeze':
      clock.change(fault.clocks, (one, now) => one.freeze(now));
      return () => clock.change(fault.clocks, (one, now) => one.thaw(now));
    case 'suspend': {
      const stopped = ALL_CLOCKS.filter((name) => name === 'monotonic' && !fault.counted);
      clock.change(stopped, (one, now) => one.freeze(now));
      machine.pause();
      return () => {
        clock.change(stopped, (one, now) => one.thaw(now));
        machine.goOn();
      };
    }
    default:
      return assertNever(fault);
  }
}

function beginOnMachine(world: World, fault: MachineFault): Undo {
  const machine = world.machines[fault.machine]!;
  const { disk } = machine;
  switch (fault.kind) {
    case 'crash':
      machine.crash(fault.kept, fault.power);
      return () => machine.start();
    case 'shutdown':
      machine.shutdown();
      return () => machine.start();
    case 'pause':
      machine.pause();
      return () => machine.goOn();
    case 'slow-sync':
      disk.syncUs = fault.syncUs;
      return () => {
        disk.syncUs = world.plan.syncUs;
      };
    case 'stuck-sync':
      disk.stick();
      return () => disk.unstick();
    case 'disk-full':
      disk.fill();
      return () => {
        disk.empty();
        machine.start();
      };
    case 'lose-directory':
      machine.loseDirectory();
      return NOTHING;
    case 'copy-directory':
      machine.copyDirectory();
      return NOTHING;
    case 'restore-directory':
      machine.restoreDirectory();
      return NOTHING;
    default:
      return assertNever(fault);
  }
}

/** What stays cut once the faults are over. */
function heal({ plan, network, journal }: World, how: Heal): void {
  journal.note('healed', '', '', JSON.stringify(how));
  const whole = (from: number, to: number): boolean => {
    if (how.kind === 'core') return how.machines.includes(from) && how.machines.includes(to);
    if (how.kind === 'star') return from === how.center || to === how.center;
    return true;
  };
  for (let from = 0; from < plan.machines; from++) {
    for (let to = 0; to < plan.machines; to++) {
      if (from !== to && !whole(from, to)) network.links.cut(from, to);
    }
  }
}

/** The machines whose peers reach a quorum of voters that reach them, once healed. */
export function servedMachines({ machines, heal: how }: World['plan']): number[] {
  const all = Array.from({ length: machines }, (_, index) => index);
  if (how.kind === 'core') return [...how.machines];
  if (how.kind === 'star') return [how.center];
  return all;
}

/** A fault in a line. */
export function describeFault(fault: Fault): string {
  const words = Object.entries(fault).map(([key, value]) => {
    if (key === 'kind') return value as string;
    if (key === 'links') return (value as Direction[]).map(describeLink).join(',');
    if (key === 'between') return describeLink(value as Direction);
    if (key === 'machine') return machineName(value as number);
    if (key === 'as') return `as ${clientName(value as number)}`;
    if (key === 'client') return clientName(value as number);
    return `${key}=${Array.isArray(value) ? value.join(',') : value}`;
  });
  return words.join(' ');
}

function describeLink([from, to]: Direction): string {
  return `${machineName(from)}>${machineName(to)}`;
}
